// Package counting counts the instructions that the worker executes for drawn photos on amd64 and arm64, under QEMU,
// and compares them with a budget.
package counting

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"darkroom/deploy/bench/internal/rusage"
	"darkroom/deploy/bench/internal/side"
	"darkroom/deploy/bench/internal/table"
	"darkroom/deploy/testkit/progress"
)

// countRepeat is how many more photos the longer of two processes renders.
const countRepeat = 2

// slack is how far a count may be from its budget. Two runs of the same program differed by at most 1.3 %.
const slack = 0.02

// countTries is how often a job that seems to have grown is counted. The lowest count is right, because waiting for
// locks on a busy machine adds instructions.
const countTries = 3

// budgetFile holds the instructions in millions, by architecture and job. The path is relative to the root of the
// source.
const budgetFile = "deploy/bench/budget.json"

//go:embed qemu/count.c
var countPlugin []byte

// emulator runs programs of an architecture.
type emulator struct {
	arch    string // value of GOARCH
	command []string
}

// emulators enables AVX2 on amd64, which QEMU's default processor lacks.
var emulators = []emulator{
	{"amd64", []string{"qemu-x86_64", "-cpu", "max"}},
	{"arm64", []string{"qemu-aarch64"}},
}

// counts are millions of instructions, by architecture and job.
type counts map[string]map[string]float64

// Run counts the instructions of the jobs on each architecture, and compares them with the budget, or writes
// them into it.
func Run(ctx context.Context, update bool) (err error) {
	for _, tool := range []string{"gcc", emulators[0].command[0], emulators[1].command[0]} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("DARKROOM_CI") != "" {
				return fmt.Errorf("%s is not in PATH (Debian: gcc libc6-dev qemu-user)", tool)
			}
			fmt.Printf("skipped: %s is not in PATH (Debian: gcc libc6-dev qemu-user)\n", tool)
			return nil
		}
	}
	dir, err := os.MkdirTemp("", "darkroom-count-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	budget, err := readBudget(budgetFile)
	if err != nil {
		return err
	}
	measured, err := countAll(ctx, dir, budget)
	if err != nil {
		return err
	}
	if update {
		return measured.write(budgetFile)
	}
	return measured.compare(os.Stdout, budget)
}

// countAll counts every job on every architecture, and again if it seems to exceed its budget.
func countAll(ctx context.Context, dir string, budget counts) (counts, error) {
	source, plugin := filepath.Join(dir, "count.c"), filepath.Join(dir, "count.so")
	if err := os.WriteFile(source, countPlugin, 0o644); err != nil {
		return nil, err
	}
	if _, err := rusage.Output(ctx, "", os.Environ(), "gcc", "-shared", "-fPIC", "-O2", "-o", plugin, source); err != nil {
		return nil, err
	}
	line := progress.New(os.Stderr)
	defer line.Clear()
	workers := map[string]string{}
	for _, e := range emulators {
		line.Update("building the worker for %s", e.arch)
		workers[e.arch] = filepath.Join(dir, "worker-"+e.arch)
		env := append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+e.arch)
		if _, err := rusage.Output(ctx, "", env, "go", "build", "-tags", "nodynamic", "-trimpath", "-o", workers[e.arch], "darkroom/worker"); err != nil {
			return nil, err
		}
	}
	all := counts{}
	for _, j := range countJobs {
		files, err := j.write(dir, countRepeat)
		if err != nil {
			return nil, err
		}
		for _, e := range emulators {
			line.Update("counting %s on %s", j.name, e.arch)
			n, err := lowestCount(countTries, (1+slack)*budget[e.arch][j.name], func() (float64, error) {
				return e.perPhoto(ctx, plugin, workers[e.arch], files)
			})
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", j.name, e.arch, err)
			}
			if all[e.arch] == nil {
				all[e.arch] = map[string]float64{}
			}
			all[e.arch][j.name] = n
		}
	}
	return all, nil
}

// lowestCount returns the lowest of up to this many counts, and stops at the first that is at most enough.
func lowestCount(tries int, enough float64, count func() (float64, error)) (float64, error) {
	lowest := math.Inf(1)
	for range tries {
		n, err := count()
		if err != nil {
			return 0, err
		}
		if lowest = min(lowest, n); lowest <= enough {
			break
		}
	}
	return lowest, nil
}

// perPhoto returns the millions of instructions of a photo: those of a process that renders all files, minus those of
// one that renders the first, divided by the number of the others.
func (e emulator) perPhoto(ctx context.Context, plugin, worker string, files []string) (float64, error) {
	var n [2]float64
	for i, files := range [][]string{files[:1], files} {
		c := side.WorkerSide(worker).Command(files, side.ToJPEG, filepath.Join(filepath.Dir(worker), "out"))
		// The garbage collector would run at different times in each run.
		args := slices.Concat(e.command, []string{"-plugin", plugin}, c.Args)
		text, err := runForStderr(ctx, append(c.Env, "GOGC=off"), args...)
		if err != nil {
			return 0, err
		}
		if n[i], err = parseInstructions(text); err != nil {
			return 0, err
		}
	}
	return (n[1] - n[0]) / float64(len(files)-1) / 1e6, nil
}

// runForStderr runs a program and returns its standard error.
func runForStderr(ctx context.Context, env []string, args ...string) (string, error) {
	return rusage.Output(ctx, "", env, append([]string{"/bin/sh", "-c", `exec "$@" 2>&1 >/dev/null`, "sh"}, args...)...)
}

var counted = regexp.MustCompile(`(?m)^instructions: (\d+)$`)

// parseInstructions returns the count in the plugin's output.
func parseInstructions(text string) (float64, error) {
	found := counted.FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		return 0, fmt.Errorf("want one count of instructions in %q", text)
	}
	return strconv.ParseFloat(found[0][1], 64)
}

func readBudget(path string) (counts, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: run --count in the root of the source", err)
	}
	var b counts
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

// write writes the counts as the budget, to a tenth of a million.
func (c counts) write(path string) error {
	for _, jobs := range c {
		for name, n := range jobs {
			jobs[name], _ = strconv.ParseFloat(fmt.Sprintf("%.1f", n), 64)
		}
	}
	data, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// compare prints the counts and their budgets. It fails if a job has grown beyond its budget, or has none.
func (c counts) compare(w io.Writer, budget counts) error {
	fmt.Fprintln(w, "Millions of instructions for a photo to 1600, 800 and 320 px JPEG, under qemu-user:")
	fmt.Fprintln(w)
	t := table.Table{{"JOB", "ON", "COUNTED", "BUDGET", "CHANGE", ""}}
	grown := 0
	for _, j := range countJobs {
		for _, e := range emulators {
			n, most := c[e.arch][j.name], budget[e.arch][j.name]
			note := ""
			switch {
			case most == 0:
				note = "has no budget"
				grown++
			case n > most*(1+slack):
				note = "grew"
				grown++
			case n < most*(1-slack):
				note = "fell: lower the budget"
			}
			t = append(t, []string{j.name, e.arch, fmt.Sprintf("%.1f", n), fmt.Sprintf("%.1f", most), fmt.Sprintf("%+.1f %%", 100*(n/most-1)), note})
		}
	}
	if err := t.Write(w); err != nil {
		return err
	}
	if grown > 0 {
		return fmt.Errorf("jobs beyond their budget in %s by more than %g %%: %d; make them cheaper, or run --count --update and say why", budgetFile, 100*slack, grown)
	}
	return nil
}
