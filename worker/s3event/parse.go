package s3event

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Parse returns the events of a message body in their order. The test event holds none: the result is empty and the
// error nil. Any other body without a record is an [ErrFormat]. If only some records of a body can be read, Parse
// returns their events together with an error for the rest.
func Parse(body string) ([]Event, error) {
	return parse(body, true)
}

// envelope holds the fields that tell the formats apart. It and the types below have only the fields that Parse needs,
// so that no other field can make an event unreadable.
type envelope struct {
	Records []record `json:"Records"` // S3 event notification
	Event   string   `json:"Event"`   // S3 test event

	Type     string `json:"Type"` // SNS: "Notification"
	TopicArn string `json:"TopicArn"`
	Message  string `json:"Message"`

	Source     string          `json:"source"` // EventBridge: "aws.s3"
	DetailType string          `json:"detail-type"`
	Time       lenientTime     `json:"time"`
	Detail     json.RawMessage `json:"detail"`
}

// record is an entry of Records:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type record struct {
	EventVersion string      `json:"eventVersion"`
	EventSource  string      `json:"eventSource"`
	EventTime    lenientTime `json:"eventTime"`
	EventName    string      `json:"eventName"`
	S3           entity      `json:"s3"`
}

// entity names an object, in a record and in EventBridge's detail.
type entity struct {
	Bucket struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object struct {
		Key string `json:"key"`
	} `json:"object"`
}

// lenientTime is a time of RFC 3339. Any other value is read as the zero time.
type lenientTime struct{ time.Time }

func (t *lenientTime) UnmarshalJSON(b []byte) error {
	if t.Time.UnmarshalJSON(b) != nil {
		t.Time = time.Time{}
	}
	return nil
}

func parse(body string, mayUnwrap bool) ([]Event, error) {
	var e envelope
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	switch {
	case len(e.Records) > 0:
		return parseRecords(e.Records)
	case e.Event == testEvent:
		return nil, nil
	case e.Type == "Notification" && e.TopicArn != "" && mayUnwrap:
		events, err := parse(e.Message, false)
		if err != nil {
			return events, fmt.Errorf("message of an SNS notification: %w", err)
		}
		return events, nil
	case e.Source == "aws.s3":
		return parseEventBridge(e)
	}
	return nil, fmt.Errorf("%w: no Records, SNS Message or EventBridge detail", ErrFormat)
}

func parseRecords(records []record) ([]Event, error) {
	var events []Event
	var bad error
	for i, r := range records {
		e, err := r.event()
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("%w: record %d: %w", ErrFormat, i, err))
			continue
		}
		events = append(events, e)
	}
	return events, bad
}

func (r record) event() (Event, error) {
	// Within a major version S3 only adds fields.
	if !strings.HasPrefix(r.EventVersion, "2.") || r.EventSource != "aws:s3" {
		return Event{}, fmt.Errorf("source %.40q, version %.20q: want aws:s3, 2.x", r.EventSource, r.EventVersion)
	}
	key, err := unescapeKey(r.S3.Object.Key)
	if err != nil {
		return Event{}, fmt.Errorf("key: %w", err)
	}
	if r.S3.Bucket.Name == "" || key == "" {
		return Event{}, errors.New("no bucket name or no key")
	}
	return Event{Name: strings.TrimPrefix(r.EventName, "s3:"), Bucket: r.S3.Bucket.Name, Key: key,
		Time: r.EventTime.Time}, nil
}

// unescapeKey decodes the key of a record. See escapeKey.
func unescapeKey(key string) (string, error) { return url.QueryUnescape(key) }

// parseEventBridge reads https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, where keys are not
// encoded. S3 sends no test event to an event bus, but a rule may forward one that came another way.
func parseEventBridge(e envelope) ([]Event, error) {
	var test struct {
		Event string `json:"Event"`
	}
	if json.Unmarshal(e.Detail, &test) == nil && test.Event == testEvent {
		return nil, nil
	}
	var d entity
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		return nil, fmt.Errorf("%w: EventBridge detail: %w", ErrFormat, err)
	}
	if d.Bucket.Name == "" || d.Object.Key == "" {
		return nil, fmt.Errorf("%w: EventBridge detail: no bucket name or no key", ErrFormat)
	}
	return []Event{{Name: e.DetailType, Bucket: d.Bucket.Name, Key: d.Object.Key, Time: e.Time.Time}}, nil
}

// TestBucket returns the bucket that a test event names, or "" if the body is no test event. S3 sends a test event when
// a bucket is configured to notify the queue.
func TestBucket(body string) string {
	if !strings.Contains(body, testEvent) {
		return ""
	}
	var e struct {
		Event, Bucket, Message string
	}
	if json.Unmarshal([]byte(body), &e) != nil {
		return ""
	}
	if e.Message != "" && json.Unmarshal([]byte(e.Message), &e) != nil { // through an SNS topic
		return ""
	}
	if e.Event != testEvent {
		return ""
	}
	return e.Bucket
}
