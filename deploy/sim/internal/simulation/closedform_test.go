package simulation

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/arrivals"
	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/closedform"
	"darkroom/worker/scaling"
)

// bare returns a system with a fixed number of workers, in which only rendering takes time.
func bare(workers, processors int, photoTime time.Duration) Config {
	aws := Default()
	aws.EventMedian, aws.Call, aws.SlowStarts = 0, 0, 0
	aws.Visible, aws.InFlight, aws.Tasks = minuteLate, minuteLate, minuteLate
	return Config{
		Seed: 1, AWS: aws, PointInterval: time.Minute, Policies: autoscaling.Config{Bounds: scaling.Bounds{Min: workers, Max: workers}},
		Worker: Worker{Processors: processors, Slots: processors, PhotoTime: photoTime, Stall: time.Second, MaxReceives: 5,
			Visibility: 30 * time.Second, DrainTimeout: time.Minute, StopTimeout: 2 * time.Minute, Linger: 30 * time.Second},
		Fleet: Fleet{OnDemandWeight: 1, VCPU: float64(processors), MemoryGB: 2 * float64(processors)},
	}
}

func checkClose(t *testing.T, what string, got, want time.Duration, part float64) {
	t.Helper()
	if math.Abs(got.Seconds()/want.Seconds()-1) > part {
		t.Errorf("%s: %v, want %v within %v %%", what, got, want, part*100)
	}
}

// TestMeanWait compares the mean wait with the closed form of M/D/c, within 5 %. Several workers with several
// processors are not M/D/c: a worker receives a photo for each free slot, even while another worker is idle.
func TestMeanWait(t *testing.T) {
	const service = 100 * time.Millisecond
	for _, c := range []struct {
		workers, processors int
		load                float64
	}{{1, 1, 0.7}, {1, 4, 0.8}, {8, 1, 0.9}, {16, 1, 0.95}} {
		t.Run(fmt.Sprintf("%dx%d at %v", c.workers, c.processors, c.load), func(t *testing.T) {
			servers := c.workers * c.processors
			rate := c.load * float64(servers) / service.Seconds()
			const photos = 200_000
			config := bare(c.workers, c.processors, service)
			config.Arrivals = arrivals.Draw(1, photos, 0, time.Duration(photos/rate*float64(time.Second)), arrivals.Flat)
			config.WarmUp = config.Arrivals[photos/20]
			r, err := Run(config)
			if err != nil {
				t.Fatal(err)
			}
			want, err := closedform.MeanWait(rate, service, servers)
			if err != nil {
				t.Fatal(err)
			}
			checkClose(t, "mean wait", r.Mean-service, want, 0.05)
		})
	}
}

// TestDrain compares the time to drain a full queue with the fluid limit, within 5 %.
func TestDrain(t *testing.T) {
	for _, c := range []struct {
		arriving float64 // photos a second while the queue drains
		workers  int
		spread   float64
	}{{0, 1, 0}, {0, 10, 0.5}, {100, 10, 0.5}, {1500, 100, 1}} {
		config := bare(c.workers, 2, 100*time.Millisecond)
		config.Worker.Slots, config.Worker.Spread = 8, c.spread
		config.Worker.Transfer = 150 * time.Millisecond
		queue := 20_000 * c.workers / 10
		want := closedform.Drain(float64(queue), c.arriving, c.workers, 20)
		config.Arrivals = append(make([]time.Duration, queue), arrivals.Draw(1, int(c.arriving*want.Seconds()), 0, want, arrivals.Flat)...)
		r, err := Run(config)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, fmt.Sprintf("%+v: drained", c), r.Settled, want, 0.05)
	}
}

func TestSameSeedSameResult(t *testing.T) {
	config := bare(4, 2, 100*time.Millisecond)
	config.Worker.Spread, config.AWS = 0.5, Default()
	config.Arrivals = arrivals.Draw(1, 10_000, 0, 3*time.Minute, arrivals.Flat)
	run := func(seed uint64) *Result {
		config.Seed = seed
		r, err := Run(config)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b, other := run(1), run(1), run(2)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed gives different results")
	}
	if reflect.DeepEqual(a, other) {
		t.Error("different seeds give the same result")
	}
}
