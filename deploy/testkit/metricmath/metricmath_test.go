package metricmath

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

var (
	nan    = math.NaN()
	ids    = []string{"a", "b", "tasks_2"}
	series = map[string][]float64{"a": {1, 2, nan, 4}, "b": {0, 2, 3, nan}, "tasks_2": {1, 1, 1, 1}}
)

// equal reports whether two series have the same values, or none in the same minutes.
func equal(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
}

func TestEvaluate(t *testing.T) {
	for text, want := range map[string][]float64{
		"7":                             {7, 7, 7, 7},
		".5":                            {0.5, 0.5, 0.5, 0.5},
		"1.5e1":                         {15, 15, 15, 15},
		"2E-1":                          {0.2, 0.2, 0.2, 0.2},
		"tasks_2":                       {1, 1, 1, 1},
		"a + b * 2":                     {1, 6, nan, nan},
		"a*2+b":                         {2, 6, nan, nan},
		"(a + b) * 2 - 1":               {1, 7, nan, nan},
		"10 - a - 1":                    {8, 7, nan, 5},
		"8 / a / 2":                     {4, 2, nan, 1},
		"a / b":                         {nan, 1, nan, nan},
		"-a":                            {-1, -2, nan, -4},
		"- -a":                          {1, 2, nan, 4},
		"-a * 2":                        {-2, -4, nan, -8},
		"3 - -a":                        {4, 5, nan, 7},
		"FILL(a, 7)":                    {1, 2, 7, 4},
		"FILL(a, b)":                    {1, 2, 3, 4},
		"FILL(a, REPEAT)":               {1, 2, 2, 4},
		"FILL(b / b, REPEAT)":           {nan, 1, 1, 1},
		"FILL(FILL(b, REPEAT), a) - 1":  {-1, 1, 2, 2},
		"IF(a > 1, b, 9)":               {9, 2, nan, nan},
		"IF(b, a, -1)":                  {-1, 2, nan, nan},
		"IF(a >= 1 AND b < 2, 1, 0)":    {1, 0, nan, nan},
		"a == 2 OR b == 0":              {1, 1, nan, nan},
		"a == 2 || b == 0 && a == 7":    {0, 1, nan, nan},
		"(a == 2 OR b == 0) AND a == 7": {0, 0, nan, nan},
		"a != 2":                        {1, 0, nan, 1},
		"a <= 2":                        {1, 1, nan, 0},
		"a + 1 > 2 AND 1":               {0, 1, nan, 1},
		"a > 1 == 1":                    {0, 1, nan, 1},
		"\ta\r\n+ 1":                    {2, 3, nan, 5},
	} {
		e, err := Parse(text, ids)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := e.Evaluate(4, series, Gap); !equal(got, want) {
			t.Errorf("%s = %v, want %v", text, got, want)
		}
	}
	if want := []float64{1, 2, nan, 4}; !equal(series["a"], want) {
		t.Errorf("evaluation changed a series to %v", series["a"])
	}
}

