package s3event

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// golden returns the messages of testdata by name, each with the text of its events.
func golden(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	bodies := map[string]string{}
	for _, p := range paths {
		bodies[strings.TrimSuffix(p, ".json")] = read(t, p)
	}
	return bodies
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// text returns a line for each event, and one for an error.
func text(events []Event, err error) string {
	var b strings.Builder
	for _, e := range events {
		at := "-"
		if !e.Time.IsZero() {
			at = e.Time.Format(time.RFC3339Nano)
		}
		fmt.Fprintf(&b, "%s %s %q %s\n", e.Name, e.Bucket, e.Key, at)
	}
	if errors.Is(err, ErrFormat) {
		fmt.Fprintln(&b, ErrFormat)
	} else if err != nil {
		fmt.Fprintf(&b, "another error: %v\n", err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, body := range golden(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			if got, want := text(Parse(body)), read(t, name+".want"); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

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
		"SNS within SNS":      sns(sns(withKey("a"))),
		"SNS of text":         sns("hello"),
		"EventBridge, no key": `{"source":"aws.s3","detail":{"bucket":{"name":"b"}}}`,
		"EventBridge, empty":  `{"source":"aws.s3"}`,
	} {
		if got, err := Parse(body); !errors.Is(err, ErrFormat) || len(got) != 0 {
			t.Errorf("%s: got %+v, %v, want ErrFormat", name, got, err)
		}
		var named interface{ Reason() string }
		if _, err := Parse(body); !errors.As(err, &named) || named.Reason() != Reason {
			t.Errorf("%s: %v has no reason", name, err)
		}
	}
}

func TestFormatIsWhatParseReads(t *testing.T) {
	for _, e := range []Event{
		{Name: "Backfill", Bucket: "uploads", Key: "cats/0123456789abcdef0123456789abcdef"},
		{Name: "ObjectCreated:Put", Bucket: "uploads", Key: "a b+c%2B 猫/&?", Time: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)},
	} {
		got, err := Parse(Format(e))
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], e) {
			t.Errorf("got %+v, %v, want %+v", got, err, e)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, body := range golden(f) {
		f.Add(body)
	}
	for _, s := range []string{withKey("a+b"), sns(withKey("%zz")), sns(sns("")), "", "{}", "[]", `{"Records":null}`} {
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
			again, err := Parse(Format(Event{Name: e.Name, Bucket: e.Bucket, Key: e.Key}))
			if err != nil || len(again) != 1 || again[0].Key != e.Key {
				t.Errorf("%+v: formatted and parsed it is %+v, %v", e, again, err)
			}
		}
	})
}

func TestFormats(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	created := Event{Name: "ObjectCreated:Put", Bucket: "uploads", Key: "cats/a b", Time: at}
	bridged := Event{Name: "Object Created", Bucket: "uploads", Key: "cats/a b", Time: at}
	size := int64(3)
	whole := Record{Event: created, Region: "us-east-1", Account: "me", SourceIP: "192.0.2.1", RequestID: "r", HostID: "h", RuleID: "c",
		Size: &size, ETag: "e", VersionID: "v", Sequencer: "00"}
	for name, tc := range map[string]struct {
		body string
		want []Event
	}{
		"notification":      {Format(created), []Event{created}},
		"with every field":  {FormatRecords(whole), []Event{created}},
		"two records":       {FormatRecords(Record{Event: created}, Record{Event: created}), []Event{created, created}},
		"SNS":               {FormatSNS(Format(created)), []Event{created}},
		"EventBridge":       {FormatEventBridge(bridged), []Event{bridged}},
		"EventBridge, SNS":  {FormatSNS(FormatEventBridge(bridged)), []Event{bridged}},
		"test event":        {FormatTestEvent("uploads", at, "r", "h"), nil},
		"test event in SNS": {FormatSNS(FormatTestEvent("uploads", at, "r", "h")), nil},
	} {
		if got, err := Parse(tc.body); err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %+v, %v, want %+v\n%s", name, got, err, tc.want, tc.body)
		}
	}
}

func TestTestBucket(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	test := FormatTestEvent("uploads", at, "r", "h")
	for name, tc := range map[string]struct{ body, want string }{
		"test event":     {test, "uploads"},
		"in SNS":         {FormatSNS(test), "uploads"},
		"event":          {Format(Event{Name: "ObjectCreated:Put", Bucket: "uploads", Key: "s3:TestEvent", Time: at}), ""},
		"other":          {"s3:TestEvent", ""},
		"SNS of another": {FormatSNS("s3:TestEvent"), ""},
		"empty":          {"", ""},
	} {
		if got := TestBucket(tc.body); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
