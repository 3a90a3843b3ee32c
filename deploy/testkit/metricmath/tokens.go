package metricmath

import (
	"fmt"
	"strconv"
	"strings"
)

// kind is the kind of a token. Operators, parentheses and the comma are their own kind, as written.
type kind string

const (
	number    kind = "a number"
	word      kind = "a name"
	endOfText kind = "the end"
)

// operators are all tokens that are neither numbers nor words. Longer ones come before their prefixes.
var operators = []kind{"<=", ">=", "==", "!=", "&&", "||", "<", ">", "+", "-", "*", "/", "(", ")", ","}

// wordOperators are operators that are written as words.
var wordOperators = map[string]kind{"AND": "&&", "OR": "||"}

// String describes the kind for an error.
func (k kind) String() string {
	switch k {
	case number, word, endOfText:
		return string(k)
	}
	return strconv.Quote(string(k))
}

type token struct {
	kind   kind
	text   string
	column int // in bytes, from 1
}

// String describes the token for an error.
func (t token) String() string {
	if t.kind == endOfText {
		return t.kind.String()
	}
	return strconv.Quote(t.text)
}

// tokenize splits an expression. The last token is always endOfText.
func tokenize(text string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(text); {
		if strings.IndexByte(" \t\r\n", text[i]) >= 0 {
			i++
			continue
		}
		k, n := scan(text[i:])
		if n == 0 {
			return nil, fmt.Errorf("column %d: unexpected %.1q", i+1, text[i:])
		}
		tokens = append(tokens, token{k, text[i : i+n], i + 1})
		i += n
	}
	return append(tokens, token{kind: endOfText, column: len(text) + 1}), nil
}

// scan returns the kind and the length of the token at the beginning of text. The length is 0 if there is none.
func scan(text string) (kind, int) {
	switch {
	case isDigit(text[0]) || text[0] == '.':
		return number, numberLength(text)
	case isLetter(text[0]):
		n := 1
		for n < len(text) && (isLetter(text[n]) || isDigit(text[n])) {
			n++
		}
		if k, ok := wordOperators[text[:n]]; ok {
			return k, n
		}
		return word, n
	}
	for _, k := range operators {
		if strings.HasPrefix(text, string(k)) {
			return k, len(k)
		}
	}
	return "", 0
}

// numberLength returns the length of a decimal number, with its exponent if it has one.
func numberLength(text string) int {
	n := 0
	for n < len(text) && (isDigit(text[n]) || text[n] == '.') {
		n++
	}
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		digits := n + 1
		if digits < len(text) && (text[digits] == '+' || text[digits] == '-') {
			digits++
		}
		if digits < len(text) && isDigit(text[digits]) {
			for n = digits; n < len(text) && isDigit(text[n]); n++ {
			}
		}
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
