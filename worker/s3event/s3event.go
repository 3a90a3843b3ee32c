// Package s3event reads and writes the messages in which Amazon S3 says that an object changed.
//
// [Parse] reads an event notification as S3 sends it to SQS, an event as S3 sends it through EventBridge, and either of
// them wrapped by an SNS topic. The Format functions write those messages: an operator's command uses them to make the
// workers check an object again, and the local S3 and the tests use them to behave like S3.
//
// The package does no I/O. An event is a hint that an object changed; only the bucket says what it holds now. Parse
// therefore accepts any event name, which is kept for log lines, and leaves out a time that it cannot read.
package s3event

import "time"

// ErrFormat reports a message, or a record of one, in a format that this package does not read. Parsing it again gives
// the same error. Its method Reason returns [Reason].
var ErrFormat error = formatError{}

// Reason is the reason that the dead-letter queue shows for a message with an [ErrFormat].
const Reason = "not-an-s3-event"

type formatError struct{}

func (formatError) Error() string  { return "not an S3 event" }
func (formatError) Reason() string { return Reason }

// Event names an object that changed.
type Event struct {
	Name   string    // such as ObjectCreated:Put, without the older prefix "s3:"
	Bucket string    // name of the bucket
	Key    string    // key of the object, decoded
	Time   time.Time // when S3 finished the change; zero if the message does not say
}

// testEvent is the name of the event that S3 sends when a notification is set up.
const testEvent = "s3:TestEvent"
