package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/soak/internal/check"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/deploy/soak/internal/trouble"
	"darkroom/worker/photo"
)

// good returns the result of a run without faults.
func good() *Result {
	u := &load.Upload{Ref: photo.Ref{Board: "cats", ID: photo.NewID()}, Sent: time.Unix(100, 0), Step: load.Step{Reupload: true}, SecondStatus: 412}
	u.Want.State = photo.Ready
	return &Result{Seed: 7, Uploads: []*load.Upload{u}, Took: time.Second, Memory: 100 << 20, Disturbed: trouble.Counts{Settings: trouble.Settings{Kills: 1}, Interrupted: 2},
		Manifests:   map[photo.ID]*photo.Manifest{u.Ref.ID: {Created: time.Unix(101, 0)}},
		DeadLetters: check.DeadLetters{Planted: 2, Found: 2}, Processes: system.Processes{Peak: 50 << 20, BeforeRun: 10, AfterRun: 30},
		Work: check.RepeatedWork{Extra: 3, Explained: 1, Interrupted: 2}}
}

// Every fault is a flaw, and is printed.
func TestFlaws(t *testing.T) {
	if flaws := good().Flaws(); len(flaws) > 0 {
		t.Fatalf("flaws of a good run: %q", flaws)
	}
	cases := map[string]func(*Result){
		"not checked: no answer": func(r *Result) { r.Unchecked = errors.New("no answer") },
		"not drained":            func(r *Result) { r.Undrained = errors.New("not drained") },
		"1 upload failed":        func(r *Result) { r.Failed = append(r.Failed, &load.Upload{Err: errors.New("403")}) },
		"not refused with 412":   func(r *Result) { r.Uploads[0].SecondStatus = 200 },
		"dead letters: 1 of 2":   func(r *Result) { r.DeadLetters.Found = 1 },
		"1 other":                func(r *Result) { r.DeadLetters.Unexpected = []system.Letter{{Body: "an event"}} },
		"3 duplicates, but kills, freezes and faults of SQS explain only 1": func(r *Result) { r.DeadLetters.Copies = 3 },
		"1 photo processed again": func(r *Result) { r.Work.Extra++ },
		"119 goroutines":          func(r *Result) { r.Processes.AfterRun = 119 },
		"a worker used 101 MiB":   func(r *Result) { r.Processes.Peak = 101 << 20 },
		"2 lost": func(r *Result) {
			r.Findings = []check.Finding{{Fault: check.Lost, Key: "k", Text: "t"}, {Fault: check.Lost, Key: "k2", Text: "t"}}
		},
		"1 corrupt":    func(r *Result) { r.Findings = []check.Finding{{Fault: check.Corrupt, Key: "k", Text: "t"}} },
		"1 stale":      func(r *Result) { r.Findings = []check.Finding{{Fault: check.Stale, Key: "k", Text: "t"}} },
		"1 unexpected": func(r *Result) { r.Findings = []check.Finding{{Fault: check.Unexpected, Key: "k", Text: "t"}} },
		"1 wrong":      func(r *Result) { r.Findings = []check.Finding{{Fault: check.Wrong, Key: "k", Text: "t"}} },
	}
	for want, spoil := range cases {
		r := good()
		spoil(r)
		var out bytes.Buffer
		r.Write(&out)
		if flaws := r.Flaws(); len(flaws) != 1 || !strings.Contains(flaws[0], want) || !strings.Contains(out.String(), "WRONG  "+flaws[0]) {
			t.Errorf("%s: flaws %q in:\n%s", want, flaws, out.String())
		}
	}
	r := good()
	r.DeadLetters.Copies, r.Disturbed.Freezes = 3, 2
	if flaws := r.Flaws(); len(flaws) > 0 {
		t.Errorf("freezes explain no duplicates: flaws %q", flaws)
	}
	// Faults of SQS can explain a duplicate of a bad message.
	r = good()
	r.DeadLetters.Copies, r.Work.Injected = 3, map[string]int{"sqs-lost": 2}
	if flaws := r.Flaws(); len(flaws) > 0 {
		t.Errorf("flaws %q", flaws)
	}
}

func TestReportAndSummary(t *testing.T) {
	var out bytes.Buffer
	bad := good()
	bad.Seed, bad.Findings = 8, []check.Finding{{Fault: check.Lost, Key: "cats/1", Text: "there is no manifest"}}
	bad.Uploads[0].HEIC = true
	bad.Write(&out)
	Summarise(&out, []*Result{good(), bad})
	for _, want := range []string{"SEED 8", "1 ready; 1 of them uploaded a second time", "p50 1s, p90 1s, p99 1s, max 1s", "  HEIC", "  other formats", "lost  cats/1: there is no manifest", "at most 50 MiB",
		"7     1       1s    0", "ok", "WRONG"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestPercentile(t *testing.T) {
	var all []time.Duration
	for i := range 100 {
		all = append(all, time.Duration(i))
	}
	for p, want := range map[float64]time.Duration{50: 50, 99: 99, 100: 99, 0: 0} {
		if got := percentile(all, p); got != want {
			t.Errorf("%v: %d, want %d", p, got, want)
		}
	}
	if percentile(nil, 50) != 0 {
		t.Error("of nothing")
	}
}
