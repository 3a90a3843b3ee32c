package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/client"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/wait"
)

// erasures counts the photos that were removed with the API, and what was asked for of them afterwards.
type erasures struct {
	photos, viewed int // photos, and those of them whose variants had been read before
	asked          int // URLs of variants and versions in S3
}

func (e erasures) String() string {
	return fmt.Sprintf("%s removed with the API, %d of them seen before; %s asked for afterwards", plural.Count(e.photos, "photo"), e.viewed, plural.Count(e.asked, "URL"))
}

// viewTimeout bounds the wait for a photo that is to be seen before it is removed.
const viewTimeout = 2 * time.Minute

// view waits until the photo is ready and reads its variants, as a page does. A CDN then has them.
func (l *load) view(ctx context.Context, u *upload) error {
	for deadline := time.Now().Add(viewTimeout); ; {
		now, err := l.target.api.State(ctx, u.status)
		if err != nil {
			return err
		}
		if now.State == photo.Ready {
			for _, v := range now.Variants {
				if _, err := l.target.api.Download(ctx, v); err != nil {
					return fmt.Errorf("view %s: %w", u.ref, err)
				}
				u.views = append(u.views, v.URL)
			}
			return nil
		}
		// An outage of the workers is no fault of the photo.
		if time.Now().After(deadline) {
			return nil
		}
		if err := wait.For(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// checkErased waits until erasedWithin has passed since the photos were removed and since the last disturbance. It then
// asks S3 and the CDN for everything that there was of them.
func (s *soak) checkErased(ctx context.Context, r *result) error {
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(checkers)
	begun := time.Now()
	stop := s.progress.Follow(ctx, func() string {
		return fmt.Sprintf("seed %d: waiting for the time by which nothing of an erased photo may be left; %s so far", s.seed, time.Since(begun).Round(time.Second))
	})
	defer stop()
	for _, u := range r.uploads {
		if u.erased.IsZero() || u.err != nil {
			continue
		}
		from := u.erased
		if r.calm.After(from) {
			from = r.calm
		}
		if err := wait.Until(ctx, from.Add(s.erasedWithin)); err != nil {
			break // the error is that of a check, or the run is interrupted
		}
		g.Go(func() error {
			e, err := readAfter(ctx, s.target, u)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			r.erasures.photos++
			if len(u.views) > 0 {
				r.erasures.viewed++
			}
			r.erasures.asked += e.asked
			r.findings = append(r.findings, e.findings...)
			return nil
		})
	}
	return g.Wait()
}

// afterwards is what can be read of an erased photo.
type afterwards struct {
	asked    int
	findings []finding
}

// readAfter asks for the variants that were seen, and for every version of the photo's objects.
func readAfter(ctx context.Context, t *target, u *upload) (a afterwards, err error) {
	found := func(key, format string, args ...any) {
		a.findings = append(a.findings, finding{readable, key, fmt.Sprintf(format, args...)})
	}
	for _, url := range u.views {
		a.asked++
		status, cache, err := ask(ctx, url)
		if err != nil {
			return a, err
		}
		if status == http.StatusOK {
			found(u.ref.Key(), "the CDN serves a variant %s after the removal: %s", time.Since(u.erased).Round(time.Second), cache)
		}
	}
	for _, in := range []struct {
		bucket bucket
		prefix string
	}{{t.originals, u.ref.Key()}, {t.variants, u.ref.Prefix()}} {
		all, err := in.bucket.versions(ctx, in.prefix)
		if err != nil {
			return a, err
		}
		for _, v := range all {
			a.asked++
			// A worker that was killed can leave an earlier tombstone, which says nothing of the photo.
			if tombstone, err := v.tombstone(ctx, in.bucket, u.ref); err != nil || tombstone {
				if err != nil {
					return a, err
				}
				continue
			}
			found(v.key, "%s holds the version %q %s after the removal", in.bucket.name, v.id, time.Since(u.erased).Round(time.Second))
		}
	}
	return a, nil
}

// ask requests a URL and returns the status and what the CDN says about its cache. It never returns the URL in an
// error, which may be presigned.
func ask(ctx context.Context, url string) (status int, cache string, err error) {
	err = client.Retry(ctx, func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return errors.New("the URL of a variant cannot be parsed")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return client.Temporary(errors.New("read a variant of an erased photo: no answer"))
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return client.Temporary(errors.New("read a variant of an erased photo: the answer ends early"))
		}
		if status, cache = resp.StatusCode, strings.ToLower(resp.Header.Get("X-Cache")); status >= 500 {
			return client.Temporary(fmt.Errorf("read a variant of an erased photo: status %d", status))
		}
		return nil
	})
	return status, cache, err
}
