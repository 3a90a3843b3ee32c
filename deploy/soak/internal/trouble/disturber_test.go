package trouble

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"darkroom/deploy/local/fake/faults"
)

// fleet records what happens to its workers, and what S3 is told to refuse.
type fleet struct {
	mu       sync.Mutex
	events   []string
	refusals []faults.Refusal
	frozen   int
	gone     bool // true if no worker can be suspended
}

func (f *fleet) KillWorker(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, fmt.Sprint("kill ", i))
}

func (f *fleet) SuspendWorker(i int) (func(), error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gone {
		return nil, errors.New("it has ended")
	}
	f.frozen++
	f.events = append(f.events, fmt.Sprint("freeze ", i))
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.frozen--
	}, nil
}

func (f *fleet) refuse(_ context.Context, r faults.Refusal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusals = append(f.refusals, r)
	return nil
}

// disturb returns a disturber of three workers, the second of which renders two messages and forwards one.
func disturb(t *testing.T, f *fleet) *Disturber {
	t.Helper()
	d := &Disturber{Workers: f, Refuse: f.refuse, Processed: func(context.Context) int { return 100 }}
	for i := range 3 {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "# TYPE darkroom_slots_busy gauge\ndarkroom_slots_busy %d\n", i%2*2)
			fmt.Fprintf(w, "# TYPE darkroom_intake_slots_busy gauge\ndarkroom_intake_slots_busy %d\n", i%2)
		}))
		t.Cleanup(server.Close)
		d.Metrics = append(d.Metrics, server.URL)
	}
	return d
}

func TestDisturb(t *testing.T) {
	f := &fleet{}
	d := disturb(t, f)
	denied := faults.Refusal{Status: 403, Code: "AccessDenied"}
	d.Run(t.Context(), Plan{Kills: []moment{{after: 3}, {after: 50}}, freezes: []moment{{9, time.Millisecond}},
		outages: []outage{{moment: moment{5, time.Millisecond}, answer: denied}, {moment: moment{99, time.Millisecond}, policy: true, answer: denied}}})
	got, errs := d.Counts()
	if want := (Counts{Settings{Kills: 2, Freezes: 1, Credentials: 1, Policies: 1}, 9}); got != want || len(errs) > 0 {
		t.Errorf("%+v, %v, want %+v", got, errs, want)
	}
	slices.Sort(f.events)
	if !slices.Equal(f.events, []string{"freeze 1", "kill 1", "kill 1"}) || f.frozen != 0 {
		t.Errorf("%q, %d left frozen; want the busy worker to be disturbed", f.events, f.frozen)
	}
	if fmt.Sprint(f.refusals) != fmt.Sprint([]faults.Refusal{denied, {}, denied, {}}) {
		t.Errorf("refusals %v", f.refusals)
	}
}

// When the run ends early, no worker stays frozen and S3 refuses nobody.
func TestDisturbEnds(t *testing.T) {
	f := &fleet{}
	d := disturb(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	d.Processed = func(context.Context) int {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.frozen > 0 && len(f.refusals) > 0 {
			cancel()
		}
		return 100
	}
	d.Run(ctx, Plan{freezes: []moment{{1, time.Hour}, {2, time.Hour}}, outages: []outage{{moment: moment{1, time.Hour}, answer: faults.Refusal{Status: 403}}},
		Kills: slices.Repeat([]moment{{after: 1}}, 10_000)})
	got, errs := d.Counts()
	if f.frozen != 0 || len(f.refusals) != 2 || f.refusals[1].Status != 0 || got.Freezes != 0 || len(errs) > 0 {
		t.Errorf("%d frozen, refusals %v, %+v, %v", f.frozen, f.refusals, got, errs)
	}
}

// A freeze that fails is not counted. An outage that cannot begin is an error.
func TestDisturbFails(t *testing.T) {
	f := &fleet{gone: true}
	d := disturb(t, f)
	d.Refuse = func(context.Context, faults.Refusal) error { return errors.New("no answer") }
	d.Run(t.Context(), Plan{freezes: []moment{{1, time.Hour}}, outages: []outage{{moment: moment{1, 0}}}})
	if got, errs := d.Counts(); got != (Counts{}) || len(errs) != 1 {
		t.Errorf("%+v, %v", got, errs)
	}
}
