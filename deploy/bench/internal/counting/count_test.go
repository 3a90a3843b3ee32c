package counting

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	budget := counts{}
	for _, e := range emulators {
		budget[e.arch] = map[string]float64{}
		for _, j := range countJobs {
			budget[e.arch][j.name] = 100
		}
	}
	for name, c := range map[string]struct {
		n    float64
		note string
		good bool
	}{
		"the same": {100, "", true}, "a little more": {101.9, "", true}, "more": {102.1, "grew", false},
		"a little less": {98.1, "", true}, "less": {97.9, "fell: lower the budget", true},
	} {
		measured := counts{}
		for arch, jobs := range budget {
			measured[arch] = map[string]float64{}
			for job := range jobs {
				measured[arch][job] = 100
			}
		}
		measured["arm64"]["png"] = c.n
		var out bytes.Buffer
		err := measured.compare(&out, budget)
		if (err == nil) != c.good || c.note != "" && !strings.Contains(out.String(), c.note) || c.note == "" && strings.Contains(out.String(), "budget\n") {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
	delete(budget["amd64"], "heic")
	if err := budget.compare(&bytes.Buffer{}, budget); err == nil {
		t.Error("a job without a budget: no error")
	}
}

func TestBudget(t *testing.T) {
	b, err := readBudget("../../budget.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range emulators {
		for _, j := range countJobs {
			if b[e.arch][j.name] <= 0 || len(b[e.arch]) != len(countJobs) {
				t.Errorf("%s on %s has no budget, or another job has", j.name, e.arch)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "b.json")
	if err := (counts{"amd64": {"jpeg": 12.34}}).write(path); err != nil {
		t.Fatal(err)
	}
	if back, err := readBudget(path); err != nil || back["amd64"]["jpeg"] != 12.3 {
		t.Errorf("%v, %v", back, err)
	}
	if _, err := readBudget("none"); err == nil {
		t.Error("no budget: no error")
	}
}

// TestBudgetOnPage checks that the README has the budget.
func TestBudgetOnPage(t *testing.T) {
	b, err := readBudget("../../budget.json")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range countJobs {
		if row := fmt.Sprintf("\n| %s | %.0f | %.0f |\n", j.name, b["amd64"][j.name], b["arm64"][j.name]); !strings.Contains(string(page), row) {
			t.Errorf("README.md lacks the row %q", row)
		}
	}
}

func TestLeast(t *testing.T) {
	failed := errors.New("no emulator")
	for name, c := range map[string]struct {
		counts []float64
		err    error
		want   float64
		tries  int
	}{
		"within the budget":  {[]float64{99, 1}, nil, 99, 1},
		"within it later":    {[]float64{120, 100, 1}, nil, 100, 2},
		"above it each time": {[]float64{130, 120, 125, 1}, nil, 120, 3},
		"failed":             {[]float64{1}, failed, 0, 1},
	} {
		tries := 0
		n, err := lowestCount(3, 100, func() (float64, error) { tries++; return c.counts[tries-1], c.err })
		if n != c.want || err != c.err || tries != c.tries {
			t.Errorf("%s: %v, %v after %d counts, want %v, %v after %d", name, n, err, tries, c.want, c.err, c.tries)
		}
	}
}

func TestInstructions(t *testing.T) {
	for text, want := range map[string]float64{"photo\ninstructions: 12345": 12345, "": 0, "instructions: 1\ninstructions: 2": 0} {
		if got, err := parseInstructions(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// TestCountDrawing checks that the picture is the same on every machine.
func TestCountDrawing(t *testing.T) {
	sum := sha256.Sum256(drawCount(300, 200, true).Pix)
	if got, want := hex.EncodeToString(sum[:8]), "74f1410db48f5638"; got != want {
		t.Errorf("the picture is %s, want %s", got, want)
	}
}
