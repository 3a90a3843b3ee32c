package fakedynamodb

import (
	"math/big"
	"strings"
)

// action changes one attribute of an item.
type action func(item attributes, name string) error

// parseUpdate parses an UpdateExpression and returns its action on each attribute.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
func parseUpdate(text string, s *substitutes) (map[string]action, error) {
	t, err := scan("UpdateExpression", text)
	if err != nil {
		return nil, err
	}
	actions, sections := map[string]action{}, map[string]bool{}
	for t.peek() != "" || len(sections) == 0 {
		section := strings.ToUpper(t.next())
		parse := map[string]func(*tokens) (action, error){"SET": s.set, "ADD": s.add, "REMOVE": s.remove}[section]
		switch {
		case parse == nil:
			return nil, t.syntax(section)
		case sections[section]:
			return nil, invalid("Invalid UpdateExpression: The %q section can only be used once in an update expression", section)
		}
		sections[section] = true
		for more := true; more; more = t.accept(",") {
			name, err := s.name(t)
			if err != nil {
				return nil, err
			}
			if actions[name] != nil {
				return nil, invalid("Invalid UpdateExpression: Two document paths overlap with each other; path one: [%s], path two: [%s]", name, name)
			}
			if actions[name], err = parse(t); err != nil {
				return nil, err
			}
		}
	}
	return actions, nil
}

func (s *substitutes) set(t *tokens) (action, error) {
	if err := t.expect("="); err != nil {
		return nil, err
	}
	v, err := s.value(t)
	return func(item attributes, name string) error { item[name] = v; return nil }, err
}

func (s *substitutes) add(t *tokens) (action, error) {
	v, err := s.value(t)
	if err == nil && v.number == nil {
		err = invalid("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING")
	}
	return func(item attributes, name string) error {
		sum := v
		if old, ok := item[name]; ok {
			if old.number == nil {
				return invalid("An operand in the update expression has an incorrect data type")
			}
			sum = value{number: new(big.Int).Add(old.number, v.number)}
		}
		item[name] = sum
		return sum.check()
	}, err
}

func (s *substitutes) remove(*tokens) (action, error) {
	return func(item attributes, name string) error { delete(item, name); return nil }, nil
}
