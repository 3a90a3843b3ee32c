package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// result is the result of one run.
type result struct {
	seed      uint64
	uploads   []*upload
	failed    []*upload // uploads that did not succeed
	took      time.Duration
	calm      time.Time // end of the last disturbance
	erasures  erasures
	undrained error
	unchecked error // why a part of the check failed
	swept     int   // variants that no manifest named, until the sweep removed them
	findings  []finding
	manifests map[photo.ID]*photo.Manifest
	letters   letterCount
	work      work
	disturbed disturbed
	processes processes
	memory    float64 // memory limit of a worker in bytes; 0: not checked
}

// count returns the number of findings of a fault.
func (r *result) count(f fault) (n int) {
	for _, x := range r.findings {
		if x.fault == f {
			n++
		}
	}
	return n
}

// flaws returns what is wrong with the run, a line for each kind.
func (r *result) flaws() (flaws []string) {
	flaw := func(when bool, format string, args ...any) {
		if when {
			flaws = append(flaws, fmt.Sprintf(format, args...))
		}
	}
	flaw(r.undrained != nil, "%v", r.undrained)
	flaw(r.unchecked != nil, "not checked: %v", r.unchecked)
	flaw(len(r.failed) > 0, "%s failed", plural.Count(len(r.failed), "upload"))
	for _, f := range allFaults {
		flaw(r.count(f) > 0, "%d %s", r.count(f), f)
	}
	flaw(r.unrefused() > 0, "%s with a used token not refused with 412", plural.Count(r.unrefused(), "second upload"))
	flaw(r.letters.found < r.letters.planted || len(r.letters.strangers) > 0, "dead letters: %s", r.letters)
	allowed := r.disturbed.Kills + r.disturbed.Freezes + r.work.sqsInjected()
	flaw(r.letters.copies > allowed, "dead letters: %s, but kills, freezes and faults of SQS explain only %d", plural.Count(r.letters.copies, "duplicate"), allowed)
	flaw(r.work.unexplained() > 0, "%s processed again without a cause", plural.Count(r.work.unexplained(), "photo"))
	flaw(r.processes.left > r.processes.idle+leakMargin, "a worker has %.0f goroutines after the run, and had %.0f before", r.processes.left, r.processes.idle)
	flaw(r.memory > 0 && r.processes.peak > r.memory, "a worker used %.0f MiB of memory, the limit is %.0f", r.processes.peak/(1<<20), r.memory/(1<<20))
	return flaws
}

// unrefused returns the number of second uploads with an answer other than 412.
func (r *result) unrefused() (wrong int) {
	for _, u := range r.uploads {
		if u.reupload && u.err == nil && u.second != 412 {
			wrong++
		}
	}
	return wrong
}

// latencies returns the sorted times from the end of an upload to the creation of its manifest. They compare the clocks
// of this machine and the worker's. Replaced photos are left out, because they had two manifests.
func (r *result) latencies() latencies { return r.latenciesOf(func(*upload) bool { return true }) }

// latenciesOf returns the latencies of some uploads.
func (r *result) latenciesOf(included func(*upload) bool) (all latencies) {
	for _, u := range r.uploads {
		if m := r.manifests[u.ref.ID]; m != nil && u.replace == 0 && u.removal.requests == 0 && included(u) {
			all = append(all, max(0, m.Created.Sub(u.sent)))
		}
	}
	slices.Sort(all)
	return all
}

// latencies are sorted.
type latencies []time.Duration

func (l latencies) String() string {
	return fmt.Sprintf("p50 %s, p90 %s, p99 %s, max %s", ms(percentile(l, 50)), ms(percentile(l, 90)), ms(percentile(l, 99)), ms(percentile(l, 100)))
}

// percentile returns a percentile of sorted values by the nearest rank.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(p/100*float64(len(sorted))))]
}

// refused is the name of the requests that were refused in outages.
const refused = "s3-" + string(faults.Refused)

// shown is the highest number of findings that are printed.
const shown = 25

