package e2e

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
)

// get returns the status and the body of the answer to a GET.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return exchange(t, req)
}

// TestS3ThatRefusesTheWorkerBurnsNoMessage has S3 answer all requests of the worker with an error, one kind after
// another, while photos arrive. Nobody intervenes: once S3 works again, every photo must become ready.
func TestS3ThatRefusesTheWorkerBurnsNoMessage(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.Faults = &faults.Config{} })
	for i, refusal := range []faults.Refusal{
		{Status: 403, Code: "AccessDenied"},
		{Status: 403, Code: "SignatureDoesNotMatch"},
		{Status: 400, Code: "KMS.DisabledException"},
		{Status: 301, Code: "PermanentRedirect"},
		{Status: 507},
		{Status: 403, Code: "AccessDenied", Only: []string{"PUT darkroom-variants"}},
	} {
		all := make([]samples.Sample, 4) // number of concurrent uploads
		for n := range all {
			small, err := samples.Small(uint64(100*i + n))
			if err != nil {
				t.Fatal(err)
			}
			all[n] = small
		}
		if err := faults.Refuse(t.Context(), s.FaultyS3, refusal); err != nil {
			t.Fatal(err)
		}
		var uploads sync.WaitGroup
		uploads.Go(func() {
			for n, out := range s.upload(t, all) {
				s.check(t, all[n], out)
			}
		})
		what := refusal.Code
		if what == "" {
			what = "507"
		}
		eventually(t, "the breaker opens for "+what, func() bool {
			status, why := get(t, s.Workers[0]+"/readyz")
			return status == http.StatusServiceUnavailable && strings.Contains(why, "breaker") && strings.Contains(why, what)
		})
		if status, why := get(t, s.Workers[0]+"/healthz"); status != http.StatusOK {
			t.Errorf("%s: not healthy, so that ECS would kill the worker: %s", what, why)
		}
		// The photos that come later wait in the queue, unreceived.
		eventually(t, "every photo is in a queue", func() bool { return s.depth(t, s.Queues()...).Total() == len(all) })
		if err := faults.Refuse(t.Context(), s.FaultyS3, faults.Refusal{}); err != nil {
			t.Fatal(err)
		}
		uploads.Wait()
		s.wantQueuesEmpty(t)
	}
}
