package fakedynamodb

import (
	"maps"
	"math/big"
	"sync"
	"time"
)

// updateInput is the input of UpdateItem:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
type updateInput struct {
	TableName                           string
	Key                                 attributes
	UpdateExpression                    string
	ConditionExpression                 string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           attributes
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
}

// updateOutput is the output of UpdateItem.
type updateOutput struct {
	Attributes attributes `json:",omitempty"`
}

// sweepEvery is how often expired items are removed.
const sweepEvery = time.Hour

type table struct {
	Table
	mu    sync.Mutex
	items map[string]attributes
	swept time.Time
}

// update runs one UpdateItem.
func (t *table) update(in *updateInput, now time.Time) (any, error) {
	key, ok := in.Key[t.Key]
	if !ok || len(in.Key) != 1 || key.number != nil || key.text == "" {
		return nil, invalid("The provided key element does not match the schema")
	}
	names := &substitutes{names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues, used: map[string]bool{}}
	actions, err := parseUpdate(in.UpdateExpression, names)
	if err != nil {
		return nil, err
	}
	condition, err := parseCondition(in.ConditionExpression, names)
	if err != nil {
		return nil, err
	}
	if err := names.unused(); err != nil {
		return nil, err
	}
	for name := range actions {
		if name == t.Key {
			return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	old := t.items[key.text]
	if !condition(old) {
		failed := &apiError{shape: dynamo + "ConditionalCheckFailedException", message: "The conditional request failed"}
		if in.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
			failed.item = old
		}
		return nil, failed
	}
	changed := maps.Clone(old)
	if changed == nil {
		changed = attributes{t.Key: key}
	}
	for name, act := range actions {
		if err := act(changed, name); err != nil {
			return nil, err
		}
	}
	t.items[key.text] = changed
	return returned(in.ReturnValues, old, changed, actions)
}

// returned returns the values that the client asks for.
func returned(which string, old, changed attributes, actions map[string]action) (any, error) {
	source := old
	switch which {
	case "", "NONE":
		return updateOutput{}, nil
	case "ALL_OLD":
		return updateOutput{old}, nil
	case "ALL_NEW":
		return updateOutput{changed}, nil
	case "UPDATED_NEW":
		source = changed
	case "UPDATED_OLD":
	default:
		return nil, invalid("1 validation error detected: Value '%.40s' at 'returnValues' failed to satisfy constraint", which)
	}
	out := attributes{}
	for name := range actions {
		if v, ok := source[name]; ok {
			out[name] = v
		}
	}
	return updateOutput{out}, nil
}

// sweep removes expired items, if it is time.
func (t *table) sweep(now time.Time) {
	if t.TTL == "" || now.Sub(t.swept) < sweepEvery {
		return
	}
	t.swept = now
	limit := big.NewInt(now.Unix())
	maps.DeleteFunc(t.items, func(_ string, item attributes) bool {
		expires := item[t.TTL].number
		return expires != nil && expires.Cmp(limit) < 0
	})
}
