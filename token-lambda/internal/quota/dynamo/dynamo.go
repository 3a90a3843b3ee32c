// Package dynamo keeps the counters of quotas in a table of Amazon DynamoDB.
//
// The table's partition key is the string "key", and its TTL attribute is "expires". The only permission needed is
// dynamodb:UpdateItem. An item holds the counters of a board or a user on one day, and its key ends in that day:
// board#cats#2026-11-30. Its attributes are
//
//	p      photos of the day
//	b      bytes of the day
//	p754   photos of the minute 12:34
//	b754   bytes of the minute 12:34
//
// Since each minute has attributes of its own, no minute has to be reset, and one conditional update both checks and
// adds, in any order of requests and with clocks that differ. Old minutes are removed when there are [mostMinutes] of
// them, so that an item stays below 1 KB and each update costs one write unit. A transaction over the board and the
// user would cost twice as much, and gain nothing.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"darkroom/token-lambda/internal/quota"
)

const (
	keyName = "key"
	ttlName = "expires"
	// keptFor is how long an item is kept after its day, for instances whose clocks are behind.
	keptFor = 24 * time.Hour
	// mostMinutes is how many old minutes an item has before they are removed.
	mostMinutes = 16
	// oldMinute is how many minutes after its end a minute is old. No clock is further behind.
	oldMinute = 5
)

// Updater is the part of a [dynamodb.Client] that this package uses.
type Updater interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Counter is a [quota.Counter] in a table. It is safe for concurrent use.
type Counter struct {
	client Updater
	table  string
}

// New returns the counter in a table.
func New(client Updater, table string) *Counter { return &Counter{client, table} }

// item is where the counters of a key are at a time.
type item struct {
	key    string
	minute int // minute of the day
	end    time.Time
}

func itemAt(key quota.Key, at time.Time) item {
	at = at.UTC()
	return item{key: string(key) + "#" + at.Format(time.DateOnly), minute: at.Hour()*60 + at.Minute(),
		end: at.Truncate(24 * time.Hour).Add(24 * time.Hour)}
}

// counters returns the names of the attributes of the minute and the day, in the order of [numbers].
func (i item) counters() []string {
	minute := strconv.Itoa(i.minute)
	return []string{"p" + minute, "p", "b" + minute, "b"}
}

// numbers returns the numbers of windows in the order of the attributes.
func numbers(w quota.Windows) []int64 {
	return []int64{w.Minute.Photos, w.Day.Photos, w.Minute.Bytes, w.Day.Bytes}
}

// Add implements [quota.Counter].
func (c *Counter) Add(ctx context.Context, key quota.Key, use quota.Use, limits quota.Windows, at time.Time) (quota.Windows, bool, error) {
	i := itemAt(key, at)
	in := c.update(i, use)
	var conditions []string
	amounts := numbers(quota.Windows{}.Plus(use))
	for n, limit := range numbers(limits) {
		if limit == 0 {
			continue
		}
		name, value := "#"+strconv.Itoa(n), ":most"+strconv.Itoa(n)
		conditions = append(conditions, fmt.Sprintf("(attribute_not_exists(%s) OR %s <= %s)", name, name, value))
		in.ExpressionAttributeValues[value] = number(limit - amounts[n])
	}
	if len(conditions) > 0 {
		in.ConditionExpression = aws.String(strings.Join(conditions, " AND "))
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	in.ReturnValues = types.ReturnValueAllNew
	out, err := c.client.UpdateItem(ctx, in)
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		if refused.Item == nil {
			return quota.Windows{}, false, fmt.Errorf("update table %s: the refusal lacks the counters of %s", c.table, key)
		}
		counted, err := i.counted(refused.Item)
		return counted, false, err
	}
	if err != nil {
		return quota.Windows{}, false, fmt.Errorf("update table %s: %w", c.table, err)
	}
	counted, err := i.counted(out.Attributes)
	if err != nil {
		return quota.Windows{}, false, err
	}
	c.removeOld(ctx, i, out.Attributes)
	return counted, true, nil
}

// Subtract implements [quota.Counter].
func (c *Counter) Subtract(ctx context.Context, key quota.Key, use quota.Use, at time.Time) error {
	if _, err := c.client.UpdateItem(ctx, c.update(itemAt(key, at), quota.Use{Photos: -use.Photos, Bytes: -use.Bytes})); err != nil {
		return fmt.Errorf("update table %s: %w", c.table, err)
	}
	return nil
}

// update returns the request that adds use to the counters of an item. #0 to #3 are their names.
func (c *Counter) update(i item, use quota.Use) *dynamodb.UpdateItemInput {
	names := map[string]string{"#ttl": ttlName}
	for n, name := range i.counters() {
		names["#"+strconv.Itoa(n)] = name
	}
	return &dynamodb.UpdateItemInput{
		TableName: &c.table, Key: i.attributes(),
		UpdateExpression:         aws.String("SET #ttl = :ttl ADD #0 :p, #1 :p, #2 :b, #3 :b"),
		ExpressionAttributeNames: names,
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":ttl": number(i.end.Add(keptFor).Unix()), ":p": number(use.Photos), ":b": number(use.Bytes)},
	}
}

// removeOld removes the counters of old minutes if there are many. A failure does not matter: the next request for the
// key tries again.
func (c *Counter) removeOld(ctx context.Context, i item, attributes map[string]types.AttributeValue) {
	names := map[string]string{}
	for name := range attributes {
		if minute, err := strconv.Atoi(name[1:]); err == nil && minute < i.minute-oldMinute {
			names["#"+name] = name
		}
	}
	if len(names) < 2*mostMinutes { // each minute has two
		return
	}
	_, _ = c.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.table, Key: i.attributes(), ExpressionAttributeNames: names,
		UpdateExpression: aws.String("REMOVE " + strings.Join(slices.Sorted(maps.Keys(names)), ", ")),
	})
}

func (i item) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{keyName: &types.AttributeValueMemberS{Value: i.key}}
}

// counted returns the counters in the attributes of an item. A counter that is absent is 0.
func (i item) counted(attributes map[string]types.AttributeValue) (w quota.Windows, err error) {
	values := []*int64{&w.Minute.Photos, &w.Day.Photos, &w.Minute.Bytes, &w.Day.Bytes}
	for n, name := range i.counters() {
		value, ok := attributes[name]
		if !ok {
			continue
		}
		member, ok := value.(*types.AttributeValueMemberN)
		if !ok {
			return quota.Windows{}, fmt.Errorf("item %s: attribute %s is not a number", i.key, name)
		}
		if *values[n], err = strconv.ParseInt(member.Value, 10, 64); err != nil {
			return quota.Windows{}, fmt.Errorf("item %s: attribute %s: %w", i.key, name, err)
		}
	}
	return w, nil
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
