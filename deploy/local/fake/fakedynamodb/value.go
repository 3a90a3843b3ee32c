package fakedynamodb

import (
	"encoding/json"
	"math/big"
	"strings"
)

// value is the value of an attribute: a string or a whole number.
type value struct {
	text   string
	number *big.Int // nil for a string
}

// attributes are those of an item by their names.
type attributes map[string]value

// most is the first number with more digits than DynamoDB keeps.
var most = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)

// UnmarshalJSON implements [json.Unmarshaler].
func (v *value) UnmarshalJSON(b []byte) error {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	for kind, raw := range in {
		var text string
		if len(in) != 1 || kind != "S" && kind != "N" || json.Unmarshal(raw, &text) != nil {
			break
		}
		if kind == "S" {
			*v = value{text: text}
			return nil
		}
		n, ok := new(big.Int).SetString(text, 10)
		if !ok || strings.HasPrefix(text, "+") {
			return invalid("The parameter cannot be converted to a numeric value: %.40s", text)
		}
		*v = value{number: n}
		return v.check()
	}
	return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

// check reports a number with too many digits.
func (v value) check() error {
	if v.number != nil && v.number.CmpAbs(most) >= 0 {
		return invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (v value) MarshalJSON() ([]byte, error) {
	if v.number == nil {
		return json.Marshal(map[string]string{"S": v.text})
	}
	return json.Marshal(map[string]string{"N": v.number.String()})
}

// compare compares two values of the same type.
func (v value) compare(other value) (order int, comparable bool) {
	switch {
	case (v.number == nil) != (other.number == nil):
		return 0, false
	case v.number == nil:
		return strings.Compare(v.text, other.text), true
	}
	return v.number.Cmp(other.number), true
}