// TestMissingIsZero evaluates under the reading that a missing operand counts as 0.
func TestMissingIsZero(t *testing.T) {
	gaps := map[string][]float64{"a": {1, 2, nan, 4, nan}, "b": {0, 2, 3, nan, nan}, "tasks_2": {1, 1, 1, 1, nan}}
	for text, want := range map[string][]float64{
		"a":                   {1, 2, nan, 4, nan}, // one series alone keeps its gaps
		"a * 2 + 1":           {3, 5, nan, 9, nan},
		"7":                   {7, 7, 7, 7, 7},
		"a + b * 2":           {1, 6, 6, 4, nan},
		"a / b":               {nan, 1, 0, nan, nan}, // a missing divisor is 0, which gives no value
		"a * 2 > b":           {1, 1, 0, 1, nan},
		"IF(a > 1, b, 9)":     {9, 2, 9, 0, nan},
		"IF(a > b, 5, 6)":     {5, 6, 6, 5, nan},
		"IF(1, a, b)":         {1, 2, 0, 4, nan},
		"FILL(a, 7) + b":      {1, 4, 10, 4, 7},
		"FILL(a, REPEAT) * b": {0, 4, 6, 0, 0}, // the fault of a filled count beside a late one
	} {
		e, err := Parse(text, ids)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := e.Evaluate(5, gaps, Zero); !equal(got, want) {
			t.Errorf("%s = %v, want %v", text, got, want)
		}
	}
	for name, want := range map[string]Missing{"gap": Gap, "zero": Zero} {
		if got, err := ParseMissing(name); err != nil || got != want || got.String() != name {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := ParseMissing("null"); err == nil {
		t.Error("null: no error")
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                  `column 1: want a number, a series, a function or "(", got the end`,
		"a +":               `column 4: want a number, a series, a function or "(", got the end`,
		"a b":               `column 3: want the end, got "b"`,
		"a)":                `column 2: want the end, got ")"`,
		"(a":                `column 3: want ")", got the end`,
		"c + 1":             `column 1: unknown series "c"`,
		"a + REPEAT":        `column 5: unknown series "REPEAT"`,
		"a ^ b":             `column 3: unexpected "^"`,
		"a % b":             `column 3: unexpected "%"`,
		"!a":                `column 1: unexpected "!"`,
		"a = b":             `column 3: unexpected "="`,
		`"a"`:               `column 1: unexpected "\""`,
		"a · b":             `column 3: unexpected "·"`,
		"+a":                `column 1: want a number, a series, a function or "(", got "+"`,
		"a AND AND b":       `column 7: want a number, a series, a function or "(", got "AND"`,
		"a.b":               `column 2: want the end, got "."`,
		"1.2.3":             `column 1: "1.2.3" is not a number that fits 64 bits`,
		"2 * 1e999":         `column 5: "1e999" is not a number that fits 64 bits`,
		"2e":                `column 2: want the end, got "e"`,
		"0x10":              `column 2: want the end, got "x10"`,
		"1 + MAX(a, b)":     "column 5: unknown function MAX: want IF or FILL",
		"if(a, 1, 2)":       "column 1: unknown function if: want IF or FILL",
		"FILL(a)":           `column 7: want ",", got ")"`,
		"FILL(a, 1, 2)":     `column 10: want ")", got ","`,
		"FILL(a, c)":        `column 9: unknown series "c"`,
		"FILL(a, LINEAR)":   `column 9: unknown series "LINEAR"`,
		"IF(a, b)":          `column 8: want ",", got ")"`,
		"IF(a, b, 1, 2)":    `column 11: want ")", got ","`,
		"IF(c, 1, 2)":       `column 4: unknown series "c"`,
		"IF":                `column 1: unknown series "IF"`,
		"a(1)":              "column 1: unknown function a: want IF or FILL",
		"[]int{1}":          `column 1: unexpected "["`,
		deep(maxDepth, "a"): "column 101: nested more than 100 levels deep",
	} {
		_, err := Parse(text, ids)
		if err == nil {
			t.Errorf("%q: no error, want %s", text, want)
			continue
		}
		if full := fmt.Sprintf("metric math %q: %s", text, want); err.Error() != full {
			t.Errorf("%q: error\n\t%s, want\n\t%s", text, err, full)
		}
	}
	if _, err := Parse(deep(maxDepth-1, "a"), ids); err != nil {
		t.Errorf("one level less: %v", err)
	}
}

func deep(levels int, text string) string {
	return strings.Repeat("(", levels) + text + strings.Repeat(")", levels)
}

// FuzzParse checks that Parse never panics, and that it groups operators as the same expression in full parentheses.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"a + b * 2", "IF(a >= 1 AND b < 2, 1, 0)", "FILL(FILL(b, REPEAT), a) - 1", "-a / b == 2 OR tasks_2",
		"1.5e-3 - - .5", "((a", "a ^ b", "FILL(a, LINEAR)"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text, ids)
		if err != nil {
			if !strings.Contains(err.Error(), "column ") {
				t.Errorf("%q: error without a position: %v", text, err)
			}
			return
		}
		got := e.Evaluate(4, series, Gap)
		if len(got) != 4 {
			t.Fatalf("%q has %d values, want 4", text, len(got))
		}
		full := parenthesized(e.root)
		again, err := Parse(full, ids)
		if err != nil {
			if strings.Contains(err.Error(), "levels deep") {
				return
			}
			t.Fatalf("%q in full parentheses: %v", text, err)
		}
		if more := again.Evaluate(4, series, Gap); !equal(got, more) {
			t.Errorf("%q = %v, but %q = %v", text, got, full, more)
		}
	})
}

// parenthesized writes an expression that needs no precedence.
func parenthesized(e node) string {
	switch e := e.(type) {
	case constant:
		return fmt.Sprintf("%g", float64(e))
	case reference:
		return string(e)
	case negation:
		return "(-" + parenthesized(e.x) + ")"
	case binary:
		return "(" + parenthesized(e.left) + string(e.operator) + parenthesized(e.right) + ")"
	case condition:
		return "IF(" + parenthesized(e.test) + "," + parenthesized(e.then) + "," + parenthesized(e.otherwise) + ")"
	case fill:
		return "FILL(" + parenthesized(e.x) + "," + parenthesized(e.otherwise) + ")"
	case repeat:
		return "FILL(" + parenthesized(e.x) + ",REPEAT)"
	}
	panic(fmt.Sprintf("unknown node %T", e))
}
