package main

import (
	"encoding/json"
	"fmt"
	"time"

	"darkroom/worker/photo"
)

// shape is a form in which the event of an object comes.
type shape int

const (
	plain       shape = iota // as S3 sends it
	twice                    // as two records of one message
	sns                      // wrapped by an SNS topic
	eventBridge              // as EventBridge sends it
	shapes
)

// Names of events, by which nothing should depend.
const (
	created = "ObjectCreated:Put"
	removed = "ObjectRemoved:Delete"
)

// event is a message that tells of an object, in the form of
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html or, for EventBridge,
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func event(s shape, name, bucket, key string, at time.Time) string {
	object := map[string]any{"key": key, "sequencer": fmt.Sprintf("%018X", at.UnixNano())}
	if s == eventBridge {
		kind := map[string]string{created: "Object Created", removed: "Object Deleted"}[name]
		return encode(map[string]any{
			"version": "0", "id": photo.NewID(), "detail-type": kind, "source": "aws.s3", "account": "000000000000", "time": at.UTC(), "region": "us-east-1",
			"resources": []string{"arn:aws:s3:::" + bucket}, "detail": map[string]any{"version": "0", "bucket": map[string]any{"name": bucket}, "object": object},
		})
	}
	record := map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": at.UTC(), "eventName": name,
		"s3": map[string]any{"s3SchemaVersion": "1.0", "bucket": map[string]any{"name": bucket, "arn": "arn:aws:s3:::" + bucket}, "object": object},
	}
	records := []any{record}
	if s == twice {
		records = append(records, record)
	}
	text := encode(map[string]any{"Records": records})
	if s == sns {
		return encode(map[string]any{"Type": "Notification", "MessageId": photo.NewID(), "TopicArn": "arn:aws:sns:us-east-1:000000000000:photos", "Message": text, "Timestamp": at.UTC()})
	}
	return text
}

// poisonBody is the i-th bad message. None is of use to anybody, each for a reason of its own.
func poisonBody(i int, bucket, nonce string) string {
	switch i % 4 {
	case 0:
		return "this is no JSON: " + nonce
	case 1:
		return encode(map[string]any{"hello": nonce})
	case 2:
		return event(plain, created, "somebody-elses-bucket", "burst/"+nonce, time.Now())
	default:
		return event(plain, created, bucket, "Not a board/"+nonce, time.Now())
	}
}

// encode cannot fail: all values are strings and times of this century.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
