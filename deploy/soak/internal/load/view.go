package load

import (
	"context"
	"fmt"
	"time"

	"darkroom/worker/photo"
	"darkroom/worker/wait"
)

// viewTimeout is the longest wait for a photo that is viewed before it is removed.
const viewTimeout = 2 * time.Minute

// view waits until the photo is ready and reads its variants, as a page does. The CDN then has copies of them.
func (l *Loader) view(ctx context.Context, u *Upload) error {
	for deadline := time.Now().Add(viewTimeout); ; {
		now, err := l.Target.API.State(ctx, u.StatusURL)
		if err != nil {
			return err
		}
		if now.State == photo.Ready {
			for _, v := range now.Variants {
				if _, err := l.Target.API.Download(ctx, v); err != nil {
					return fmt.Errorf("view %s: %w", u.Ref, err)
				}
				u.Views = append(u.Views, v.URL)
			}
			return nil
		}
		// The workers may be in an outage. The photo is then removed without a view.
		if time.Now().After(deadline) {
			return nil
		}
		if err := wait.For(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}
