package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/client"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// TestFloodEndsAtTheDoor sends many requests for one board at once. The API issues exactly as many tokens as the quota
// allows and refuses the rest before anything is uploaded. Another board is not affected.
func TestFloodEndsAtTheDoor(t *testing.T) {
	t.Parallel()
	const limit, flood = 7, 40
	s := startSystem(t, func(c *stack.Config) { c.Quotas = fmt.Sprintf(`{"board": {"photosPerDay": %d}}`, limit) })
	bearer := s.token(t, "ann", "flood")
	body := `{"contentType":"image/jpeg","contentLength":1000}`
	var issued, refused atomic.Int64
	var all errgroup.Group
	all.SetLimit(8)
	for range flood {
		all.Go(func() error {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.API+contract.UploadsPath("flood"), strings.NewReader(body))
			if err != nil {
				return err
			}
			req.Header.Set("Authorization", "Bearer "+bearer)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			switch resp.StatusCode {
			case http.StatusCreated:
				issued.Add(1)
			case http.StatusTooManyRequests:
				refused.Add(1)
				var p contract.Problem
				if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Slug() != contract.ProblemQuotaExceeded || resp.Header.Get("Retry-After") == "" {
					return fmt.Errorf("%+v, %v, %v", p, resp.Header, err)
				}
			default:
				return fmt.Errorf("status %d", resp.StatusCode)
			}
			if got, want := resp.Header.Get(contract.RateLimitPolicyHeader), fmt.Sprintf(`"board-photos-day";q=%d;w=86400`, limit); got != want {
				return fmt.Errorf("policy %s, want %s", got, want)
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	if issued.Load() != limit || refused.Load() != flood-limit {
		t.Errorf("%d issued and %d refused, want %d and %d", issued.Load(), refused.Load(), limit, flood-limit)
	}
	small, err := samples.Small(1)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.client(t, "quiet").Upload(t.Context(), client.FromBytes(small.Name, small.ContentType, small.Bytes))
	if err != nil || out.State != photo.Ready {
		t.Errorf("another board: %+v, %v", out, err)
	}
}
