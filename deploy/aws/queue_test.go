package main

import (
	"fmt"
	"slices"
	"time"

	"darkroom/deploy/testkit/cfn"
)

// A message can take longer than JOB_TIMEOUT. A worker abandons a message that ignores its deadline 30 s after it, and a
// message that is retried waits for at most 5 min. The main README documents both.
const (
	hungSeconds    = 30
	backoffSeconds = 300
	mostVisibility = 12 * 60 * 60 // SQS's limit of the visibility timeout, counted from the receive
)

var queueRules = []rule{
	{"queues", func(s *stack) (bad []string) {
		for name, q := range s.ofType("AWS::SQS::Queue") {
			if cfn.Lookup(q, "SqsManagedSseEnabled") != true {
				bad = append(bad, name+" is not encrypted")
			}
			if !s.onlyTLS("AWS::SQS::QueuePolicy", "Queues", name, "${"+name+".Arn}") {
				bad = append(bad, name+" accepts requests without TLS")
			}
		}
		return bad
	}},
	{"dead letters", func(s *stack) (bad []string) {
		photos, dead := s.properties("PhotosQueue"), s.properties("DeadLetters")
		if textAt(photos, "RedrivePolicy", "deadLetterTargetArn") != "${DeadLetters.Arn}" || numberAt(photos, "RedrivePolicy", "maxReceiveCount") != 5 {
			bad = append(bad, "messages do not move to the dead-letter queue after five receives")
		}
		if textAt(dead, "RedriveAllowPolicy", "redrivePermission") != "byQueue" ||
			!slices.Equal(textsAt(dead, "RedriveAllowPolicy", "sourceQueueArns"), []string{"arn:aws:sqs:us-east-1:123456789012:" + textAt(photos, "QueueName")}) {
			bad = append(bad, "the dead-letter queue must serve the photos queue and no other")
		}
		// A moved message keeps the time at which it was sent, so it could expire the moment it arrives:
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
		if q, d := numberAt(photos, "MessageRetentionPeriod"), numberAt(dead, "MessageRetentionPeriod"); d < q+2*24*60*60 || d > 1209600 {
			bad = append(bad, fmt.Sprintf("the dead-letter queue keeps messages for %v s, the photos queue for %v s", d, q))
		}
		return bad
	}},
	// A worker receives each message with a visibility timeout of VISIBILITY_TIMEOUT. It extends the timeout after each third,
	// for as long as it works on the message. So the timeout can be shorter than JOB_TIMEOUT. It must outlast two failed
	// heartbeats of a few seconds each. It should be short, because the messages of a killed worker wait for its end. Only
	// the queue's own timeout, which applies to receivers that ask for none, must exceed JOB_TIMEOUT. SQS's limit is 12 h.
	{"visibility timeouts", func(s *stack) (bad []string) {
		env := s.env("WorkerTask")
		visibility, job := numberAt(object{"v": env["VISIBILITY_TIMEOUT"]}, "v"), numberAt(object{"v": env["JOB_TIMEOUT"]}, "v")
		if visibility < 12 || visibility > 300 {
			bad = append(bad, fmt.Sprintf("the worker's visibility timeout is %v s, want 12 to 300", visibility))
		}
		if own := numberAt(s.properties("PhotosQueue"), "VisibilityTimeout"); own < job+visibility+hungSeconds || own > time.Hour.Seconds() {
			bad = append(bad, fmt.Sprintf("the queue's visibility timeout is %v s, but a message can take %v s", own, job+visibility+hungSeconds))
		}
		if job < 60 || job+visibility+hungSeconds > mostVisibility {
			bad = append(bad, fmt.Sprintf("JOB_TIMEOUT is %v s", job))
		}
		return bad
	}},
	// The queue must keep a message long enough for five tries.
	{"retention", func(s *stack) (bad []string) {
		env := s.env("WorkerTask")
		each := numberAt(object{"v": env["VISIBILITY_TIMEOUT"]}, "v") + numberAt(object{"v": env["JOB_TIMEOUT"]}, "v") + hungSeconds + backoffSeconds
		if kept := numberAt(s.properties("PhotosQueue"), "MessageRetentionPeriod"); kept < 24*60*60 || kept < 5*each {
			bad = append(bad, fmt.Sprintf("messages are kept for %v s, want a day and five tries of %v s at least", kept, each))
		}
		return bad
	}},
	{"events", func(s *stack) (bad []string) {
		uploads := s.properties("UploadsBucket")
		var events []string
		for _, c := range listAt(uploads, "NotificationConfiguration", "QueueConfigurations") {
			if textAt(c, "Queue") == "${PhotosQueue.Arn}" && cfn.Lookup(c, "Filter") == nil {
				events = append(events, textAt(c, "Event"))
			}
		}
		if !slices.Equal(events, []string{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}) {
			bad = append(bad, fmt.Sprintf("the bucket sends the events %v to the queue", events))
		}
		// S3 tests the queue before it accepts the configuration. So the policy must exist before the bucket, and can refer
		// to the bucket only by a name that does not depend on it.
		if !slices.Contains(textsAt(s.resources, "UploadsBucket", "DependsOn"), "PhotosQueuePolicy") {
			bad = append(bad, "the bucket does not depend on the policy that lets it send")
		}
		for _, st := range listAt(s.properties("PhotosQueuePolicy"), "PolicyDocument", "Statement") {
			if textAt(st, "Effect") != "Allow" {
				continue
			}
			if textAt(st, "Principal", "Service") != "s3.amazonaws.com" || textAt(st, "Action") != "sqs:SendMessage" ||
				textAt(st, "Condition", "ArnEquals", "aws:SourceArn") != "arn:aws:s3:::"+textAt(uploads, "BucketName") ||
				textAt(st, "Condition", "StringEquals", "aws:SourceAccount") != "123456789012" {
				bad = append(bad, "not only the uploads bucket of this account may send: "+textAt(st, "Sid"))
			}
			return bad
		}
		return append(bad, "S3 may not send")
	}},
}
