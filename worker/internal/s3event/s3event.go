// Package s3event reads the messages by which S3 says that an object changed: an S3 event notification as S3 sends
// it to SQS, the same wrapped by an SNS topic, and the event that S3 sends through EventBridge.
//
// It is pure: text in, events out. An event is a hint that a key changed and no more; what is there now is for S3
// to say, so the kind of change is kept only to be told to people.
package s3event

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// ErrFormat reports a message that is none of the shapes this package reads. Reading it again gives the same error.
var ErrFormat = errors.New("not an S3 event")

// Event names an object that changed.
type Event struct {
	Name   string    // such as ObjectCreated:Put, without the older prefix "s3:"
	Bucket string    // the bucket's name
	Key    string    // the object's key, decoded
	Time   time.Time // when S3 finished the change; zero if the message does not say
}

// Parse returns the events of a message body, in their order. The test event that S3 sends when a notification is
// set up carries none: the result is then empty, without an error. Any other body without a record is an [ErrFormat].
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
	Time       time.Time       `json:"time"`
	Detail     json.RawMessage `json:"detail"`
}

// record is one entry of Records:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type record struct {
	EventVersion string    `json:"eventVersion"`
	EventSource  string    `json:"eventSource"`
	EventTime    time.Time `json:"eventTime"`
	EventName    string    `json:"eventName"`
	S3           entity    `json:"s3"`
}

// entity is how both a record and EventBridge's detail name an object.
type entity struct {
	Bucket struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object struct {
		Key string `json:"key"`
	} `json:"object"`
}

func parse(body string, mayUnwrap bool) ([]Event, error) {
	var e envelope
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	switch {
	case len(e.Records) > 0:
		return fromRecords(e.Records)
	case e.Event == "s3:TestEvent":
		return nil, nil
	case e.Type == "Notification" && e.TopicArn != "" && mayUnwrap:
		events, err := parse(e.Message, false)
		if err != nil {
			return nil, fmt.Errorf("message of an SNS notification: %w", err)
		}
		return events, nil
	case e.Source == "aws.s3":
		return fromEventBridge(e)
	}
	return nil, fmt.Errorf("%w: no Records, SNS Message or EventBridge detail", ErrFormat)
}

func fromRecords(records []record) ([]Event, error) {
	events := make([]Event, 0, len(records))
	for i, r := range records {
		// Within a major version S3 only adds fields.
		if !strings.HasPrefix(r.EventVersion, "2.") || r.EventSource != "aws:s3" {
			return nil, fmt.Errorf("%w: record %d: source %.40q, version %.20q", ErrFormat, i, r.EventSource, r.EventVersion)
		}
		// Keys are URL encoded, a space as a plus.
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil {
			return nil, fmt.Errorf("%w: record %d: key: %w", ErrFormat, i, err)
		}
		if r.S3.Bucket.Name == "" || key == "" {
			return nil, fmt.Errorf("%w: record %d names no object", ErrFormat, i)
		}
		events = append(events, Event{Name: strings.TrimPrefix(r.EventName, "s3:"), Bucket: r.S3.Bucket.Name, Key: key, Time: r.EventTime})
	}
	return events, nil
}

// fromEventBridge reads https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, where keys are plain.
func fromEventBridge(e envelope) ([]Event, error) {
	var d entity
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		return nil, fmt.Errorf("%w: EventBridge detail: %w", ErrFormat, err)
	}
	if d.Bucket.Name == "" || d.Object.Key == "" {
		return nil, fmt.Errorf("%w: EventBridge detail names no object", ErrFormat)
	}
	return []Event{{Name: e.DetailType, Bucket: d.Bucket.Name, Key: d.Object.Key, Time: e.Time}}, nil
}
