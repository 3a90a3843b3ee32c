package fakedynamodb_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/local/fake/fakedynamodb"
)

var things = fakedynamodb.Table{Name: "things", Key: "id", TTL: "until"}

// inProcess sends requests to a handler without a network.
type inProcess struct{ http.Handler }

func (h inProcess) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// newClient returns the SDK's client of a new server.
func newClient() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", ""),
		HTTPClient: inProcess{fakedynamodb.New(nil, things)}, RetryMaxAttempts: 1})
}

// update is an UpdateItem of the item "a". Values that are whole numbers are numbers, and others are strings.
type update struct {
	expression, condition string
	names, values         map[string]string
	returns               types.ReturnValue
}

func (u update) input() *dynamodb.UpdateItemInput {
	in := &dynamodb.UpdateItemInput{TableName: aws.String("things"), Key: item(map[string]string{"id": "a"}), UpdateExpression: &u.expression,
		ExpressionAttributeNames: u.names, ReturnValues: u.returns, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
	if u.condition != "" {
		in.ConditionExpression = &u.condition
	}
	if u.values != nil {
		in.ExpressionAttributeValues = item(u.values)
	}
	return in
}

func item(values map[string]string) map[string]types.AttributeValue {
	out := map[string]types.AttributeValue{}
	for name, v := range values {
		if strings.Trim(v, "-0123456789") == "" && v != "" {
			out[name] = &types.AttributeValueMemberN{Value: v}
		} else {
			out[name] = &types.AttributeValueMemberS{Value: v}
		}
	}
	return out
}

// plain converts an item back to plain values.
func plain(attributes map[string]types.AttributeValue) map[string]string {
	out := map[string]string{}
	for name, v := range attributes {
		switch v := v.(type) {
		case *types.AttributeValueMemberN:
			out[name] = v.Value
		case *types.AttributeValueMemberS:
			out[name] = v.Value
		}
	}
	return out
}

// TestUpdates sends updates to one item, in this order.
func TestUpdates(t *testing.T) {
	type members = map[string]string
	client := newClient()
	for i, c := range []struct {
		update
		want    members // attributes in the answer
		refused bool    // the condition is not met: want is the item
	}{
		{update{expression: "SET n = :n, #s = :s", names: members{"#s": "set"}, values: members{":n": "5", ":s": "x"}, returns: types.ReturnValueAllOld}, members{}, false},
		{update{expression: "ADD n :n, m :m", values: members{":n": "-7", ":m": "3"}, returns: types.ReturnValueAllNew}, members{"id": "a", "n": "-2", "m": "3", "set": "x"}, false},
		{update{expression: "REMOVE m, nothing ADD n :n", values: members{":n": "1"}, returns: types.ReturnValueUpdatedNew}, members{"n": "-1"}, false},
		{update{expression: "set n=:n", values: members{":n": "12345678901234567890123456789012345678"}, returns: types.ReturnValueUpdatedOld}, members{"n": "-1"}, false},
		{update{expression: "SET n = :n", values: members{":n": "10"}}, members{}, false},
		{update{expression: "SET n = :n", condition: "n < :n", values: members{":n": "10"}}, members{"id": "a", "n": "10", "set": "x"}, true},
		{update{expression: "REMOVE z", condition: "n = :n AND (n > :m or NOT n<>:n)", values: members{":n": "10", ":m": "11"}}, members{}, false},
		{update{expression: "REMOVE z", condition: "attribute_exists(z) OR n >= :n AND n <= :n", values: members{":n": "10"}}, members{}, false},
		{update{expression: "REMOVE z", condition: "NOT attribute_not_exists(z)"}, members{"id": "a", "n": "10", "set": "x"}, true},
		{update{expression: "REMOVE z", condition: "z < :n", values: members{":n": "10"}}, members{"id": "a", "n": "10", "set": "x"}, true},
		{update{expression: "REMOVE z", condition: "n < :s", values: members{":s": "9x"}}, members{"id": "a", "n": "10", "set": "x"}, true},
		{update{expression: "REMOVE z", condition: "n <> :s", values: members{":s": "9x"}}, members{}, false},
		{update{expression: "REMOVE z", condition: "#s > :s", names: members{"#s": "set"}, values: members{":s": "w"}}, members{}, false},
	} {
		out, err := client.UpdateItem(t.Context(), c.input())
		var got members
		if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok && c.refused {
			got = plain(refused.Item)
		} else if err != nil || c.refused {
			t.Errorf("%d: %v", i, err)
			continue
		} else {
			got = plain(out.Attributes)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
}

// TestErrors: each has DynamoDB's code, and changes nothing.
func TestErrors(t *testing.T) {
	type members = map[string]string
	client := newClient()
	if _, err := client.UpdateItem(t.Context(), update{expression: "SET s = :s", values: members{":s": "x"}}.input()); err != nil {
		t.Fatal(err)
	}
	for want, all := range map[string][]update{
		"Syntax error": {{expression: "SET n"}, {expression: "n = :n"}, {expression: "SET n = n"}, {expression: "REMOVE n,"}, {expression: "REMOVE :n"}, {expression: "REMOVE a b"}, {expression: "SET n = :n +"},
			{expression: "REMOVE n", condition: "n"}, {expression: "REMOVE n", condition: "(n = :n", values: members{":n": "1"}}, {expression: "REMOVE n", condition: "n = :n n", values: members{":n": "1"}}, {expression: "REMOVE n", condition: "attribute_exists n"},
			{expression: "REMOVE n", condition: "n AND n"}, {expression: "REMOVE n", condition: "%"}},
		"is not defined":    {{expression: "SET n = :missing"}, {expression: "REMOVE #n"}},
		"unused":            {{expression: "REMOVE n", values: members{":n": "1"}}, {expression: "REMOVE n", names: members{"#n": "n"}}},
		"overlap":           {{expression: "REMOVE n, n"}},
		"only be used once": {{expression: "REMOVE n REMOVE m"}},
		"part of the key":   {{expression: "REMOVE id"}},
		"incorrect data":    {{expression: "ADD s :n", values: members{":n": "1"}}},
		"operand type":      {{expression: "ADD n :s", values: members{":s": "x"}}},
		"38 significant":    {{expression: "SET n = :n", values: members{":n": strings.Repeat("9", 39)}}},
		"numeric value":     {{expression: "SET n = :n", values: members{":n": "1-1"}}},
		"'returnValues'":    {{expression: "REMOVE n", returns: "ALL"}},
		"nested too deeply": {{expression: "REMOVE n", condition: strings.Repeat("(", 101) + "n = :n" + strings.Repeat(")", 101), values: members{":n": "1"}}},
	} {
		for _, u := range all {
			_, err := client.UpdateItem(t.Context(), u.input())
			if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "ValidationException" || !strings.Contains(api.ErrorMessage(), want) {
				t.Errorf("%+v: %v, want %s", u, err, want)
			}
		}
	}
	in := update{expression: "REMOVE n"}.input()
	in.Key = item(map[string]string{"other": "a"})
	if _, err := client.UpdateItem(t.Context(), in); err == nil || !strings.Contains(err.Error(), "does not match the schema") {
		t.Error(err)
	}
	in = update{expression: "REMOVE n"}.input()
	in.TableName = aws.String("nowhere")
	if _, err := client.UpdateItem(t.Context(), in); err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Error(err)
	}
	if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err == nil || !strings.Contains(err.Error(), "UnknownOperationException") {
		t.Error(err)
	}
	out, err := client.UpdateItem(t.Context(), update{expression: "REMOVE n", returns: types.ReturnValueAllNew}.input())
	if err != nil || !cmp.Equal(plain(out.Attributes), members{"id": "a", "s": "x"}) {
		t.Errorf("%v, %v", out, err)
	}
}

// TestUpdatesAreAtomic: of many conditional updates at once, exactly as many succeed as the condition allows.
func TestUpdatesAreAtomic(t *testing.T) {
	client := newClient()
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			_, err := client.UpdateItem(t.Context(), update{expression: "ADD n :one", condition: "attribute_not_exists(n) OR n < :most", values: map[string]string{":one": "1", ":most": "17"}}.input())
			if _, refused := errors.AsType[*types.ConditionalCheckFailedException](err); err != nil && !refused {
				t.Error(err)
			}
		})
	}
	group.Wait()
	out, err := client.UpdateItem(t.Context(), update{expression: "REMOVE z", returns: types.ReturnValueAllNew}.input())
	if err != nil || plain(out.Attributes)["n"] != "17" {
		t.Errorf("%v, %v", out, err)
	}
}

