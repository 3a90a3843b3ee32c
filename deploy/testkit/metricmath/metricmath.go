// Package metricmath parses and evaluates the part of CloudWatch's metric math that Darkroom's template uses: numbers,
// series, parentheses, + - * /, the comparisons, AND, OR, IF and FILL. Anything else is an error
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
//
// A series has one value for each minute. NaN is a minute without a value. A division by 0 has no value. Comparisons,
// AND and OR result in 1 or 0.
//
// AWS's documentation can be read in two ways where one operand has a value in a minute and another has none: see
// [Missing].
package metricmath

import "fmt"

// Missing is what an operand without a value counts as, in a minute in which another series of the operation has one.
// In a minute without any, the result has no value either way. FILL provides a value either way.
type Missing int

// The readings. "Gap" is how graphs look. "Zero" is what the guide says of arithmetic on several series.
const (
	Gap  Missing = iota // the result has no value
	Zero                // it counts as 0
)

// String returns the name of the reading, as ParseMissing takes it.
func (m Missing) String() string {
	if m == Zero {
		return "zero"
	}
	return "gap"
}

// ParseMissing returns the reading called "gap" or "zero".
func ParseMissing(name string) (Missing, error) {
	for _, m := range []Missing{Gap, Zero} {
		if m.String() == name {
			return m, nil
		}
	}
	return Gap, fmt.Errorf("missing values count as %q: want gap or zero", name)
}

// Expression is a parsed expression.
type Expression struct{ root node }

// Parse parses an expression that may refer to the series with the given IDs. An error names the column at which it was
// found, counted in bytes from 1.
func Parse(text string, ids []string) (Expression, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return Expression{}, fmt.Errorf("metric math %q: %w", text, err)
	}
	p := &parser{tokens: tokens, ids: ids}
	root, err := p.expression(lowest)
	if err == nil {
		err = p.expect(endOfText)
	}
	if err != nil {
		return Expression{}, fmt.Errorf("metric math %q: %w", text, err)
	}
	return Expression{root}, nil
}

// Evaluate returns the value of the expression in each of n minutes. Each series that it refers to must have n values.
func (e Expression) Evaluate(n int, series map[string][]float64, missing Missing) []float64 {
	return e.root.values(minutes{n, series, missing})
}
