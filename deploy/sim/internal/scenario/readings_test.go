package scenario

import (
	"darkroom/deploy/sim/internal/system"
	"fmt"
	"testing"
	"time"
)

// deliveries are ways in which the metrics may arrive. fallback says whether CloudWatch alone can scale by them.
var deliveries = []struct {
	name     string
	set      func(m *system.MetricFlags)
	fallback bool
}{
	{"one to two minutes late", func(*system.MetricFlags) {}, true},
	{"at once", func(m *system.MetricFlags) { m.LagLeast, m.LagMost = 0, 0 }, true},
	{"up to three minutes late", func(m *system.MetricFlags) { m.LagLeast, m.LagMost = 0, 3*time.Minute }, true},
	{"three minutes late", func(m *system.MetricFlags) { m.LagLeast, m.LagMost = 3*time.Minute, 3*time.Minute }, true},
	{"one point in five missing", func(m *system.MetricFlags) { m.Loss = 0.2 }, true},
	{"no visible messages", func(m *system.MetricFlags) { m.Silent = []string{"visible"} }, false},
	{"no messages in flight", func(m *system.MetricFlags) { m.Silent = []string{"inflight"} }, true},
	{"no count of tasks", func(m *system.MetricFlags) { m.Silent = []string{"tasks"} }, false},
	{"no metric", func(m *system.MetricFlags) { m.Silent = []string{"visible", "inflight", "tasks"} }, false},
}

// TestScalesUnderBothReadings has the template scale under both readings of missing values, however the metrics arrive:
// by the fast scaler always, and by CloudWatch's alarms alone where these have something to go by.
func TestScalesUnderBothReadings(t *testing.T) {
	burst := Scenario{Name: "burst", Photos: 12_000, Over: time.Minute}
	steady := Scenario{Name: "steady", Photos: 18_000, Over: 10 * time.Minute, WarmUp: 8 * time.Minute} // 30 a second, for one task of 17
	zero := Scenario{Name: "zero", Photos: 500, Over: time.Minute, Set: map[string]string{"MinTasks": "0"}}
	for _, missing := range []string{"zero", "gap"} {
		for _, d := range deliveries {
			t.Run(fmt.Sprintf("missing is %s/%s", missing, d.name), func(t *testing.T) {
				t.Parallel()
				f := system.DefaultFlags(templateFile)
				f.Metrics.Missing = missing
				d.set(&f.Metrics)
				if p := playOne(t, burst, f, nil); p.PeakTasks != 20 || p.Drain > 3*time.Minute {
					t.Errorf("burst: %d tasks, drained in %v", p.PeakTasks, p.Drain)
				}
				if p := playOne(t, steady, f, nil); p.PeakTasks < 2 || p.P50 > 5*time.Second {
					t.Errorf("steady: %d tasks, a median of %v", p.PeakTasks, p.P50)
				}
				if p := playOne(t, zero, f, nil); p.P50 > 90*time.Second {
					t.Errorf("zero: a median of %v", p.P50)
				}
				if !d.fallback {
					return
				}
				f.Fast = false
				if p := playOne(t, burst, f, nil); p.PeakTasks < 10 || p.Drain > 10*time.Minute {
					t.Errorf("burst without the fast scaler: %d tasks, drained in %v", p.PeakTasks, p.Drain)
				}
				if p := playOne(t, steady, f, nil); p.PeakTasks < 2 || p.P50 > 30*time.Second {
					t.Errorf("steady without the fast scaler: %d tasks, a median of %v", p.PeakTasks, p.P50)
				}
				// The first worker's metrics are late too, and count only once all five have arrived.
				if p := playOne(t, zero, f, nil); p.P50 > 8*time.Minute {
					t.Errorf("zero without the fast scaler: a median of %v", p.P50)
				}
			})
		}
	}
}
