package observability

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// ruleFiles are the files of rules. The scenarios of each are in a file with _test before .yml.
var ruleFiles = []string{"darkroom.yml", "api.yml"}

// rule is a rule of Prometheus.
type rule struct {
	Record, Alert, Expr string
	Labels, Annotations map[string]string
}

func (r rule) name() string { return r.Record + r.Alert }

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, name := range ruleFiles {
		var file struct{ Groups []struct{ Rules []rule } }
		readYAML(t, "rules/"+name, &file)
		for _, g := range file.Groups {
			all = append(all, g.Rules...)
		}
	}
	if len(all) == 0 {
		t.Fatal("no rules")
	}
	return all
}

func recorded(t *testing.T) []string {
	var names []string
	for _, r := range rules(t) {
		if r.Record != "" {
			names = append(names, r.Record)
		}
	}
	return names
}

// panel is a panel of the dashboard.
type panel struct {
	Type, Title, Description string
	Targets                  []struct{ Expr string }
}

func panels(t *testing.T) []panel {
	t.Helper()
	text, err := os.ReadFile("grafana/dashboards/darkroom.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct{ Panels []panel }
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Panels) == 0 {
		t.Fatal("no panels")
	}
	return d.Panels
}

// grafana replaces the variables that Grafana sets in a query.
var grafana = strings.NewReplacer("$__rate_interval", "1m", "$task_hour", "0.04")

// expressions returns every query of the rules and the dashboard by its place.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range rules(t) {
		all["rule "+r.name()] = r.Expr
	}
	for _, p := range panels(t) {
		for i, target := range p.Targets {
			all[fmt.Sprintf("panel %q, query %d", p.Title, i+1)] = grafana.Replace(target.Expr)
		}
	}
	return all
}

// selector is a metric in a query.
type selector struct {
	metric string
	labels map[string]string // values or patterns that labels must match
	by     []string          // labels that the query groups by
}

func selectors(t *testing.T, where, query string) []selector {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return nil
	}
	var all []selector
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		s := selector{labels: map[string]string{}}
		for _, m := range v.LabelMatchers {
			if m.Name == model.MetricNameLabel {
				s.metric = m.Value
			} else {
				s.labels[m.Name] = m.Value
			}
		}
		for _, p := range path {
			if a, ok := p.(*parser.AggregateExpr); ok && !a.Without {
				s.by = append(s.by, a.Grouping...)
			}
		}
		all = append(all, s)
		return nil
	})
	return all
}

// scrapeLabels are the labels that Prometheus adds.
var scrapeLabels = []string{"job", "instance"}

// TestEveryMetricIsExported compares the metrics, labels and label values of every query with what the programs export
// at /metrics before they have done any work.
func TestEveryMetricIsExported(t *testing.T) {
	exported := exports(t)
	exported["up"] = series{} // Prometheus exports it itself
	for _, r := range recorded(t) {
		exported[r] = series{}
	}
	for where, query := range expressions(t) {
		for _, s := range selectors(t, where, query) {
			series, ok := exported[s.metric]
			if !ok {
				t.Errorf("%s: no program exports %s", where, s.metric)
				continue
			}
			for name, value := range s.labels {
				if slices.Contains(scrapeLabels, name) {
					continue
				}
				for one := range strings.SplitSeq(value, "|") { // no pattern has an alternative in brackets
					if !slices.ContainsFunc(series[name], regexp.MustCompile("^(?:"+one+")$").MatchString) {
						t.Errorf("%s: %s has no %s=%q, only %v", where, s.metric, name, one, series[name])
					}
				}
			}
			for _, name := range s.by {
				if _, ok := series[name]; !ok && !slices.Contains(scrapeLabels, name) {
					t.Errorf("%s: %s has no label %s", where, s.metric, name)
				}
			}
		}
	}
}

// TestSelectors checks that selectors finds metrics and labels, so that TestEveryMetricIsExported can fail.
func TestSelectors(t *testing.T) {
	for query, want := range map[string]selector{
		`sum by (outcome) (rate(a_total{outcome=~"x|y", job="w"}[5m]))`: {"a_total", map[string]string{"outcome": "x|y", "job": "w"}, []string{"outcome"}},
	} {
		got := selectors(t, query, query)
		if len(got) != 1 || got[0].metric != want.metric || fmt.Sprint(got[0].labels) != fmt.Sprint(want.labels) || !slices.Equal(got[0].by, want.by) {
			t.Errorf("%s: %+v", query, got)
		}
	}
	if _, err := parser.NewParser(parser.Options{}).ParseExpr("sum(rate(a[5m])"); err == nil {
		t.Error("the parser accepts a query with a missing bracket")
	}
}

func TestAlertsAreExplained(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := regexp.MustCompile(`(?m)^### (Darkroom\w+)\n\n\S`).FindAllStringSubmatch(string(text), -1)
	var names []string
	for _, m := range explained {
		names = append(names, m[1])
	}
	var alerts []string
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		alerts = append(alerts, r.Alert)
		if want := "{{ $externalLabels.runbooks }}#" + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url %q, want %q", r.Alert, r.Annotations["runbook_url"], want)
		}
		if r.Annotations["summary"] == "" || !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) {
			t.Errorf("%s: summary %q, severity %q", r.Alert, r.Annotations["summary"], r.Labels["severity"])
		}
	}
	slices.Sort(names)
	slices.Sort(alerts)
	if !slices.Equal(names, alerts) {
		t.Errorf("README.md has paragraphs for %v, the alerts are %v", names, alerts)
	}
}

// TestDashboard checks that every panel has a title, a description and a query.
func TestDashboard(t *testing.T) {
	for _, p := range panels(t) {
		if p.Type == "row" {
			continue
		}
		if p.Title == "" || p.Description == "" || len(p.Targets) == 0 {
			t.Errorf("panel %q: description %q, %d queries", p.Title, p.Description, len(p.Targets))
		}
	}
	for _, path := range []string{"prometheus.yml", "grafana/provisioning/datasources/darkroom.yml", "grafana/provisioning/dashboards/darkroom.yml"} {
		var any map[string]any
		readYAML(t, filepath.FromSlash(path), &any)
	}
}
