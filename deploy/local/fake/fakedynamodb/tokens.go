package fakedynamodb

import (
	"regexp"
	"slices"
	"strings"
)

// token is a word, a placeholder or a sign of an expression.
var token = regexp.MustCompile(`^(?:[#:]?[A-Za-z_][A-Za-z0-9_]*|[#:][0-9][A-Za-z0-9_]*|<=|>=|<>|[=<>(),])`)

// tokens are the rest of an expression.
type tokens struct {
	rest  []string
	kind  string // UpdateExpression or ConditionExpression
	depth int
}

// mostTokens bounds the work for one expression.
const mostTokens = 1000

// scan splits an expression.
func scan(kind, text string) (*tokens, error) {
	t := &tokens{kind: kind}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		one := token.FindString(text)
		if one == "" || len(t.rest) == mostTokens {
			return nil, t.syntax(text)
		}
		t.rest, text = append(t.rest, one), text[len(one):]
	}
	return t, nil
}

// syntax returns the error about text that does not belong there.
func (t *tokens) syntax(text string) error {
	if text == "" {
		text = "<EOF>"
	}
	return invalid("Invalid %s: Syntax error; token: %.40q", t.kind, text)
}

// peek returns the next token, or "" at the end.
func (t *tokens) peek() string {
	if len(t.rest) == 0 {
		return ""
	}
	return t.rest[0]
}

func (t *tokens) next() string {
	one := t.peek()
	if one != "" {
		t.rest = t.rest[1:]
	}
	return one
}

// accept skips the next token if it is one of these words, in any case of letters, or signs.
func (t *tokens) accept(words ...string) bool {
	if !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, t.peek()) }) || t.peek() == "" {
		return false
	}
	t.next()
	return true
}

// expect skips a sign, or returns an error.
func (t *tokens) expect(sign string) error {
	if !t.accept(sign) {
		return t.syntax(t.peek())
	}
	return nil
}

// substitutes are the placeholders of a request.
type substitutes struct {
	names  map[string]string
	values attributes
	used   map[string]bool
}

// name returns the name of the attribute that the next token stands for.
func (s *substitutes) name(t *tokens) (string, error) {
	one := t.next()
	switch {
	case strings.HasPrefix(one, "#"):
		name, ok := s.names[one]
		if !ok {
			return "", invalid("Invalid %s: An expression attribute name used in the document path is not defined; attribute name: %.40s", t.kind, one)
		}
		s.used[one] = true
		return name, nil
	case one == "" || strings.ContainsAny(one[:1], ":<>=(),"):
		return "", t.syntax(one)
	}
	return one, nil
}

// value returns the value that the next token stands for.
func (s *substitutes) value(t *tokens) (value, error) {
	one := t.next()
	if !strings.HasPrefix(one, ":") {
		return value{}, t.syntax(one)
	}
	v, ok := s.values[one]
	if !ok {
		return value{}, invalid("Invalid %s: An expression attribute value used in expression is not defined; attribute value: %.40s", t.kind, one)
	}
	s.used[one] = true
	return v, nil
}

// unused reports a placeholder that no expression uses.
func (s *substitutes) unused() error {
	for name := range s.names {
		if !s.used[name] {
			return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%.40s}", name)
		}
	}
	for name := range s.values {
		if !s.used[name] {
			return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%.40s}", name)
		}
	}
	return nil
}
