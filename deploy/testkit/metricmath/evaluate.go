package metricmath

import (
	"math"
	"slices"
)

// node is an expression or a part of one.
type node interface {
	// values returns one value for each of n minutes.
	values(n int, series map[string][]float64) []float64
}

type (
	constant  float64
	reference string // to a series
	negation  struct{ x node }
	binary    struct {
		operator    kind
		left, right node
	}
	condition struct{ test, then, otherwise node } // IF
	fill      struct{ x, otherwise node }          // FILL
	repeat    struct{ x node }                     // FILL with REPEAT
)

func (c constant) values(n int, _ map[string][]float64) []float64 {
	return slices.Repeat([]float64{float64(c)}, n)
}

func (r reference) values(n int, series map[string][]float64) []float64 {
	return slices.Clone(series[string(r)][:n])
}

func (e negation) values(n int, series map[string][]float64) []float64 {
	v := e.x.values(n, series)
	for i := range v {
		v[i] = -v[i]
	}
	return v
}

func (e binary) values(n int, series map[string][]float64) []float64 {
	left, right := e.left.values(n, series), e.right.values(n, series)
	for i := range left {
		left[i] = operate(e.operator, left[i], right[i])
	}
	return left
}

func (e condition) values(n int, series map[string][]float64) []float64 {
	test, then, otherwise := e.test.values(n, series), e.then.values(n, series), e.otherwise.values(n, series)
	for i, v := range test {
		switch {
		case math.IsNaN(v): // the result has no value
		case v != 0:
			test[i] = then[i]
		default:
			test[i] = otherwise[i]
		}
	}
	return test
}

func (e fill) values(n int, series map[string][]float64) []float64 {
	v, otherwise := e.x.values(n, series), e.otherwise.values(n, series)
	for i := range v {
		if math.IsNaN(v[i]) {
			v[i] = otherwise[i]
		}
	}
	return v
}

func (e repeat) values(n int, series map[string][]float64) []float64 {
	v := e.x.values(n, series)
	for i := range v {
		if i > 0 && math.IsNaN(v[i]) {
			v[i] = v[i-1]
		}
	}
	return v
}

func operate(operator kind, a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		if b == 0 {
			return math.NaN()
		}
		return a / b
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "&&":
		return truth(a != 0 && b != 0)
	case "||":
		return truth(a != 0 || b != 0)
	}
	panic("metricmath: unknown operator " + string(operator))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
