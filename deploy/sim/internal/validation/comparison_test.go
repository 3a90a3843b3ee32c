package validation

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

// TestClosedForms uses few photos, so its bound is wide. The tests of package simulation use many.
func TestClosedForms(t *testing.T) {
	all, err := ClosedForms(t.Context(), 1, 20_000)
	if err != nil || len(all) != 5 {
		t.Fatalf("%d comparisons: %v", len(all), err)
	}
	if err := WriteComparisons(io.Discard, "", "", 0.5, all); err != nil {
		t.Error(err)
	}
}

func TestComparisons(t *testing.T) {
	var out bytes.Buffer
	within := []Comparison{{"a", 104 * time.Second, 100 * time.Second}, {"b", 96 * time.Second, 100 * time.Second}}
	if err := WriteComparisons(&out, "X", "Y", 0.05, within); err != nil || !strings.Contains(out.String(), "+4.0 %") {
		t.Errorf("%v\n%s", err, out.String())
	}
	for _, bad := range []Comparison{{"a", 106 * time.Second, 100 * time.Second}, {"a", 94 * time.Second, 100 * time.Second}, {"a", 0, 0}} {
		if err := WriteComparisons(&out, "X", "Y", 0.05, []Comparison{bad}); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}
