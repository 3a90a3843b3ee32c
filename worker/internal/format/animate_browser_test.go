package format

import (
	"testing"
	"time"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// TestAnimationsInBrowser checks that Chromium shows the frames of a lossless WebP and of a GIF as they were written,
// with their durations and number of plays.
func TestAnimationsInBrowser(t *testing.T) {
	page := browser.Start(t).Open(t, browser.SecureURL(t), browser.View{})
	frames := scribbles(33, 21, 8, true, 5)
	for i := range frames { // a GIF has hundredths of a second
		frames[i].d = frames[i].d.Round(10 * time.Millisecond)
	}
	for _, f := range []photo.Format{photo.WebP, photo.GIF} {
		for _, plays := range []int{0, 1, 4} {
			file := writeAnimation(t, f, AnimationOptions{Size: raster.Size{Width: 33, Height: 21}, Loops: plays, Lossless: true}, frames)
			got, trouble := page.Animation(f.ContentType(), file)
			if trouble != "" || got.Plays != plays {
				t.Errorf("%s: plays %d times, want %d; %s", f, got.Plays, plays, trouble)
				continue
			}
			var shown []shownFrame
			for _, frame := range got.Frames {
				shown = append(shown, shownFrame{frame.Image, frame.Duration})
			}
			compareShown(t, string(f), frames, shown, 0)
		}
	}
}
