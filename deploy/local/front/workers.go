package front

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"darkroom/deploy/testkit/scrape"
)

// latency is the worker's histogram that is read. It counts each photo with an outcome once.
const latency = "darkroom_event_to_manifest_seconds"

// counts are the cumulative counts of a histogram by upper bound in seconds. The last bound is infinite.
type counts map[float64]float64

// workers reads the latency of every worker and adds up the increases, so that a worker that restarts at zero does not
// reduce the total. Only one goroutine at a time may use it.
type workers struct {
	urls   []string
	client *http.Client
	seen   map[string]counts // last counts by address
	total  counts
}

func newWorkers(urls []string) *workers {
	return &workers{urls: urls, client: &http.Client{}, seen: map[string]counts{}, total: counts{}}
}

// read returns the total of all workers since the first read, and how many workers answered.
func (w *workers) read(ctx context.Context) (total counts, answered int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	now := map[string]counts{}
	for _, u := range w.urls {
		all.Go(func() {
			var each sync.WaitGroup
			for _, address := range addresses(ctx, u) {
				each.Go(func() {
					if c, err := w.scrape(ctx, address); err == nil {
						mu.Lock()
						defer mu.Unlock()
						now[address] = c
					}
				})
			}
			each.Wait()
		})
	}
	all.Wait()
	for address, c := range now {
		w.add(address, c)
	}
	sum := counts{}
	for bound, n := range w.total {
		sum[bound] = n
	}
	return sum, len(now)
}

// add adds the increase of a worker's counts to the total. Its first counts are not an increase.
func (w *workers) add(address string, now counts) {
	before, ok := w.seen[address]
	w.seen[address] = now
	if !ok {
		return
	}
	restarted := false
	for bound, n := range now {
		restarted = restarted || n < before[bound]
	}
	for bound, n := range now {
		if !restarted {
			n -= before[bound]
		}
		w.total[bound] += n
	}
}

// addresses returns the URL of a worker with each IP address of its host name: a service name may stand for several
// containers. It returns none if the name cannot be resolved.
func addresses(ctx context.Context, worker string) []string {
	u, err := url.Parse(worker)
	if err != nil {
		return nil
	}
	hosts, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
	if err != nil {
		return nil
	}
	var all []string
	for _, h := range hosts {
		resolved := *u
		resolved.Host = h
		if u.Port() != "" {
			resolved.Host = net.JoinHostPort(h, u.Port())
		}
		all = append(all, resolved.String())
	}
	return all
}

func (w *workers) scrape(ctx context.Context, address string) (counts, error) {
	families, err := scrape.Families(ctx, w.client, address)
	if err != nil {
		return nil, err
	}
	f := families[latency]
	if f.GetType() != dto.MetricType_HISTOGRAM {
		return nil, fmt.Errorf("%s: no histogram %s", address, latency)
	}
	c := counts{}
	for _, m := range f.Metric {
		for _, b := range m.GetHistogram().GetBucket() {
			c[b.GetUpperBound()] += float64(b.GetCumulativeCount())
		}
	}
	return c, nil
}