// TestExpiry: an item is removed once its time is over, and others are kept.
func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is the second 946684800
		client := newClient()
		for key, until := range map[string]string{"old": "946684801", "new": "999999999", "never": "x"} {
			in := update{expression: "SET until = :u", values: map[string]string{":u": until}}.input()
			in.Key = item(map[string]string{"id": key})
			if _, err := client.UpdateItem(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		for key, want := range map[string]int{"old": 1, "new": 2, "never": 2} {
			in := update{expression: "REMOVE z", returns: types.ReturnValueAllNew}.input()
			in.Key = item(map[string]string{"id": key})
			if out, err := client.UpdateItem(t.Context(), in); err != nil || len(out.Attributes) != want {
				t.Errorf("%s has %v, %v", key, out, err)
			}
		}
	})
}

// FuzzRequest: whatever arrives, the server answers with JSON and a status of DynamoDB.
func FuzzRequest(f *testing.F) {
	f.Add(`{"TableName":"things","Key":{"id":{"S":"a"}},"UpdateExpression":"SET a = :a ADD #b :b REMOVE c","ConditionExpression":"NOT (attribute_exists(a) OR b <= :b)",` +
		`"ExpressionAttributeNames":{"#b":"b"},"ExpressionAttributeValues":{":a":{"S":"x"},":b":{"N":"-1"}}}`)
	f.Add(`{"TableName":"things","Key":{"id":{"N":"1"}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", fakedynamodb.TargetPrefix+"UpdateItem")
		fakedynamodb.New(nil, things).ServeHTTP(w, r)
		answer, _ := io.ReadAll(w.Result().Body)
		if w.Code != 200 && w.Code != 400 || len(answer) < 2 || answer[0] != '{' {
			t.Errorf("%d %s", w.Code, answer)
		}
	})
}
