package metricmath

import (
	"fmt"
	"slices"
	"strconv"
)

// precedence of the binary operators. All are left-associative. A sign binds tighter.
var precedence = map[kind]int{
	"||": 1,
	"&&": 2,
	"==": 3, "!=": 3, "<": 3, ">": 3, "<=": 3, ">=": 3,
	"+": 4, "-": 4,
	"*": 5, "/": 5,
}

const (
	lowest   = 1
	maxDepth = 100 // nested parentheses, signs and calls
)

// parser is a precedence-climbing parser.
type parser struct {
	tokens []token // remaining tokens; the last one is endOfText
	ids    []string
	depth  int
}

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != endOfText {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept consumes the next token if it is of a kind.
func (p *parser) accept(k kind) bool {
	if p.tokens[0].kind != k {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(k kind) error {
	t := p.tokens[0]
	if p.accept(k) {
		return nil
	}
	return fmt.Errorf("column %d: want %v, got %v", t.column, k, t)
}

// expression parses an operand and all binary operators after it whose precedence is at least least.
func (p *parser) expression(least int) (node, error) {
	left, err := p.operand()
	for err == nil {
		operator := p.tokens[0]
		level := precedence[operator.kind]
		if level < least { // a token that is not an operator has the level 0
			return left, nil
		}
		p.next()
		var right node
		if right, err = p.expression(level + 1); err == nil {
			left = binary{operator.kind, left, right}
		}
	}
	return nil, err
}

// operand parses a number, a series, a call, an expression in parentheses or a sign with its operand.
func (p *parser) operand() (node, error) {
	t := p.next()
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("column %d: nested more than %d levels deep", t.column, maxDepth)
	}
	defer func() { p.depth-- }()
	switch t.kind {
	case number:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, fmt.Errorf("column %d: %q is not a number that fits 64 bits", t.column, t.text)
		}
		return constant(v), nil
	case word:
		if p.accept("(") {
			return p.call(t)
		}
		if !slices.Contains(p.ids, t.text) {
			return nil, fmt.Errorf("column %d: unknown series %q", t.column, t.text)
		}
		return reference(t.text), nil
	case "-":
		x, err := p.operand()
		return negation{x}, err
	case "(":
		x, err := p.expression(lowest)
		if err != nil {
			return nil, err
		}
		return x, p.expect(")")
	}
	return nil, fmt.Errorf("column %d: want a number, a series, a function or \"(\", got %v", t.column, t)
}

// call parses the arguments of a function, after its opening parenthesis.
func (p *parser) call(function token) (node, error) {
	switch function.text {
	case "IF":
		args, err := p.arguments(3)
		if err != nil {
			return nil, err
		}
		return condition{args[0], args[1], args[2]}, nil
	case "FILL":
		return p.fill()
	}
	return nil, fmt.Errorf("column %d: unknown function %s: want IF or FILL", function.column, function.text)
}

// fill parses the arguments of FILL. The second one may be the word REPEAT.
func (p *parser) fill() (node, error) {
	x, err := p.expression(lowest)
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	if t := p.tokens[0]; t.kind == word && t.text == "REPEAT" {
		p.next()
		return repeat{x}, p.expect(")")
	}
	otherwise, err := p.expression(lowest)
	if err != nil {
		return nil, err
	}
	return fill{x, otherwise}, p.expect(")")
}

// arguments parses n arguments and the closing parenthesis.
func (p *parser) arguments(n int) ([]node, error) {
	args := make([]node, n)
	for i := range args {
		var err error
		if args[i], err = p.expression(lowest); err != nil {
			return nil, err
		}
		after := kind(",")
		if i == n-1 {
			after = ")"
		}
		if err := p.expect(after); err != nil {
			return nil, err
		}
	}
	return args, nil
}
