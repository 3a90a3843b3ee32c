package validation

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/testkit/race"
)

const templateFile = "../../../aws/template/template.yaml"

// TestValidateCanFail compares templates that do not do what their parameters promise.
func TestValidateCanFail(t *testing.T) {
	race.Skip(t)
	text, err := os.ReadFile(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	burst := scenario.Scenario{Name: "burst", Photos: 20_000, Over: time.Minute}
	const maxTasks = "!If [TakesPresetMaxTasks, !FindInMap [Presets, !Ref Preset, MaxTasks], !Ref MaxTasks]"
	loads := []Load{{burst, true}, {scenario.Scenario{Name: "burst, alarms alone", Photos: 20_000, Over: time.Minute}, false}}
	for name, c := range map[string]struct {
		replace []string
		fails   int // comparisons of the four that must be off, at least
	}{
		"as it is": {nil, 0},
		// The number of tasks has a value in the newest minute, and the late messages count as 0 under one reading.
		"a filled number of tasks": {[]string{"1 / IF(rate < hold, rate, hold)", "(visible + arriving) * 0.1 / (2 * FILL(FILL(tasks, REPEAT), 1))",
			"1 / (rate * ${LatencySeconds})", "(visible + arriving) * 0.1 / (2 * FILL(FILL(tasks, REPEAT), 1) * ${LatencySeconds})"}, 1},
		"alarms that never fire":    {[]string{"Threshold: 2\n", "Threshold: 200000\n", "TargetValue: !Ref LatencySeconds", "TargetValue: 1000000"}, 2},
		"no fast scaler":            {[]string{"Command: [scale]", "Command: [run]"}, 2},
		"one task at most":          {[]string{"MaxCapacity: " + maxTasks, "MaxCapacity: 1", "MAX_TASKS: " + maxTasks, "MAX_TASKS: 1"}, 4},
		"a fast scaler of one task": {[]string{"MAX_TASKS: " + maxTasks, "MAX_TASKS: 1"}, 2},
	} {
		for i := 0; i < len(c.replace); i += 2 {
			if !strings.Contains(string(text), c.replace[i]) {
				t.Fatalf("%s: the template no longer has %q", name, c.replace[i])
			}
		}
		file := filepath.Join(t.TempDir(), "template.yaml")
		if err := os.WriteFile(file, []byte(strings.NewReplacer(c.replace...).Replace(string(text))), 0o644); err != nil {
			t.Fatal(err)
		}
		all, err := Scaling(t.Context(), file, nil, loads)
		if err != nil || len(all) != 4 {
			t.Fatalf("%s: %d comparisons, %v", name, len(all), err)
		}
		off := 0
		for _, one := range all {
			if math.Abs(one.RelativeError()) > FluidBound {
				off++
			}
		}
		if off < c.fails || c.fails == 0 && off > 0 {
			t.Errorf("%s: %d of 4 comparisons are off, want %d or more: %+v", name, off, c.fails, all)
		}
		if err := WriteComparisons(io.Discard, "", "", FluidBound, all); (err != nil) != (c.fails > 0) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
