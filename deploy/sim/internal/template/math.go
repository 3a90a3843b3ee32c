package template

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"darkroom/deploy/sim/internal/autoscaling"
)

// formula is an expression of CloudWatch's metric math over series of the same length. Known are what scaling needs: sums,
// comparisons, AND, OR, IF and FILL
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html). A minute in which an operand has
// no value, or is divided by 0, has none.
type formula struct{ tree ast.Expr }

var (
	and = regexp.MustCompile(`\bAND\b`)
	or  = regexp.MustCompile(`\bOR\b`)
)

// parseFormula reads an expression that may refer to the series of known ids. Its operators and their order are those of Go, but for the words.
func parseFormula(text string, known []string) (formula, error) {
	tree, err := parser.ParseExpr(or.ReplaceAllString(and.ReplaceAllString(strings.ReplaceAll(text, "IF(", "If("), "&&"), "||"))
	if err != nil {
		return formula{}, fmt.Errorf("metric math %q: %w", text, err)
	}
	if err := check(tree, known); err != nil {
		return formula{}, fmt.Errorf("metric math %q: %w", text, err)
	}
	return formula{tree}, nil
}

var operators = []token.Token{token.ADD, token.SUB, token.MUL, token.QUO, token.LSS, token.GTR, token.LEQ, token.GEQ, token.EQL, token.NEQ, token.LAND, token.LOR}

func check(tree ast.Expr, known []string) error {
	switch e := tree.(type) {
	case *ast.BasicLit:
		if _, err := strconv.ParseFloat(e.Value, 64); err != nil {
			return fmt.Errorf("%s is no number", e.Value)
		}
		return nil
	case *ast.Ident:
		if !slices.Contains(known, e.Name) {
			return fmt.Errorf("%s is no series above it", e.Name)
		}
		return nil
	case *ast.ParenExpr:
		return check(e.X, known)
	case *ast.UnaryExpr:
		if e.Op == token.SUB {
			return check(e.X, known)
		}
	case *ast.BinaryExpr:
		if slices.Contains(operators, e.Op) {
			if err := check(e.X, known); err != nil {
				return err
			}
			return check(e.Y, known)
		}
	case *ast.CallExpr:
		args := e.Args
		switch name(e); {
		case name(e) == "If" && len(args) == 3:
		case name(e) == "FILL" && len(args) == 2:
			if isRepeat(args[1]) {
				args = args[:1]
			}
		default:
			return fmt.Errorf("%s with %d arguments is not known here", name(e), len(args))
		}
		for _, a := range args {
			if err := check(a, known); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("this is not known here: %T", tree)
}

func name(e *ast.CallExpr) string {
	id, _ := e.Fun.(*ast.Ident)
	if id == nil {
		return "a function"
	}
	return id.Name
}

func isRepeat(e ast.Expr) bool {
	id, _ := e.(*ast.Ident)
	return id != nil && id.Name == "REPEAT"
}

// over works the formula out for each of n minutes.
func (f formula) over(n int, series map[string]autoscaling.Series) autoscaling.Series {
	return work(f.tree, n, series)
}

func work(tree ast.Expr, n int, series map[string]autoscaling.Series) autoscaling.Series {
	switch e := tree.(type) {
	case *ast.BasicLit:
		v, _ := strconv.ParseFloat(e.Value, 64) // it was checked
		return slices.Repeat(autoscaling.Series{v}, n)
	case *ast.Ident:
		return series[e.Name]
	case *ast.ParenExpr:
		return work(e.X, n, series)
	case *ast.UnaryExpr:
		return each(n, func(i int, v []autoscaling.Series) float64 { return -v[0][i] }, work(e.X, n, series))
	case *ast.BinaryExpr:
		return each(n, func(i int, v []autoscaling.Series) float64 { return operate(e.Op, v[0][i], v[1][i]) }, work(e.X, n, series), work(e.Y, n, series))
	}
	call := tree.(*ast.CallExpr)
	first := work(call.Args[0], n, series)
	if name(call) == "FILL" && isRepeat(call.Args[1]) {
		last := math.NaN()
		return each(n, func(i int, v []autoscaling.Series) float64 {
			if !math.IsNaN(v[0][i]) {
				last = v[0][i]
			}
			return last
		}, first)
	}
	second := work(call.Args[1], n, series)
	if name(call) == "FILL" {
		return each(n, func(i int, v []autoscaling.Series) float64 {
			if math.IsNaN(v[0][i]) {
				return v[1][i]
			}
			return v[0][i]
		}, first, second)
	}
	return each(n, func(i int, v []autoscaling.Series) float64 {
		switch {
		case math.IsNaN(v[0][i]):
			return math.NaN()
		case v[0][i] != 0:
			return v[1][i]
		}
		return v[2][i]
	}, first, second, work(call.Args[2], n, series))
}

func each(n int, f func(i int, v []autoscaling.Series) float64, v ...autoscaling.Series) autoscaling.Series {
	out := make(autoscaling.Series, n)
	for i := range out {
		out[i] = f(i, v)
	}
	return out
}

func operate(op token.Token, a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	truth := func(t bool) float64 {
		if t {
			return 1
		}
		return 0
	}
	switch op {
	case token.ADD:
		return a + b
	case token.SUB:
		return a - b
	case token.MUL:
		return a * b
	case token.QUO:
		if b == 0 {
			return math.NaN()
		}
		return a / b
	case token.LSS:
		return truth(a < b)
	case token.GTR:
		return truth(a > b)
	case token.LEQ:
		return truth(a <= b)
	case token.GEQ:
		return truth(a >= b)
	case token.EQL:
		return truth(a == b)
	case token.NEQ:
		return truth(a != b)
	case token.LAND:
		return truth(a != 0 && b != 0)
	default:
		return truth(a != 0 || b != 0)
	}
}
