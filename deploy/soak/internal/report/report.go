// Package report prints the result of a soak and says what is wrong with it.
package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/soak/internal/check"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/deploy/soak/internal/trouble"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// Result has everything that a run and its checks found.
type Result struct {
	Seed        uint64
	Uploads     []*load.Upload
	Failed      []*load.Upload // uploads that did not succeed
	Took        time.Duration
	Calm        time.Time // end of the last disturbance
	Erasures    check.Erasures
	Undrained   error
	Unchecked   error // errors of checks that failed
	Swept       int   // variants that no manifest named and that the sweep removed
	Findings    []check.Finding
	Manifests   map[photo.ID]*photo.Manifest
	DeadLetters check.DeadLetters
	Work        check.RepeatedWork
	Disturbed   trouble.Counts
	Processes   system.Processes
	Memory      float64 // memory limit of a worker in bytes; 0: not checked
}

// Count returns the number of findings of a fault.
func (r *Result) Count(f check.Fault) (n int) {
	for _, x := range r.Findings {
		if x.Fault == f {
			n++
		}
	}
	return n
}

// Flaws returns what is wrong with the run, a line for each kind.
func (r *Result) Flaws() (flaws []string) {
	flaw := func(when bool, format string, args ...any) {
		if when {
			flaws = append(flaws, fmt.Sprintf(format, args...))
		}
	}
	flaw(r.Undrained != nil, "%v", r.Undrained)
	flaw(r.Unchecked != nil, "not checked: %v", r.Unchecked)
	flaw(len(r.Failed) > 0, "%s failed", plural.Count(len(r.Failed), "upload"))
	for _, f := range check.Faults {
		flaw(r.Count(f) > 0, "%d %s", r.Count(f), f)
	}
	flaw(r.unrefused() > 0, "%s with a used token not refused with 412", plural.Count(r.unrefused(), "second upload"))
	flaw(r.DeadLetters.Found < r.DeadLetters.Planted || len(r.DeadLetters.Unexpected) > 0, "dead letters: %s", r.DeadLetters)
	allowed := r.Disturbed.Kills + r.Disturbed.Freezes + r.Work.SQSInjected()
	flaw(r.DeadLetters.Copies > allowed, "dead letters: %s, but kills, freezes and faults of SQS explain only %d", plural.Count(r.DeadLetters.Copies, "duplicate"), allowed)
	flaw(r.Work.Unexplained() > 0, "%s processed again without a cause", plural.Count(r.Work.Unexplained(), "photo"))
	flaw(r.Processes.AfterRun > r.Processes.BeforeRun+system.LeakMargin, "a worker has %.0f goroutines after the run, and had %.0f before", r.Processes.AfterRun, r.Processes.BeforeRun)
	flaw(r.Memory > 0 && r.Processes.Peak > r.Memory, "a worker used %.0f MiB of memory, the limit is %.0f", r.Processes.Peak/(1<<20), r.Memory/(1<<20))
	return flaws
}

// unrefused returns the number of second uploads with an answer other than 412.
func (r *Result) unrefused() (wrong int) {
	for _, u := range r.Uploads {
		if u.Reupload && u.Err == nil && u.SecondStatus != 412 {
			wrong++
		}
	}
	return wrong
}

// latencies returns the sorted times from the end of an upload to the creation of its manifest. They compare the clocks
// of this machine and the worker. Replaced photos are left out because they have two manifests, and removed ones because
// their manifest says only that.
func (r *Result) latencies() latencies { return r.latenciesOf(func(*load.Upload) bool { return true }) }

// latenciesOf returns the latencies of the included uploads.
func (r *Result) latenciesOf(included func(*load.Upload) bool) (all latencies) {
	for _, u := range r.Uploads {
		if m := r.Manifests[u.Ref.ID]; m != nil && u.Replace == 0 && u.Removal.Requests == 0 && included(u) {
			all = append(all, max(0, m.Created.Sub(u.Sent)))
		}
	}
	slices.Sort(all)
	return all
}

// latencies are sorted from the shortest to the longest.
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

// Refused is the key in the counts of injected faults for the requests that S3 refused in outages.
const Refused = "s3-" + string(faults.Refused)

// mostShown is the highest number of findings that are printed.
const mostShown = 25

