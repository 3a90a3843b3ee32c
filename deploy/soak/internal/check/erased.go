package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/worker/plural"
)

// Erasures counts the photos that were removed with the API, and the requests for their content afterwards.
type Erasures struct {
	Photos, Viewed int // removed photos, and how many of them had been viewed before
	Requests       int // requests for variants, and versions found in S3
}

func (e Erasures) String() string {
	return fmt.Sprintf("%s removed with the API, %d of them viewed before; variants and versions checked afterwards: %d", plural.Count(e.Photos, "photo"), e.Viewed, e.Requests)
}

// ReadErased requests the variants that were viewed, and lists the versions of the photo's objects. It returns the number
// of both, and a finding for each variant or version that still exists.
func ReadErased(ctx context.Context, t *system.Target, u *load.Upload) (requests int, findings []Finding, err error) {
	found := func(key, format string, args ...any) {
		findings = append(findings, Finding{Readable, key, fmt.Sprintf(format, args...)})
	}
	for _, url := range u.Views {
		requests++
		status, cache, err := get(ctx, url)
		if err != nil {
			return requests, findings, err
		}
		if status == http.StatusOK {
			found(u.Ref.Key(), "the CDN serves a variant %s after the removal: %s", time.Since(u.Erased).Round(time.Second), cache)
		}
	}
	for _, in := range []struct {
		bucket system.Bucket
		prefix string
	}{{t.Originals, u.Ref.Key()}, {t.Variants, u.Ref.Prefix()}} {
		all, err := in.bucket.Versions(ctx, in.prefix)
		if err != nil {
			return requests, findings, err
		}
		for _, v := range all {
			requests++
			// A worker that was killed can leave an earlier tombstone, which holds nothing of the photo.
			if tombstone, err := v.IsTombstone(ctx, in.bucket, u.Ref); err != nil || tombstone {
				if err != nil {
					return requests, findings, err
				}
				continue
			}
			found(v.Key, "%s holds the version %q %s after the removal", in.bucket.Name, v.ID, time.Since(u.Erased).Round(time.Second))
		}
	}
	return requests, findings, nil
}

// get requests a URL, and returns the status and the header X-Cache of the CDN in lower case. The URL may be presigned,
// so errors do not contain it.
func get(ctx context.Context, url string) (status int, cache string, err error) {
	err = client.Retry(ctx, func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return errors.New("the URL of a variant cannot be parsed")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return client.Temporary(errors.New("read a variant of an erased photo: no response"))
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return client.Temporary(errors.New("read a variant of an erased photo: the response ends early"))
		}
		if status, cache = resp.StatusCode, strings.ToLower(resp.Header.Get("X-Cache")); status >= 500 {
			return client.Temporary(fmt.Errorf("read a variant of an erased photo: status %d", status))
		}
		return nil
	})
	return status, cache, err
}
