package e2e

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/stack"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// TestErasedFromCDN removes photos whose variants a CDN has cached. The workers are killed during the purge, and the
// CDN refuses it for a while.
func TestErasedFromCDN(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) {
		c.Versions, c.CDN, c.PurgeDelay = true, true, 2*time.Second
		c.Faults = &faults.Config{Seed: 1, CDNError: 0.2, CDNBusy: 0.2}
	})
	bearer := s.token(t, "ann", "cats")
	jpeg := small(t)
	one := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}
	get := func(url string) (int, string) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header.Get("X-Cache")
	}
	var urls []string
	grants := s.requestUploads(t, bearer, "cats", []contract.UploadRequest{one, one})
	for _, g := range grants {
		if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		var up contract.Upload
		s.call(t, bearer, "GET", g.OutcomeURL, http.StatusOK, &up)
		if up.State != "ready" || len(up.Variants) == 0 {
			t.Fatalf("%+v", up)
		}
		for _, v := range up.Variants {
			for _, want := range []string{"Miss from cloudfront", "Hit from cloudfront"} {
				if status, cache := get(v.URL); status != http.StatusOK || cache != want {
					t.Fatalf("GET %s: %d, %q, want %q", v.URL, status, cache, want)
				}
			}
			urls = append(urls, v.URL)
		}
	}
	refuse := faults.Refusal{Status: http.StatusForbidden, Code: "AccessDenied", Only: []string{"CreateInvalidation"}}
	if err := faults.Refuse(t.Context(), s.CDN, refuse); err != nil {
		t.Fatal(err)
	}
	s.call(t, bearer, "DELETE", grants[0].StatusURL, http.StatusNoContent, nil)
	eventually(t, "the CDN has refused a purge", func() bool { return s.log.contains("a purge failed and is retried") })
	if status, _ := get(urls[0]); status != http.StatusOK {
		t.Errorf("a cached variant before the purge: %d", status)
	}
	if err := faults.Refuse(t.Context(), s.CDN, faults.Refusal{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a purge has begun", func() bool { return s.log.contains("began a purge") })
	s.KillWorker(0)
	purged := func(g grant) bool {
		ref := photo.Ref{Board: "cats", ID: g.ID}
		key := ref.ManifestKey()
		out, err := s.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: new(fake.Variants), Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		defer out.Body.Close()
		m, err := photo.ReadManifest(ref, out.Body)
		if err != nil {
			t.Fatal(err)
		}
		return m.Erased() && m.Erasure.Purge != nil && !m.PurgePending()
	}
	eventually(t, "the tombstone says that the photo is purged", func() bool { return purged(grants[0]) })
	for i, url := range urls {
		want := http.StatusOK
		if i < len(urls)/2 {
			want = http.StatusForbidden
		}
		if status, _ := get(url); status != want {
			t.Errorf("GET %s: %d, want %d", url, status, want)
		}
	}
	eventually(t, "the purge queue is empty", func() bool { return s.depth(t, s.Purges).Total() == 0 })
}
