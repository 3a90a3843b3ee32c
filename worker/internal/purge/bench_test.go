package purge_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/purge"
	"darkroom/worker/internal/purge/purgetest"
	"darkroom/worker/internal/queue/queuetest"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

// bench is a queue, a CDN and a bucket, with loops that work on them. It lives in a synctest bubble.
type bench struct {
	t        *testing.T
	queue    *queuetest.Memory
	cdn      *purgetest.Memory
	bucket   *storetest.Memory
	requests *purge.Requests
	registry *prometheus.Registry
	metrics  *purge.Metrics
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, queue: queuetest.NewMemory(0), cdn: &purgetest.Memory{Delay: 20 * time.Second}, bucket: storetest.NewMemory(), registry: prometheus.NewRegistry()}
	b.metrics = purge.NewMetrics(b.registry)
	b.requests = purge.NewRequests(b.queue, b.metrics)
	return b
}

// start runs a loop until stop is called.
func (b *bench) start() (stop func()) {
	ctx, cancel := context.WithCancel(b.t.Context())
	loop := purge.NewLoop(purge.Config{PollWait: 20 * time.Second, Metrics: b.metrics}, b.queue, b.cdn, purge.NewBucket(b.bucket))
	var running sync.WaitGroup
	running.Go(func() { loop.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	b.t.Cleanup(stop)
	return stop
}

func ref(board string, n int) photo.Ref {
	return photo.Ref{Board: photo.Board(board), ID: photo.ID(fmt.Sprintf("%032x", n))}
}

// erase stores the tombstone of a photo that has no other object in the bucket and one copy in the cache, and requests
// its purge.
func (b *bench) erase(ref photo.Ref) (cached func() bool) {
	b.t.Helper()
	cached = b.cdn.Cache(strings.Split(ref.CacheTags(), ",")...)
	now := time.Now().UTC()
	m := photo.Tombstone(ref, now)
	m.Erasure = &photo.Erasure{ListedAt: now, ErasedAt: now, Purge: &photo.Purge{RequestedAt: now}}
	b.put(m)
	if err := b.requests.RequestPurge(b.t.Context(), ref); err != nil {
		b.t.Fatal(err)
	}
	return cached
}

func (b *bench) put(m *photo.Manifest) {
	b.t.Helper()
	text, err := m.MarshalIndented()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.bucket.Put(b.t.Context(), m.Ref().ManifestKey(), store.Content{Body: text}); err != nil {
		b.t.Fatal(err)
	}
}

// purgedAt returns when the tombstone says that the photo was purged.
func (b *bench) purgedAt(ref photo.Ref) time.Time {
	b.t.Helper()
	m, err := photo.ParseManifest(ref, b.bucket.Stored(ref.ManifestKey()))
	if err != nil {
		b.t.Fatal(err)
	}
	return m.Erasure.Purge.PurgedAt
}

func (b *bench) messagesLeft() int {
	visible, inFlight := b.queue.Counts()
	return visible + inFlight
}

// count returns the value of a counter.
func (b *bench) count(name string, labels ...string) float64 {
	families, err := b.registry.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			var values []string
			for _, l := range m.Label {
				values = append(values, l.GetValue())
			}
			if f.GetName() == name && slices.Equal(values, labels) {
				return m.Counter.GetValue()
			}
		}
	}
	b.t.Fatalf("no counter %s %v", name, labels)
	return 0
}
