package scenario

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/system"
	"darkroom/deploy/sim/internal/template"
	"darkroom/deploy/testkit/race"
)

// small is the scenario noisy with the same photos a second, for a shorter time.
func small(f Flood) Scenario {
	f.Photos, f.At, f.Over = 20_000, 3*time.Minute, 12*time.Second
	over := 6 * time.Minute
	return Scenario{Name: "noisy", Over: over, WarmUp: f.At, Photos: f.Total(over), Flood: &f}
}

// TestFloodDoesNotDelayOthers has one board flood. 99 of 100 photos of the others are ready within 15 s, apart from S3's
// late events. With one queue they wait for the flood. The last photos of the flood are ready later than with one queue,
// because the workers have no more time than before: the queues are empty at the same moment.
func TestFloodDoesNotDelayOthers(t *testing.T) {
	loads := []Flood{Noisy, Noisy}
	loads[0].Boards = 20 // so few that one or two workers are enough for them, which have fewer than 30 messages
	for i := 0; i < len(loads); i += race.Every(2) {
		f := loads[i]
		t.Run(fmt.Sprint(f.Boards, " boards"), func(t *testing.T) {
			t.Parallel()
			flags := system.DefaultFlags(templateFile)
			flags.Photos.LateEvents, flags.Queues = 0, 2
			p := playOne(t, small(f), flags, nil)
			if ready := p.Fair.Others.Ready; ready.P99 > 15*time.Second || p.Fair.Others.Counted < 20*f.Boards {
				t.Errorf("of %d photos of the others 99 %% are ready after %v, want 15 s", p.Fair.Others.Counted, ready.P99)
			}
			if one := p.OneQueue.Others.Ready; one.P99 < 45*time.Second {
				t.Errorf("with one queue 99 %% are ready after %v, so the flood shows nothing", one.P99)
			}
			if p.Fair.Flood.Counted != p.Flood.Photos || p.Fair.Empty > p.OneQueue.Empty*11/10 {
				t.Errorf("%d photos of the flood; nothing waits after %v, with one queue after %v", p.Fair.Flood.Counted, p.Fair.Empty, p.OneQueue.Empty)
			}
			if more := p.Fair.Cost.SQS - p.OneQueue.Cost.SQS; more > 1.20 || more < 0.2 {
				t.Errorf("SQS costs %.2f dollars more a million photos", more)
			}
		})
	}
}

// TestForwardingIsCheap checks that forwarding costs at most 1.20 dollars a million photos, also with many tasks, whose
// batches are smaller. It compares the cost of all services, because a photo that is forwarded also holds tasks.
func TestForwardingIsCheap(t *testing.T) {
	sets := []map[string]string{nil, {"MaxTasks": "50"}}
	for i := 0; i < len(sets); i += race.Every(2) {
		t.Run(fmt.Sprint(sets[i]), func(t *testing.T) {
			t.Parallel()
			f := system.DefaultFlags(templateFile)
			f.Photos.LateEvents = 0
			p := playOne(t, small(Noisy), f, sets[i])
			if p.Config.Routing == nil {
				t.Fatal("the template has one queue")
			}
			if more := p.Fair.Cost.Sum() - p.OneQueue.Cost.Sum(); more > 1.20 {
				t.Errorf("two queues cost %.2f dollars more a million photos: %+v, with one queue %+v", more, p.Fair.Cost, p.OneQueue.Cost)
			}
			if more := p.Fair.Requests - p.OneQueue.Requests; more < 1 || more > 3 {
				t.Errorf("a photo takes %.2f requests more", more)
			}
		})
	}
}

// TestRoutingMustBeFast has workers route too slowly. The others then wait in the events queue, behind the flood.
func TestRoutingMustBeFast(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	sys, err := system.DefaultFlags(templateFile).Configure(tmpl, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	sys.Config.AWS.LateEvents = 0
	sys.Config.Routing = simulation.DefaultRouting()
	sys.Config.Routing.Slots = 1
	few := Noisy
	few.Boards = 20
	p, err := small(few).Play(sys, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Fair.Others.Ready.P99 < 20*time.Second {
		t.Errorf("99 %% of the others are ready after %v although a worker routes one event at a time", p.Fair.Others.Ready.P99)
	}
}

// TestShortWayWhereNothingWaits uploads hardly anything. The photos take the short way, and the second queue costs next
// to no requests for them.
func TestShortWayWhereNothingWaits(t *testing.T) {
	f := system.DefaultFlags(templateFile)
	s := Scenario{Name: "calm", Photos: 300, Over: 5 * time.Hour}
	requests := map[int]int{}
	for _, f.Queues = range []int{1, 2} {
		p := playOne(t, s, f, nil)
		if p.P50 > 3*time.Second {
			t.Errorf("%d queues: p50 %v", f.Queues, p.P50)
		}
		requests[f.Queues] = p.Requests
	}
	idle := (requests[1] - 3*s.Photos) * 2 // an idle worker polls two queues instead of one
	if perPhoto := float64(requests[2]-idle) / float64(s.Photos); perPhoto < 3 || perPhoto > 4 {
		t.Errorf("a photo takes %.2f requests, want 3 as with one queue", perPhoto)
	}
}

func TestFloodUploads(t *testing.T) {
	f := Flood{Boards: 3, Every: time.Second, Photos: 500, At: 4 * time.Second, Over: 2 * time.Second}
	arrivals, boards := f.draw(1, time.Minute, 10*time.Second)
	if len(arrivals) != f.Total(10*time.Second) || len(boards) != len(arrivals) || !slices.IsSorted(arrivals) {
		t.Fatalf("%d uploads, %d boards, want %d in order", len(arrivals), len(boards), f.Total(10*time.Second))
	}
	count := map[int32]int{}
	for i, b := range boards {
		count[b]++
		if at := arrivals[i] - time.Minute; b == floodBoard && (at < f.At || at >= f.At+f.Over) {
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
