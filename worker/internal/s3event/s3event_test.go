package s3event

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"
)

// put is the example of the S3 documentation with our names in it.
const put = `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-west-2","eventTime":"1970-01-01T00:00:00.000Z",
"eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AIDAJDPLRKLG7UEXAMPLE"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},
"responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},
"s3":{"s3SchemaVersion":"1.0","configurationId":"testConfigRule","bucket":{"name":"uploads","ownerIdentity":{"principalId":"A3NL1KOZZKExample"},"arn":"arn:aws:s3:::uploads"},
"object":{"key":"HappyFace.jpg","size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e","versionId":"096fKKXTRTtl3on89fVO.nfljtsv6qko","sequencer":"0055AED6DCD90281E5"}}}]}`

const testEvent = `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2014-10-13T15:57:02.089Z","Bucket":"uploads","RequestId":"5582815E1AEA5ADF","HostId":"8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE"}`

const eventBridge = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3","account":"111122223333",
"time":"2021-11-12T00:00:00Z","region":"ca-central-1","resources":["arn:aws:s3:::uploads"],"detail":{"version":"0","bucket":{"name":"uploads"},
"object":{"key":"a+b c%20d","size":5,"etag":"b1946ac92492d2347c6235b4d2611184","sequencer":"617f08299329d189"},"reason":"PutObject"}}`

func withKey(key string) string {
	return `{"Records":[{"eventVersion":"2.3","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05.678Z","eventName":"s3:ObjectRemoved:Delete","s3":{"bucket":{"name":"uploads"},"object":{"key":` + quote(key) + `}}}]}`
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

func sns(message string) string {
	return `{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:1:t","Subject":"Amazon S3 Notification","Message":` + quote(message) + `}`
}

func TestParse(t *testing.T) {
	epoch := time.Unix(0, 0).UTC()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	removed := func(key string) []Event {
		return []Event{{Name: "ObjectRemoved:Delete", Bucket: "uploads", Key: key, Time: at}}
	}
	happy := []Event{{Name: "ObjectCreated:Put", Bucket: "uploads", Key: "HappyFace.jpg", Time: epoch}}
	for name, tc := range map[string]struct {
		body string
		want []Event
	}{
		"notification":         {put, happy},
		"through SNS":          {sns(put), happy},
		"test event":           {testEvent, nil},
		"test event by SNS":    {sns(testEvent), nil},
		"plus is a space":      {withKey("a+b"), removed("a b")},
		"encoded plus":         {withKey("a%2Bb"), removed("a+b")},
		"encoded slash, UTF-8": {withKey("cats%2Fgr%C3%BC%C3%9Fe"), removed("cats/grüße")},
		"EventBridge, plain key": {eventBridge, []Event{{Name: "Object Created", Bucket: "uploads", Key: "a+b c%20d",
			Time: time.Date(2021, 11, 12, 0, 0, 0, 0, time.UTC)}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(tc.body)
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, tc.want)
			}
		})
	}
}

func TestParseSeveralRecordsInOrder(t *testing.T) {
	got, err := Parse(`{"Records":[
		{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"1"}}},
		{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"2"}}}]}`)
	if err != nil || len(got) != 2 || got[0].Key != "1" || got[1].Key != "2" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"empty":               "",
		"text":                "hello",
		"an array":            "[]",
		"no records":          `{"Records":[]}`,
		"another service":     `{"Records":[{"eventVersion":"2.1","eventSource":"aws:sns","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}`,
		"another version":     `{"Records":[{"eventVersion":"3.0","eventSource":"aws:s3","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}`,
		"no bucket":           `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{"object":{"key":"k"}}}]}`,
		"no key":              `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{"bucket":{"name":"b"}}}]}`,
		"bad escape":          withKey("%zz"),
		"SNS within SNS":      sns(sns(put)),
		"SNS of text":         sns("hello"),
		"EventBridge, no key": `{"source":"aws.s3","detail":{"bucket":{"name":"b"}}}`,
		"EventBridge, empty":  `{"source":"aws.s3"}`,
	} {
		if got, err := Parse(body); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %+v, %v, want ErrFormat", name, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{put, testEvent, eventBridge, sns(put), withKey("a+b"), "", "{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		events, err := Parse(body)
		if err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("error %v is not ErrFormat", err)
		}
		for _, e := range events {
			if e.Bucket == "" || e.Key == "" {
				t.Errorf("event names no object: %+v", e)
			}
		}
	})
}
