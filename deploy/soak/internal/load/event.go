package load

import (
	"fmt"
	"time"

	"darkroom/worker/s3event"
)

// Shape is a form of an event message.
type Shape int

const (
	plain       Shape = iota // S3 notification
	twice                    // two records in one message
	sns                      // wrapped by an SNS topic
	eventBridge              // EventBridge event
	shapes
)

// Names of events. Workers must not depend on them: they look at the object.
const (
	created = "ObjectCreated:Put"
	removed = "ObjectRemoved:Delete"
)

// event returns a message about a change of an object, in one of the shapes.
func event(s Shape, name, bucket, key string, at time.Time) string {
	e := s3event.Event{Name: name, Bucket: bucket, Key: key, Time: at.UTC()}
	switch s {
	case twice:
		return s3event.FormatRecords(s3event.Record{Event: e}, s3event.Record{Event: e})
	case sns:
		return s3event.FormatSNS(s3event.Format(e))
	case eventBridge:
		e.Name = map[string]string{created: "Object Created", removed: "Object Deleted"}[name]
		return s3event.FormatEventBridge(e)
	}
	return s3event.Format(e)
}

// badBody returns the i-th bad message. There are four kinds, each invalid for a different reason.
func badBody(i int, bucket, nonce string) string {
	switch i % 4 {
	case 0:
		return "this is not JSON: " + nonce
	case 1:
		return fmt.Sprintf(`{"hello":%q}`, nonce)
	case 2:
		return event(plain, created, "somebody-elses-bucket", "soak/"+nonce, time.Now())
	default:
		return event(plain, created, bucket, "Not a board/"+nonce, time.Now())
	}
}
