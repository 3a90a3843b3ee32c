package metricmath

import (
	"math"
	"slices"
)

// node is an expression or part of one.
type node interface {
	// values returns one value for each of m.n minutes.
	values(m minutes) []float64
	// scalar reports that no series is part of it. A number has a value in every minute, but no point of its own.
	scalar() bool
}

// minutes are the values that an evaluation reads.
type minutes struct {
	n       int
	series  map[string][]float64
	missing Missing
}

// present returns an operand's value at a minute in which another operand has a point.
func (m minutes) present(v float64) float64 {
	if math.IsNaN(v) && m.missing == Zero {
		return 0
	}
	return v
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

func (c constant) values(m minutes) []float64 {
	return slices.Repeat([]float64{float64(c)}, m.n)
}

func (r reference) values(m minutes) []float64 {
	return slices.Clone(m.series[string(r)][:m.n])
}

func (e negation) values(m minutes) []float64 {
	v := e.x.values(m)
	for i := range v {
		v[i] = -v[i]
	}
	return v
}

func (e binary) values(m minutes) []float64 {
	left, right := e.left.values(m), e.right.values(m)
	for i := range left {
		if (!math.IsNaN(left[i]) && !e.left.scalar()) || (!math.IsNaN(right[i]) && !e.right.scalar()) {
			left[i], right[i] = m.present(left[i]), m.present(right[i])
		}
		left[i] = operate(e.operator, left[i], right[i])
	}
	return left
}

func (e condition) values(m minutes) []float64 {
	test, then, otherwise := e.test.values(m), e.then.values(m), e.otherwise.values(m)
	point := func(operand node, v float64) bool { return !operand.scalar() && !math.IsNaN(v) }
	for i, v := range test {
		if point(e.test, v) || point(e.then, then[i]) || point(e.otherwise, otherwise[i]) {
			v, then[i], otherwise[i] = m.present(v), m.present(then[i]), m.present(otherwise[i])
		}
		switch {
		case math.IsNaN(v):
			test[i] = v // the result has no value
		case v != 0:
			test[i] = then[i]
		default:
			test[i] = otherwise[i]
		}
	}
	return test
}

func (e fill) values(m minutes) []float64 {
	v, otherwise := e.x.values(m), e.otherwise.values(m)
	for i := range v {
		if math.IsNaN(v[i]) {
			v[i] = otherwise[i]
		}
	}
	return v
}

func (e repeat) values(m minutes) []float64 {
	v := e.x.values(m)
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

func (constant) scalar() bool    { return true }
func (reference) scalar() bool   { return false }
func (e negation) scalar() bool  { return e.x.scalar() }
func (e binary) scalar() bool    { return e.left.scalar() && e.right.scalar() }
func (e condition) scalar() bool { return e.test.scalar() && e.then.scalar() && e.otherwise.scalar() }
func (e fill) scalar() bool      { return e.x.scalar() && e.otherwise.scalar() }
func (e repeat) scalar() bool    { return e.x.scalar() }
