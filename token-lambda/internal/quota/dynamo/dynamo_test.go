package dynamo_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"darkroom/deploy/local/fake/fakedynamodb"
	"darkroom/token-lambda/internal/quota"
	"darkroom/token-lambda/internal/quota/dynamo"
	"darkroom/token-lambda/internal/quota/quotatest"
)

const table = "quotas"

// client returns the SDK's client of a server.
func client(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", ""), RetryMaxAttempts: 1})
}

// open returns the client of a stand-in with an empty table.
func open(t *testing.T) *dynamodb.Client {
	t.Helper()
	server := httptest.NewServer(fakedynamodb.New(nil, fakedynamodb.Table{Name: table, Key: "key", TTL: "expires"}))
	t.Cleanup(server.Close)
	return client(server.URL)
}

// TestConformance tests the counter against the stand-in or, with DYNAMODB_ENDPOINT, against any other DynamoDB. There
// it creates a table for each test.
func TestConformance(t *testing.T) {
	endpoint := os.Getenv("DYNAMODB_ENDPOINT")
	quotatest.Run(t, func(t *testing.T) quota.Counter {
		if endpoint == "" {
			return dynamo.New(open(t), table)
		}
		return dynamo.New(client(endpoint), createTable(t, client(endpoint)))
	})
}

// createTable creates a table for a test and returns its name.
func createTable(t *testing.T, c *dynamodb.Client) string {
	t.Helper()
	name := strings.NewReplacer("/", "-", "_", "-").Replace(t.Name())
	if _, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash}}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := c.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Error(err)
		}
	})
	if err := dynamodb.NewTableExistsWaiter(c).Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return name
}

// recorder keeps the items of a table as they are after each update, and counts the updates.
type recorder struct {
	*dynamodb.Client
	updates atomic.Int64
	largest int // bytes of an item
	last    map[string]types.AttributeValue
}

func (r *recorder) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	r.updates.Add(1)
	out, err := r.Client.UpdateItem(ctx, in, options...)
	if err == nil && out.Attributes != nil {
		r.last = out.Attributes
		r.largest = max(r.largest, size(out.Attributes))
	}
	return out, err
}

// size returns the size of an item as DynamoDB counts it, or more:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func size(item map[string]types.AttributeValue) (bytes int) {
	for name, v := range item {
		bytes += len(name)
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			bytes += len(v.Value)
		case *types.AttributeValueMemberN:
			bytes += (len(v.Value)+1)/2 + 1
		}
	}
	return bytes
}

// TestOneWriteUnit: an update of the busiest item writes no more than 1 KB, so that it costs one write unit, and few
// updates are only there to keep it so.
func TestOneWriteUnit(t *testing.T) {
	r := &recorder{Client: open(t)}
	c := dynamo.New(r, table)
	key := quota.Key("board#" + strings.Repeat("b", 63))
	midnight := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	const minutes = 400
	for i := range minutes {
		if _, added, err := c.Add(t.Context(), key, quota.Use{Photos: 50, Bytes: 50 * 5 << 30}, quota.Windows{Day: quota.Use{Photos: 1 << 40}}, midnight.Add(time.Duration(i)*time.Minute)); err != nil || !added {
			t.Fatal(added, err)
		}
	}
	if r.largest > 1000 {
		t.Errorf("an item has %d bytes, want at most 1000", r.largest)
	}
	if extra := r.updates.Load() - minutes; extra > minutes/16 || extra == 0 {
		t.Errorf("%d updates remove old minutes, want 1 to %d", extra, minutes/16)
	}
	expires := r.last["expires"].(*types.AttributeValueMemberN).Value
	if want := "1796169600"; expires != want { // 2026-12-02 00:00 UTC
		t.Errorf("expires %s, want %s", expires, want)
	}
}

// TestFailures: an error names the table and never counts as a refusal.
func TestFailures(t *testing.T) {
	c := open(t)
	for name, counter := range map[string]*dynamo.Counter{
		"nowhere":      dynamo.New(c, "nowhere"),
		"not a number": dynamo.New(c, table),
	} {
		if name == "not a number" {
			if _, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String(table), Key: map[string]types.AttributeValue{"key": &types.AttributeValueMemberS{Value: "a#2026-11-30"}},
				UpdateExpression: aws.String("SET p = :s"), ExpressionAttributeValues: map[string]types.AttributeValue{":s": &types.AttributeValueMemberS{Value: "7"}}}); err != nil {
				t.Fatal(err)
			}
		}
		at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
		_, added, err := counter.Add(t.Context(), "a", quota.Use{Photos: 1}, quota.Windows{Day: quota.Use{Photos: 5}}, at)
		if added || err == nil {
			t.Errorf("%s: %v, %v", name, added, err)
		}
		if err := counter.Subtract(t.Context(), "a", quota.Use{Photos: 1}, at); err == nil || !strings.Contains(err.Error(), "update table ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	throttled := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`))
	}))
	defer throttled.Close()
	if _, added, err := dynamo.New(client(throttled.URL), table).Add(t.Context(), "a", quota.Use{Photos: 1}, quota.Windows{}, time.Now()); added || err == nil || !strings.Contains(err.Error(), "update table quotas: ") {
		t.Errorf("throttled: %v, %v", added, err)
	}
}
