package report

import (
	"bytes"
	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/simulation"
	"strings"
	"testing"
	"time"
)

func TestFloodReport(t *testing.T) {
	p := &scenario.Played{Scenario: scenario.Scenario{Name: "noisy", Flood: &scenario.Noisy}}
	p.Fair.Others.Ready.P99, p.OneQueue.Others.Ready.P99, p.OneQueue.Empty = 7*time.Second, 4*time.Minute, 6*time.Minute
	var out bytes.Buffer
	writeFloods(&out, [][]*scenario.Played{{{Scenario: scenario.Scenario{Name: "burst"}}}, {p}})
	for _, want := range []string{"two queues", "one queue", "7.0s", "4m00s", "6m00s", "nothing waits after"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from the report:\n%s", want, out.String())
		}
	}
}

func TestDeploymentReport(t *testing.T) {
	never := &scenario.Played{Scenario: scenario.Scenario{Name: "late"}, Result: &simulation.Result{}, Without: &simulation.Result{}}
	stuck := &scenario.Played{Scenario: scenario.Scenario{Name: "stuck"}, Result: &simulation.Result{Rollouts: []simulation.Rollout{{Took: -1, Least: 3}}}, Without: &simulation.Result{}}
	back := &scenario.Played{Scenario: scenario.Scenario{Name: "back"}, Result: &simulation.Result{Rollouts: []simulation.Rollout{{Took: time.Minute, RolledBack: true}}}, Without: &simulation.Result{}}
	var out bytes.Buffer
	writeDeployments(&out, [][]*scenario.Played{{never}, {stuck}, {back}, {{Scenario: scenario.Scenario{Name: "none"}, Result: &simulation.Result{}}}})
	for _, want := range []string{"never began", "never ended", "rolled back", "1m00s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from the report:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "none") {
		t.Errorf("a scenario without a deployment is reported:\n%s", out.String())
	}
}
