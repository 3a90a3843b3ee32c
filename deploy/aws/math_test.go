package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

// query is one metric, or one expression over others, of an alarm, a policy or a widget.
type query struct {
	id, expression string
	namespace      string
	metric, stat   string
	dimensions     []string // names, sorted
	returns        bool
}

// queries returns what each alarm, policy and widget looks at, by where it is.
func (s *stack) queries() map[string][]query {
	if s.looked != nil {
		return s.looked
	}
	all := map[string][]query{}
	for _, kind := range []string{"AWS::CloudWatch::Alarm", "AWS::ApplicationAutoScaling::ScalingPolicy"} {
		for name, p := range s.of(kind) {
			metrics := listAt(p, "Metrics")
			if kind != "AWS::CloudWatch::Alarm" {
				metrics = listAt(p, "TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification", "Metrics")
			}
			for _, m := range metrics {
				q := query{id: textAt(m, "Id"), expression: textAt(m, "Expression"), returns: cfn.At(m, "ReturnData") != false, stat: textAt(m, "MetricStat", "Stat"),
					namespace: textAt(m, "MetricStat", "Metric", "Namespace"), metric: textAt(m, "MetricStat", "Metric", "MetricName")}
				for _, d := range listAt(m, "MetricStat", "Metric", "Dimensions") {
					q.dimensions = append(q.dimensions, textAt(d, "Name"))
				}
				all[name] = append(all[name], q)
			}
			if cfn.At(p, "MetricName") != nil {
				q := query{namespace: textAt(p, "Namespace"), metric: textAt(p, "MetricName"), stat: textAt(p, "Statistic"), returns: true}
				for _, d := range listAt(p, "Dimensions") {
					q.dimensions = append(q.dimensions, textAt(d, "Name"))
				}
				all[name] = []query{q}
			}
		}
	}
	for name, d := range s.of("AWS::CloudWatch::Dashboard") {
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
	s.looked = all
	return all
}

// words of metric math that are used here, beside ids:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
var words = []string{"IF", "FILL", "REPEAT", "AND", "OR"}

var (
	identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	validID    = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)
)

// mathFaults is what is wrong with the queries of one place.
func mathFaults(where string, qs []query) (bad []string) {
	ids := map[string]bool{}
	for _, q := range qs {
		if q.id != "" && (ids[q.id] || !validID.MatchString(q.id)) {
			bad = append(bad, fmt.Sprintf("%s: the id %q is no id, or another's", where, q.id))
		}
		for _, name := range identifier.FindAllString(q.expression, -1) {
			if !ids[name] && !slices.Contains(words, name) {
				bad = append(bad, fmt.Sprintf("%s: %s refers to %s, which is not above it", where, q.id, name))
			}
		}
		if q.expression != "" {
			if _, err := parser.ParseExpr(asGo(q.expression)); err != nil {
				bad = append(bad, fmt.Sprintf("%s: %s: %v", where, q.expression, err))
			}
		}
		ids[q.id] = true
	}
	return bad
}

func asGo(expression string) string {
	return strings.NewReplacer(" AND ", " && ", " OR ", " || ", "IF(", "when(").Replace(expression)
}

// evaluate works out what the queries of one place come to when the metrics have the given values. A metric without a value
// has no data point, which FILL fills; REPEAT finds none before it.
func evaluate(qs []query, values map[string]float64) (float64, error) {
	known := maps.Clone(values)
	for _, q := range qs {
		if q.expression != "" {
			tree, err := parser.ParseExpr(asGo(q.expression))
			if err != nil {
				return 0, err
			}
			if v, ok := calculate(tree, known); ok {
				known[q.id] = v
			}
		}
		if v, ok := known[q.id]; ok && q.returns {
			return v, nil
		}
	}
	return 0, fmt.Errorf("there is no data")
}

// sound reports whether the queries of one place are in order and have one answer, without which a sum of them says nothing.
func sound(qs []query) bool {
	n := 0
	for _, q := range qs {
		if q.returns {
			n++
		}
	}
	return n == 1 && mathFaults("", qs) == nil
}

func calculate(tree ast.Expr, known map[string]float64) (float64, bool) {
	truth := func(b bool) (float64, bool) {
		if b {
			return 1, true
		}
		return 0, true
	}
	switch e := tree.(type) {
	case *ast.BasicLit:
		v, err := strconv.ParseFloat(e.Value, 64)
		return v, err == nil
	case *ast.Ident:
		v, ok := known[e.Name]
		return v, ok
	case *ast.ParenExpr:
		return calculate(e.X, known)
	case *ast.CallExpr:
		if fmt.Sprint(e.Fun) == "FILL" {
			if v, ok := calculate(e.Args[0], known); ok {
				return v, true
			}
			return calculate(e.Args[1], known)
		}
		if which, ok := calculate(e.Args[0], known); !ok {
			return 0, false
		} else if which != 0 {
			return calculate(e.Args[1], known)
		}
		return calculate(e.Args[2], known)
	case *ast.BinaryExpr:
		a, okA := calculate(e.X, known)
		b, okB := calculate(e.Y, known)
		if !okA || !okB {
			return 0, false
		}
		switch e.Op {
		case token.ADD:
			return a + b, true
		case token.SUB:
			return a - b, true
		case token.MUL:
			return a * b, true
		case token.QUO:
			return a / b, b != 0
		case token.LSS:
			return truth(a < b)
		case token.GTR:
			return truth(a > b)
		case token.GEQ:
			return truth(a >= b)
		case token.LEQ:
			return truth(a <= b)
		case token.LOR:
			return truth(a != 0 || b != 0)
		case token.LAND:
			return truth(a != 0 && b != 0)
		}
	}
	return 0, false
}
