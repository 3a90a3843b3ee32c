package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/testkit/programs"
)

// TestClosedForms uses few photos, so its bound is wide. The tests of package simulation use many.
func TestClosedForms(t *testing.T) {
	all, err := closedForms(t.Context(), 1, 20_000)
	if err != nil || len(all) != 5 {
		t.Fatalf("%d comparisons: %v", len(all), err)
	}
	if err := writeComparisons(io.Discard, "", "", 0.5, all); err != nil {
		t.Error(err)
	}
}

func TestComparisons(t *testing.T) {
	var out bytes.Buffer
	within := []comparison{{"a", 104 * time.Second, 100 * time.Second}, {"b", 96 * time.Second, 100 * time.Second}}
	if err := writeComparisons(&out, "X", "Y", 0.05, within); err != nil || !strings.Contains(out.String(), "+4.0 %") {
		t.Errorf("%v\n%s", err, out.String())
	}
	for _, bad := range []comparison{{"a", 106 * time.Second, 100 * time.Second}, {"a", 94 * time.Second, 100 * time.Second}, {"a", 0, 0}} {
		if err := writeComparisons(&out, "X", "Y", 0.05, []comparison{bad}); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

// TestRealWorkers sends a small burst through real workers. It does not check the error of the prediction, which also
// depends on how slow the machine is.
func TestRealWorkers(t *testing.T) {
	bin := programs.Build(t)
	c := validateCommand{Template: templateFile, Photos: 30, Workers: 2, Seed: 1, Bin: bin}
	r, err := c.runRealWorkers(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if r.workers != 2 || len(r.changes) != 1 || r.changes[0].To != 2 || r.predicted.Unsettled != 0 || r.predicted.Counted != 30 {
		t.Errorf("%d workers, %+v; predicted %+v", r.workers, r.changes, r.predicted.Changes)
	}
	if r.service < downloadTime || r.took < downloadTime*30/2 {
		t.Errorf("a photo took %v and all photos %v, but a download alone takes %v", r.service, r.took, downloadTime)
	}
	var out bytes.Buffer
	if _ = r.write(&out); !strings.Contains(out.String(), "from the first upload to the last photo") {
		t.Error(out.String())
	}
}
