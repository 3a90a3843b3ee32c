// Package metricmath parses and evaluates the part of CloudWatch's metric math that Darkroom's template uses: numbers,
// series, parentheses, + - * /, the comparisons, AND, OR, IF and FILL. Anything else is an error
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
//
// A series has one value for each minute. NaN is a minute without a value. If an operand has no value in a minute, or is
// divided by 0, the result has none either; only FILL provides one. Comparisons, AND and OR result in 1 or 0.
package metricmath

import "fmt"

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
func (e Expression) Evaluate(n int, series map[string][]float64) []float64 {
	return e.root.values(n, series)
}
