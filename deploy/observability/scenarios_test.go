package observability

import (
	"os/exec"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// scenario is a test of promtool.
type scenario struct {
	Name   string
	Series []any `yaml:"input_series"`
	Exprs  []struct {
		Expr string
	} `yaml:"promql_expr_test"`
	Alerts []struct {
		Name     string `yaml:"alertname"`
		Expected []any  `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

func scenarios(t *testing.T) []scenario {
	t.Helper()
	var all []scenario
	for _, name := range ruleFiles {
		var file struct{ Tests []scenario }
		readYAML(t, "rules/"+strings.TrimSuffix(name, ".yml")+"_test.yml", &file)
		all = append(all, file.Tests...)
	}
	return all
}

// TestAlerts runs the scenarios. Each alert must fire in one of them and stay quiet in another, or at another time.
func TestAlerts(t *testing.T) {
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, s := range scenarios(t) {
		for _, a := range s.Alerts {
			if len(a.Expected) > 0 {
				fires[a.Name] = true
			} else {
				quiet[a.Name] = true
			}
		}
	}
	for _, r := range rules(t) {
		if r.Alert != "" && (!fires[r.Alert] || !quiet[r.Alert]) {
			t.Errorf("%s: fires in a scenario: %v; quiet in a scenario: %v", r.Alert, fires[r.Alert], quiet[r.Alert])
		}
	}
	for _, name := range ruleFiles {
		promtool(t, "", "check", "rules", name)
		promtool(t, "", "test", "rules", strings.TrimSuffix(name, ".yml")+"_test.yml")
	}
}

// TestAbsentSeries checks that the scenarios without any series state the result of each rule.
func TestAbsentSeries(t *testing.T) {
	tried := map[string]bool{}
	for _, s := range scenarios(t) {
		if len(s.Series) > 0 {
			continue
		}
		for _, e := range s.Exprs {
			tried[e.Expr] = true
		}
		for _, a := range s.Alerts {
			tried[a.Name] = true
		}
	}
	for _, r := range rules(t) {
		if !tried[r.name()] {
			t.Errorf("no scenario without series says what becomes of %s", r.name())
		}
	}
}

// promtool runs a command of promtool in the folder of the rules.
func promtool(t *testing.T, input string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool.Find(t, "promtool"), args...)
	cmd.Dir, cmd.Stdin = "rules", strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %v: %v\n%s", args, err, out)
	}
}