// Write prints a table of the run, and then what is wrong.
func (r *Result) Write(w io.Writer) {
	states := map[string]int{}
	sent := map[bool]int{}
	var deleted, removed, old int
	for _, u := range r.Uploads {
		switch {
		case u.Remove:
			deleted++
		case u.Removal.Requests > 0:
			removed++
		}
		if u.OldToken() {
			old++
		}
		if u.Removed() {
			states["removed"]++
		} else {
			states[string(u.Want.State)]++
		}
		sent[u.Reupload]++
	}
	limit := ""
	if r.Memory > 0 {
		limit = fmt.Sprintf(", the limit is %.0f", r.Memory/(1<<20))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row(fmt.Sprintf("SEED %d", r.Seed), "%s", r.speed())
	row("expected", "%s; %d of them uploaded a second time with the same token", counted(states), sent[true])
	row("removals", "%d in S3, %d with the API; the old token was used after %d of them", deleted, removed, old)
	for _, f := range check.Faults {
		row(string(f), "%d", r.Count(f))
	}
	row("erased", "%s", r.Erasures)
	row("dead letters", "%s", r.DeadLetters)
	row("repeated work", "%s", r.Work)
	d := r.Disturbed
	row("workers", "%s and %s, with %s in progress", plural.Count(d.Kills, "kill"), plural.Count(d.Freezes, "freeze"), plural.Count(d.Interrupted, "message"))
	row("outages", "%d of credentials and %d by bucket policies, with %s", d.Credentials, d.Policies, plural.Count(r.Work.Injected[Refused], "refused request"))
	row("sweep", "removed %s that no manifest named", plural.Count(r.Swept, "variant"))
	row("faults", "%s", counted(r.Work.Injected))
	row("requests a photo", "%s", r.Work.PerPhoto())
	row("upload to manifest", "%s", r.latencies())
	if heic := r.latenciesOf(func(u *load.Upload) bool { return u.HEIC }); len(heic) > 0 {
		row("  HEIC", "%s", heic)
		row("  other formats", "%s", r.latenciesOf(func(u *load.Upload) bool { return !u.HEIC }))
	}
	row("goroutines", "%.0f before the run, %.0f after it", r.Processes.BeforeRun, r.Processes.AfterRun)
	row("memory", "at most %.0f MiB%s", r.Processes.Peak/(1<<20), limit)
	t.Flush()
	for i, f := range r.Findings {
		if i == mostShown {
			fmt.Fprintf(w, "... and %d more\n", len(r.Findings)-mostShown)
			break
		}
		fmt.Fprintln(w, f)
	}
	for _, u := range r.Failed[:min(len(r.Failed), mostShown)] {
		fmt.Fprintf(w, "failed  %s: %v\n", u.Ref, u.Err)
	}
	for _, l := range r.DeadLetters.Unexpected[:min(len(r.DeadLetters.Unexpected), mostShown)] {
		fmt.Fprintf(w, "unexpected dead letter: %.300s\n", l.Body)
	}
	for _, f := range r.Flaws() {
		fmt.Fprintln(w, "WRONG ", f)
	}
	fmt.Fprintln(w)
}

// speed returns the time and the rate from the first upload to the empty queue.
func (r *Result) speed() string {
	if r.Took == 0 {
		return plural.Count(len(r.Uploads), "photo") + ", not all of them finished"
	}
	return fmt.Sprintf("%s in %s: %.1f per second", plural.Count(len(r.Uploads), "photo"), r.Took.Round(100*time.Millisecond), float64(len(r.Uploads))/r.Took.Seconds())
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

// Summarise prints a table with a row for each run.
func Summarise(w io.Writer, results []*Result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SEED\tPHOTOS\tTIME\tLOST\tCORRUPT\tSTALE\tUNEXPECTED\tWRONG\tDLQ\tREPEATED\tNO CAUSE\tKILLS\tFREEZES\tOUTAGES\tREFUSED\tP50\tP99\tMAX\t")
	for _, r := range results {
		lat := r.latencies()
		verdict := "ok"
		if len(r.Flaws()) > 0 {
			verdict = "WRONG"
		}
		fmt.Fprintf(t, "%d\t%d\t%s\t%d\t%d\t%d\t%d\t%d\t%d/%d+%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", r.Seed, len(r.Uploads), r.Took.Round(100*time.Millisecond),
			r.Count(check.Lost), r.Count(check.Corrupt), r.Count(check.Stale), r.Count(check.Unexpected), r.Count(check.Wrong), r.DeadLetters.Found, r.DeadLetters.Planted, len(r.DeadLetters.Unexpected),
			r.Work.Extra, r.Work.Unexplained(), r.Disturbed.Kills, r.Disturbed.Freezes, r.Disturbed.Credentials+r.Disturbed.Policies, r.Work.Injected[Refused], ms(percentile(lat, 50)), ms(percentile(lat, 99)), ms(percentile(lat, 100)), verdict)
	}
	t.Flush()
}