// write prints a table of the run and its faults.
func (r *result) write(w io.Writer) {
	states := map[string]int{}
	sent := map[bool]int{}
	var deleted, removed, old int
	for _, u := range r.uploads {
		switch {
		case u.remove:
			deleted++
		case u.removal.requests > 0:
			removed++
		}
		if u.oldToken() {
			old++
		}
		if u.removed() {
			states["removed"]++
		} else {
			states[string(u.want.State)]++
		}
		sent[u.reupload]++
	}
	limit := ""
	if r.memory > 0 {
		limit = fmt.Sprintf(", the limit is %.0f", r.memory/(1<<20))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row(fmt.Sprintf("SEED %d", r.seed), "%s", r.speed())
	row("expected", "%s; %d of them uploaded a second time with the same token", counted(states), sent[true])
	row("removals", "%d in S3, %d with the API; the old token was used after %d of them", deleted, removed, old)
	for _, f := range allFaults {
		row(string(f), "%d", r.count(f))
	}
	row("erased", "%s", r.erasures)
	row("dead letters", "%s", r.letters)
	row("repeated work", "%s", r.work)
	d := r.disturbed
	row("workers", "%s and %s, with %s in progress", plural.Count(d.Kills, "kill"), plural.Count(d.Freezes, "freeze"), plural.Count(d.interrupted, "message"))
	row("outages", "%d of credentials and %d by bucket policies, with %s", d.Credentials, d.Policies, plural.Count(r.work.injected[refused], "refused request"))
	row("sweep", "removed %s that no manifest named", plural.Count(r.swept, "variant"))
	row("faults", "%s", counted(r.work.injected))
	row("requests a photo", "%s", r.work.perPhoto())
	row("upload to manifest", "%s", r.latencies())
	if heic := r.latenciesOf(func(u *upload) bool { return u.heic }); len(heic) > 0 {
		row("  HEIC", "%s", heic)
		row("  other formats", "%s", r.latenciesOf(func(u *upload) bool { return !u.heic }))
	}
	row("goroutines", "%.0f before the run, %.0f after it", r.processes.idle, r.processes.left)
	row("memory", "at most %.0f MiB%s", r.processes.peak/(1<<20), limit)
	t.Flush()
	for i, f := range r.findings {
		if i == shown {
			fmt.Fprintf(w, "... and %d more\n", len(r.findings)-shown)
			break
		}
		fmt.Fprintln(w, f)
	}
	for _, u := range r.failed[:min(len(r.failed), shown)] {
		fmt.Fprintf(w, "failed  %s: %v\n", u.ref, u.err)
	}
	for _, l := range r.letters.strangers[:min(len(r.letters.strangers), shown)] {
		fmt.Fprintf(w, "unexpected dead letter: %.300s\n", l.body)
	}
	for _, f := range r.flaws() {
		fmt.Fprintln(w, "WRONG ", f)
	}
	fmt.Fprintln(w)
}

// speed returns the time and the rate from the first upload to the empty queue.
func (r *result) speed() string {
	if r.took == 0 {
		return plural.Count(len(r.uploads), "photo") + ", not all of them finished"
	}
	return fmt.Sprintf("%s in %s: %.1f per second", plural.Count(len(r.uploads), "photo"), r.took.Round(100*time.Millisecond), float64(len(r.uploads))/r.took.Seconds())
}

func ms(d time.Duration) string { return d.Round(time.Millisecond).String() }

// counted formats counts, sorted by name.
func counted[K ~string](counts map[K]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[k], k))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// summarise prints a line for each run.
func summarise(w io.Writer, results []*result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SEED\tPHOTOS\tTIME\tLOST\tCORRUPT\tSTALE\tUNEXPECTED\tWRONG\tDLQ\tREPEATED\tNO CAUSE\tKILLS\tFREEZES\tOUTAGES\tREFUSED\tP50\tP99\tMAX\t")
	for _, r := range results {
		lat := r.latencies()
		verdict := "ok"
		if len(r.flaws()) > 0 {
			verdict = "WRONG"
		}
		fmt.Fprintf(t, "%d\t%d\t%s\t%d\t%d\t%d\t%d\t%d\t%d/%d+%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", r.seed, len(r.uploads), r.took.Round(100*time.Millisecond),
			r.count(lost), r.count(corrupt), r.count(stale), r.count(unexpected), r.count(wrong), r.letters.found, r.letters.planted, len(r.letters.strangers),
			r.work.extra, r.work.unexplained(), r.disturbed.Kills, r.disturbed.Freezes, r.disturbed.Credentials+r.disturbed.Policies, r.work.injected[refused], ms(percentile(lat, 50)), ms(percentile(lat, 99)), ms(percentile(lat, 100)), verdict)
	}
	t.Flush()
}
