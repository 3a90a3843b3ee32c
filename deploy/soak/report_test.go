package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/photo"
)

// good returns the result of a run without faults.
func good() *result {
	u := &upload{ref: photo.Ref{Board: "cats", ID: photo.NewID()}, sent: time.Unix(100, 0), step: step{reupload: true}, second: 412}
	u.want.State = photo.Ready
	return &result{seed: 7, uploads: []*upload{u}, took: time.Second, memory: 100 << 20, disturbed: disturbed{disturbances{Kills: 1}, 2},
		manifests: map[photo.ID]*photo.Manifest{u.ref.ID: {Created: time.Unix(101, 0)}},
		letters:   letterCount{planted: 2, found: 2}, processes: processes{peak: 50 << 20, idle: 10, left: 30},
		work: work{extra: 3, explained: 1, interrupted: 2}}
}

// Every fault is a flaw, and is printed.
func TestFlaws(t *testing.T) {
	if flaws := good().flaws(); len(flaws) > 0 {
		t.Fatalf("flaws of a good run: %q", flaws)
	}
	cases := map[string]func(*result){
		"not checked: no answer": func(r *result) { r.unchecked = errors.New("no answer") },
		"not drained":            func(r *result) { r.undrained = errors.New("not drained") },
		"1 upload failed":        func(r *result) { r.failed = append(r.failed, &upload{err: errors.New("403")}) },
		"not refused with 412":   func(r *result) { r.uploads[0].second = 200 },
		"dead letters: 1 of 2":   func(r *result) { r.letters.found = 1 },
		"1 other":                func(r *result) { r.letters.strangers = []letter{{body: "an event"}} },
		"3 duplicates, but kills, freezes and faults of SQS explain only 1": func(r *result) { r.letters.copies = 3 },
		"1 photo processed again": func(r *result) { r.work.extra++ },
		"119 goroutines":          func(r *result) { r.processes.left = 119 },
		"a worker used 101 MiB":   func(r *result) { r.processes.peak = 101 << 20 },
		"2 lost":                  func(r *result) { r.findings = []finding{{lost, "k", "t"}, {lost, "k2", "t"}} },
		"1 corrupt":               func(r *result) { r.findings = []finding{{corrupt, "k", "t"}} },
		"1 stale":                 func(r *result) { r.findings = []finding{{stale, "k", "t"}} },
		"1 unexpected":            func(r *result) { r.findings = []finding{{unexpected, "k", "t"}} },
		"1 wrong":                 func(r *result) { r.findings = []finding{{wrong, "k", "t"}} },
	}
	for want, spoil := range cases {
		r := good()
		spoil(r)
		var out bytes.Buffer
		r.write(&out)
		if flaws := r.flaws(); len(flaws) != 1 || !strings.Contains(flaws[0], want) || !strings.Contains(out.String(), "WRONG  "+flaws[0]) {
			t.Errorf("%s: flaws %q in:\n%s", want, flaws, out.String())
		}
	}
	r := good()
	r.letters.copies, r.disturbed.Freezes = 3, 2
	if flaws := r.flaws(); len(flaws) > 0 {
		t.Errorf("freezes explain no duplicates: flaws %q", flaws)
	}
	// Faults of SQS can explain a duplicate of a bad message.
	r = good()
	r.letters.copies, r.work.sqs.Injected = 3, map[faults.Kind]int{faults.Lost: 2}
	if flaws := r.flaws(); len(flaws) > 0 {
		t.Errorf("flaws %q", flaws)
	}
}

func TestReportAndSummary(t *testing.T) {
	var out bytes.Buffer
	bad := good()
	bad.seed, bad.findings = 8, []finding{{lost, "cats/1", "there is no manifest"}}
	bad.uploads[0].heic = true
	bad.write(&out)
	summarise(&out, []*result{good(), bad})
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
