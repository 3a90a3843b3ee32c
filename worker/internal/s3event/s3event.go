// Package s3event reads the messages by which S3 says that an object changed: an S3 event notification as S3 sends
// it to SQS, the event that S3 sends through EventBridge, and either of them wrapped by an SNS topic. It also writes
// such a notification, for who wants S3's queue to look at an object again.
//
// It is pure: text in, events out. An event is a hint that a key changed and no more; what is there now is for S3
// to say. So the kind of change is kept only to be told to people, an event of a name that this package has never
// heard of counts like any other, and a time that cannot be read is left out.
package s3event

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// ErrFormat reports a message, or a record of one, that is none of the shapes this package reads. Reading it again
// gives the same error.
var ErrFormat = errors.New("not an S3 event")

// Event names an object that changed.
type Event struct {
	Name   string    // such as ObjectCreated:Put, without the older prefix "s3:"
	Bucket string    // the bucket's name
	Key    string    // the object's key, decoded
	Time   time.Time // when S3 finished the change; zero if the message does not say
}

// testEvent is what S3 calls the message that it sends when a notification is set up.
const testEvent = "s3:TestEvent"

// Parse returns the events of a message body, in their order. The test event carries none: the result is then empty,
// without an error. Any other body without a record is an [ErrFormat]. Where some records of a body can be read and
// others cannot, the result has the events of the former beside the error for the latter.
func Parse(body string) ([]Event, error) {
	return parse(body, true)
}

// envelope has the fields by which the shapes are told apart.
type envelope struct {
	Records []record `json:"Records"` // S3 event notification
	Event   string   `json:"Event"`   // S3 test event

	Type     string `json:"Type"` // SNS: "Notification"
	TopicArn string `json:"TopicArn"`
	Message  string `json:"Message"`

	Source     string          `json:"source"` // EventBridge: "aws.s3"
	DetailType string          `json:"detail-type"`
	Time       moment          `json:"time"`
	Detail     json.RawMessage `json:"detail"`
}

// record is one entry of Records:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type record struct {
	EventVersion string `json:"eventVersion"`
	EventSource  string `json:"eventSource"`
	EventTime    moment `json:"eventTime"`
	EventName    string `json:"eventName"`
	S3           entity `json:"s3"`
}

// entity is how both a record and EventBridge's detail name an object.
type entity struct {
	Bucket bucket `json:"bucket"`
	Object object `json:"object"`
}

type bucket struct {
	Name string `json:"name"`
}

type object struct {
	Key string `json:"key"`
}

// moment is a time of RFC 3339. Any other value is read as the zero time.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(b []byte) error {
	if m.Time.UnmarshalJSON(b) != nil {
		m.Time = time.Time{}
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
		return fromRecords(e.Records)
	case e.Event == testEvent:
		return nil, nil
	case e.Type == "Notification" && e.TopicArn != "" && mayUnwrap:
		events, err := parse(e.Message, false)
		if err != nil {
			return events, fmt.Errorf("message of an SNS notification: %w", err)
		}
		return events, nil
	case e.Source == "aws.s3":
		return fromEventBridge(e)
	}
	return nil, fmt.Errorf("%w: no Records, SNS Message or EventBridge detail", ErrFormat)
}

func fromRecords(records []record) ([]Event, error) {
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
		return Event{}, fmt.Errorf("source %.40q, version %.20q", r.EventSource, r.EventVersion)
	}
	// Keys are URL encoded, a space as a plus.
	key, err := url.QueryUnescape(r.S3.Object.Key)
	if err != nil {
		return Event{}, fmt.Errorf("key: %w", err)
	}
	if r.S3.Bucket.Name == "" || key == "" {
		return Event{}, errors.New("names no object")
	}
	return Event{Name: strings.TrimPrefix(r.EventName, "s3:"), Bucket: r.S3.Bucket.Name, Key: key, Time: r.EventTime.Time}, nil
}

// fromEventBridge reads https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, where keys are plain. S3
// sends no test event to a bus, but a rule may pass one on that came by another way.
func fromEventBridge(e envelope) ([]Event, error) {
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
		return nil, fmt.Errorf("%w: EventBridge detail names no object", ErrFormat)
	}
	return []Event{{Name: e.DetailType, Bucket: d.Bucket.Name, Key: d.Object.Key, Time: e.Time.Time}}, nil
}

// Format returns the body of a notification of one event, as S3 would send it. An event without a time has none.
func Format(e Event) string {
	type fields struct {
		Version string     `json:"eventVersion"`
		Source  string     `json:"eventSource"`
		Time    *time.Time `json:"eventTime,omitempty"`
		Name    string     `json:"eventName"`
		S3      entity     `json:"s3"`
	}
	r := fields{Version: "2.1", Source: "aws:s3", Name: e.Name,
		S3: entity{Bucket: bucket{e.Bucket}, Object: object{strings.ReplaceAll(url.QueryEscape(e.Key), "%2F", "/")}}}
	if !e.Time.IsZero() {
		r.Time = &e.Time
	}
	// Strings always marshal, and so do the times that S3 or a clock gives.
	b, err := json.Marshal(struct{ Records []fields }{[]fields{r}})
	if err != nil {
		panic(err)
	}
	return string(b)
}
