package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
	"darkroom/deploy/testkit/race"
)

// small is the scenario noisy with the same photos a second, for a shorter time.
func small(f flood) scenario {
	f.photos, f.at, f.over = 20_000, 3*time.Minute, 12*time.Second
	over := 6 * time.Minute
	return scenario{name: "noisy", over: over, warmUp: f.at, photos: f.total(over), flood: &f}
}

// While one board floods, 99 of 100 photos of the others are ready within 15 s, S3's late events apart. With one queue
// they wait for the flood. The last photos of the flood are later, because all workers together have not more time than
// before: nothing waits any more at the same moment.
func TestFloodDoesNotDelayOthers(t *testing.T) {
	loads := []flood{noisy, noisy}
	loads[0].boards = 20 // so few that one or two workers are enough for them, which have fewer than 30 messages
	for i := 0; i < len(loads); i += race.Every(2) {
		f := loads[i]
		t.Run(fmt.Sprint(f.boards, " boards"), func(t *testing.T) {
			t.Parallel()
			flags := flags()
			flags.Photos.LateEvents, flags.Queues = 0, 2
			p := playOne(t, small(f), flags, nil)
			if ready := p.fair.others.Ready; ready.P99 > 15*time.Second || p.fair.others.Counted < 20*f.boards {
				t.Errorf("of %d photos of the others 99 %% are ready after %v, want 15 s", p.fair.others.Counted, ready.P99)
			}
			if one := p.oneQueue.others.Ready; one.P99 < 45*time.Second {
				t.Errorf("with one queue 99 %% are ready after %v, so the flood shows nothing", one.P99)
			}
			if p.fair.flood.Counted != p.flood.photos || p.fair.empty > p.oneQueue.empty*11/10 {
				t.Errorf("%d photos of the flood; nothing waits after %v, with one queue after %v", p.fair.flood.Counted, p.fair.empty, p.oneQueue.empty)
			}
			if more := p.fair.cost.SQS - p.oneQueue.cost.SQS; more > 1.20 || more < 0.2 {
				t.Errorf("SQS costs %.2f dollars more a million photos", more)
			}
		})
	}
}

// Forwarding costs at most 1.20 dollars a million photos, also with many tasks, whose batches are smaller. That is all
// services together, because a photo that is forwarded also holds tasks.
func TestForwardingIsCheap(t *testing.T) {
	sets := []map[string]string{nil, {"MaxTasks": "50"}}
	for i := 0; i < len(sets); i += race.Every(2) {
		t.Run(fmt.Sprint(sets[i]), func(t *testing.T) {
			t.Parallel()
			f := flags()
			f.Photos.LateEvents = 0
			p := playOne(t, small(noisy), f, sets[i])
			if p.config.Routing == nil {
				t.Fatal("the template has one queue")
			}
			if more := p.fair.cost.Sum() - p.oneQueue.cost.Sum(); more > 1.20 {
				t.Errorf("two queues cost %.2f dollars more a million photos: %+v, with one queue %+v", more, p.fair.cost, p.oneQueue.cost)
			}
			if more := p.fair.requests - p.oneQueue.requests; more < 1 || more > 3 {
				t.Errorf("a photo takes %.2f requests more", more)
			}
		})
	}
}

// The others wait for the flood in the events if the workers route too slowly.
func TestRoutingMustBeFast(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	sys, err := flags().configure(tmpl, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	sys.config.AWS.LateEvents = 0
	sys.config.Routing = simulation.DefaultRouting()
	sys.config.Routing.Slots = 1
	few := noisy
	few.boards = 20
	p, err := small(few).play(sys, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.fair.others.Ready.P99 < 20*time.Second {
		t.Errorf("99 %% of the others are ready after %v although a worker routes one event at a time", p.fair.others.Ready.P99)
	}
}

// While hardly anything is uploaded, photos take the short way, and the second queue costs next to no requests for
// them.
func TestShortWayWhereNothingWaits(t *testing.T) {
	f := flags()
	s := scenario{name: "calm", photos: 300, over: 5 * time.Hour}
	requests := map[int]int{}
	for _, f.Queues = range []int{1, 2} {
		p := playOne(t, s, f, nil)
		if p.P50 > 3*time.Second {
			t.Errorf("%d queues: p50 %v", f.Queues, p.P50)
		}
		requests[f.Queues] = p.Requests
	}
	idle := (requests[1] - 3*s.photos) * 2 // an idle worker polls two queues instead of one
	if perPhoto := float64(requests[2]-idle) / float64(s.photos); perPhoto < 3 || perPhoto > 4 {
		t.Errorf("a photo takes %.2f requests, want 3 as with one queue", perPhoto)
	}
}

func TestFloodUploads(t *testing.T) {
	f := flood{boards: 3, every: time.Second, photos: 500, at: 4 * time.Second, over: 2 * time.Second}
	arrivals, boards := f.draw(1, time.Minute, 10*time.Second)
	if len(arrivals) != f.total(10*time.Second) || len(boards) != len(arrivals) || !slices.IsSorted(arrivals) {
		t.Fatalf("%d uploads, %d boards, want %d in order", len(arrivals), len(boards), f.total(10*time.Second))
	}
	count := map[int32]int{}
	for i, b := range boards {
		count[b]++
		if at := arrivals[i] - time.Minute; b == floodBoard && (at < f.at || at >= f.at+f.over) {
			t.Errorf("the flood uploads after %v", at)
		}
	}
	for b := range int32(5) {
		want := map[int32]int{floodBoard: 500, 2: 10, 3: 10, 4: 10}[b]
		if count[b] != want {
			t.Errorf("board %d uploads %d photos, want %d", b, count[b], want)
		}
	}
}

func TestFloodReport(t *testing.T) {
	p := &played{scenario: scenario{name: "noisy", flood: &noisy}}
	p.fair.others.Ready.P99, p.oneQueue.others.Ready.P99, p.oneQueue.empty = 7*time.Second, 4*time.Minute, 6*time.Minute
	var out bytes.Buffer
	writeFloods(&out, [][]*played{{{scenario: scenario{name: "burst"}}}, {p}})
	for _, want := range []string{"two queues", "one queue", "7.0s", "4m00s", "6m00s", "nothing waits after"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from the report:\n%s", want, out.String())
		}
	}
}

func TestQueues(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	f := flags()
	for queues, want := range map[int]string{-1: "--queues", 0: "", 1: "", 2: "", 3: "--queues"} {
		f.Queues = queues
		sys, err := f.configure(tmpl, nil, true)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d queues: error %v, want %q", queues, err, want)
		}
		if err == nil && queues > 0 && (sys.config.Routing != nil) != (queues == 2) {
			t.Errorf("%d queues: routing %+v", queues, sys.config.Routing)
		}
	}
}
