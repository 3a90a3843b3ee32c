package template

import (
	"strings"
	"testing"

	"darkroom/deploy/testkit/metricmath"
)

// TestRefusedValues gives values that CloudFormation would refuse. They must not be simulated as another value.
func TestRefusedValues(t *testing.T) {
	tmpl, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for want, given := range map[string]map[string]string{
		`parameter PredictiveScaling: "maybe" is not one of`: {"PredictiveScaling": "maybe"},
		`parameter CpuTarget: "95" is not one of`:            {"CpuTarget": "95"},
		`parameter MaxTasks: `:                               {"MaxTasks": "-1"},
		`no parameter cputarget`:                             {"cputarget": "90"},
	} {
		if _, err := tmpl.System(given, metricmath.Gap); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", given, err, want)
		}
	}
}
