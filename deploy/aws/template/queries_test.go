package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"

	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/metricmath"
)

// query is one metric, or one expression over others, of an alarm, a policy or a widget.
type query struct {
	id, expression string
	namespace      string
	metric, stat   string
	dimensions     []string // names, sorted
	of             []string // values, on the dashboard
	returns        bool
}

// queries returns the queries of each alarm, policy and widget, by its name.
func (s *stack) queries() map[string][]query {
	if s.cached != nil {
		return s.cached
	}
	all := map[string][]query{}
	for _, kind := range []string{"AWS::CloudWatch::Alarm", "AWS::ApplicationAutoScaling::ScalingPolicy"} {
		for name, p := range s.ofType(kind) {
			metrics := listAt(p, "Metrics")
			if kind != "AWS::CloudWatch::Alarm" {
				metrics = listAt(p, "TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification", "Metrics")
			}
			for _, m := range metrics {
				q := query{id: textAt(m, "Id"), expression: textAt(m, "Expression"), returns: cfn.Lookup(m, "ReturnData") != false, stat: textAt(m, "MetricStat", "Stat"),
					namespace: textAt(m, "MetricStat", "Metric", "Namespace"), metric: textAt(m, "MetricStat", "Metric", "MetricName")}
				for _, d := range listAt(m, "MetricStat", "Metric", "Dimensions") {
					q.dimensions = append(q.dimensions, textAt(d, "Name"))
				}
				all[name] = append(all[name], q)
			}
			if cfn.Lookup(p, "MetricName") != nil {
				q := query{namespace: textAt(p, "Namespace"), metric: textAt(p, "MetricName"), stat: textAt(p, "Statistic"), returns: true}
				for _, d := range listAt(p, "Dimensions") {
					q.dimensions = append(q.dimensions, textAt(d, "Name"))
				}
				all[name] = []query{q}
			}
		}
	}
	for name, d := range s.ofType("AWS::CloudWatch::Dashboard") {
		var body any
		if err := json.Unmarshal([]byte(textAt(d, "DashboardBody")), &body); err != nil {
			all[name+": "+err.Error()] = nil
			continue
		}
		for _, w := range listAt(body, "widgets") {
			where := name + ": " + textAt(w, "properties", "title")
			all[where] = nil
			for _, m := range listAt(w, "properties", "metrics") {
				parts, _ := m.([]any)
				q, names := query{returns: true, stat: textAt(w, "properties", "stat")}, []string{}
				for _, part := range parts {
					switch part := part.(type) {
					case string:
						names = append(names, part)
					case object:
						q.id, q.expression, q.returns = textAt(part, "id"), textAt(part, "expression"), part["visible"] != false
						if stat := textAt(part, "stat"); stat != "" {
							q.stat = stat
						}
					}
				}
				if len(names) >= 2 {
					q.namespace, q.metric = names[0], names[1]
				}
				for i := 2; i < len(names); i += 2 {
					q.dimensions = append(q.dimensions, names[i])
					if i+1 < len(names) {
						q.of = append(q.of, names[i+1])
					}
				}
				all[where] = append(all[where], q)
			}
		}
	}
	for _, qs := range all {
		for _, q := range qs {
			slices.Sort(q.dimensions)
		}
	}
	s.cached = all
	return all
}

var validID = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)

// mathFaults returns what is wrong with the queries of one place. An expression may refer only to queries above it.
func mathFaults(where string, qs []query) (bad []string) {
	var ids []string
	for _, q := range qs {
		if q.id != "" && (slices.Contains(ids, q.id) || !validID.MatchString(q.id)) {
			bad = append(bad, fmt.Sprintf("%s: the id %q is invalid or used twice", where, q.id))
		}
		if q.expression != "" {
			if _, err := metricmath.Parse(q.expression, ids); err != nil {
				bad = append(bad, fmt.Sprintf("%s: %s: %v", where, q.id, err))
			}
		}
		ids = append(ids, q.id)
	}
	return bad
}

// evaluate returns the value of the queries of one place, given the values of their metrics. A metric without a value
// has no data point: FILL replaces it, but REPEAT finds none before it.
func evaluate(qs []query, values map[string]float64, missing metricmath.Missing) (float64, error) {
	series := map[string][]float64{}
	for _, q := range qs {
		if q.expression == "" {
			series[q.id] = []float64{math.NaN()}
			if v, ok := values[q.id]; ok {
				series[q.id][0] = v
			}
		} else {
			e, err := metricmath.Parse(q.expression, slices.Collect(maps.Keys(series)))
			if err != nil {
				return 0, err
			}
			series[q.id] = e.Evaluate(1, series, missing)
		}
		if v := series[q.id][0]; q.returns && !math.IsNaN(v) {
			return v, nil
		}
	}
	return 0, errors.New("no data")
}

// sound reports whether the queries of one place are valid and return one series. Otherwise they cannot be evaluated.
func sound(qs []query) bool {
	n := 0
	for _, q := range qs {
		if q.returns {
			n++
		}
	}
	return n == 1 && mathFaults("", qs) == nil
}
