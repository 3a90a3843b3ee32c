package validation

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestForecasts compares the template, and one whose forecast has another target.
func TestForecasts(t *testing.T) {
	all, err := Forecasts(t.Context(), templateFile)
	if err != nil || len(all) < 8 {
		t.Fatalf("%d comparisons: %v", len(all), err)
	}
	if err := WriteMeasurements(io.Discard, "", "", all); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"another target":       {"TargetValue: 70", "TargetValue: 60"},
		"another buffer":       {"SchedulingBufferTime: 300", "SchedulingBufferTime: 600"},
		"a forecast that acts": {"ForecastAndScale, ForecastOnly", "ForecastAndScale, ForecastAndScale"},
	} {
		if !strings.Contains(string(text), change[0]) {
			t.Fatalf("%s: the template no longer has %q", name, change[0])
		}
		file := filepath.Join(t.TempDir(), "template.yaml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), change[0], change[1])), 0o644); err != nil {
			t.Fatal(err)
		}
		all, err := Forecasts(t.Context(), file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if WriteMeasurements(io.Discard, "", "", all) == nil {
			t.Errorf("%s: no comparison is off", name)
		}
	}
}
