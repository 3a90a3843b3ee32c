package fakedynamodb

// condition decides whether an item may be updated. An item that does not exist has no attributes.
type condition func(attributes) bool

// parseCondition parses a ConditionExpression. An empty one is always met.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
func parseCondition(text string, s *substitutes) (condition, error) {
	if text == "" {
		return func(attributes) bool { return true }, nil
	}
	t, err := scan("ConditionExpression", text)
	if err != nil {
		return nil, err
	}
	c, err := s.or(t)
	if err != nil {
		return nil, err
	}
	if t.peek() != "" {
		return nil, t.syntax(t.peek())
	}
	return c, nil
}

func (s *substitutes) or(t *tokens) (condition, error) {
	left, err := s.and(t)
	for err == nil && t.accept("OR") {
		var right condition
		if right, err = s.and(t); err == nil {
			before := left
			left = func(a attributes) bool { return before(a) || right(a) }
		}
	}
	return left, err
}

func (s *substitutes) and(t *tokens) (condition, error) {
	left, err := s.not(t)
	for err == nil && t.accept("AND") {
		var right condition
		if right, err = s.not(t); err == nil {
			before := left
			left = func(a attributes) bool { return before(a) && right(a) }
		}
	}
	return left, err
}

// mostDepth is how deep parentheses and NOT may be nested.
const mostDepth = 100

func (s *substitutes) not(t *tokens) (condition, error) {
	t.depth++
	defer func() { t.depth-- }()
	switch {
	case t.depth > mostDepth:
		return nil, invalid("Invalid %s: The expression is nested too deeply", t.kind)
	case t.accept("NOT"):
		c, err := s.not(t)
		return func(a attributes) bool { return !c(a) }, err
	case t.accept("("):
		c, err := s.or(t)
		if err != nil {
			return nil, err
		}
		return c, t.expect(")")
	case t.accept("attribute_exists"):
		return s.exists(t, true)
	case t.accept("attribute_not_exists"):
		return s.exists(t, false)
	}
	return s.comparison(t)
}

func (s *substitutes) exists(t *tokens, want bool) (condition, error) {
	if err := t.expect("("); err != nil {
		return nil, err
	}
	name, err := s.name(t)
	if err != nil {
		return nil, err
	}
	return func(a attributes) bool { _, ok := a[name]; return ok == want }, t.expect(")")
}

// comparisons are the signs, and the orders for which each is true.
var comparisons = map[string]func(order int) bool{
	"=":  func(order int) bool { return order == 0 },
	"<>": func(order int) bool { return order != 0 },
	"<":  func(order int) bool { return order < 0 },
	"<=": func(order int) bool { return order <= 0 },
	">":  func(order int) bool { return order > 0 },
	">=": func(order int) bool { return order >= 0 },
}

// comparison parses an attribute, a sign and a value. It is false if the attribute does not exist. Values of two types
// are unequal, and neither is less.
func (s *substitutes) comparison(t *tokens) (condition, error) {
	name, err := s.name(t)
	if err != nil {
		return nil, err
	}
	sign := t.next()
	holds, ok := comparisons[sign]
	if !ok {
		return nil, t.syntax(sign)
	}
	want, err := s.value(t)
	if err != nil {
		return nil, err
	}
	return func(a attributes) bool {
		v, ok := a[name]
		if !ok {
			return false
		}
		order, comparable := v.compare(want)
		if !comparable {
			return sign == "<>"
		}
		return holds(order)
	}, nil
}
