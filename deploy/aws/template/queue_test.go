package template

import (
	"fmt"
	"slices"
	"time"

	"darkroom/deploy/testkit/cfn"
)

// A message can take longer than JOB_TIMEOUT. A worker abandons a message that ignores its deadline 30 s after it, and
// a message that is retried waits for at most 5 min. The main README documents both.
const (
	hungSeconds    = 30
	backoffSeconds = 300
	mostVisibility = 12 * 60 * 60 // SQS's limit of the visibility timeout, counted from the receive
)

type workQueue struct{ queue, dead, suffix string }

// workQueues are the queues that the workers receive from, each with its dead-letter queue and the end of its name.
var workQueues = []workQueue{{"EventsQueue", "EventsDeadLetters", "events"}, {"PhotosQueue", "DeadLetters", "photos"}}

var queueRules = []rule{
	{"queues", func(s *stack) (bad []string) {
		for name, q := range s.ofType("AWS::SQS::Queue") {
			if cfn.Lookup(q, "SqsManagedSseEnabled") != true && (s.param("KmsKeyArn") == "" || textAt(q, "KmsMasterKeyId") != s.param("KmsKeyArn")) {
				bad = append(bad, name+" is not encrypted")
			}
			if !s.onlyTLS("AWS::SQS::QueuePolicy", "Queues", name, "${"+name+".Arn}") {
				bad = append(bad, name+" accepts requests without TLS")
			}
		}
		return bad
	}},
	{"dead letters", func(s *stack) (bad []string) {
		for _, w := range workQueues {
			work, dead := s.properties(w.queue), s.properties(w.dead)
			if textAt(work, "RedrivePolicy", "deadLetterTargetArn") != "${"+w.dead+".Arn}" || numberAt(work, "RedrivePolicy", "maxReceiveCount") != 5 {
				bad = append(bad, fmt.Sprintf("messages of %s do not move to %s after five receives", w.queue, w.dead))
			}
			if textAt(dead, "RedriveAllowPolicy", "redrivePermission") != "byQueue" ||
				!slices.Equal(textsAt(dead, "RedriveAllowPolicy", "sourceQueueArns"), []string{"arn:aws:sqs:us-east-1:123456789012:" + textAt(work, "QueueName")}) {
				bad = append(bad, fmt.Sprintf("%s must serve %s and no other queue", w.dead, w.queue))
			}
			// A moved message keeps the time at which it was sent, so it could expire the moment it arrives:
			// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
			if q, d := numberAt(work, "MessageRetentionPeriod"), numberAt(dead, "MessageRetentionPeriod"); d < q+2*24*60*60 || d > 1209600 {
				bad = append(bad, fmt.Sprintf("%s keeps messages for %v s, %s for %v s", w.dead, d, w.queue, q))
			}
		}
		return bad
	}},
	// A worker receives each message with a visibility timeout of VISIBILITY_TIMEOUT. It extends the timeout after each
	// third, for as long as it works on the message. So the timeout can be shorter than JOB_TIMEOUT. It must outlast two
	// failed heartbeats of a few seconds each. It should be short, because the messages of a killed worker wait for its
	// end. Only the queue's own timeout, which applies to receivers that ask for none, must exceed JOB_TIMEOUT. SQS's
	// limit is 12 h.
	{"visibility timeouts", func(s *stack) (bad []string) {
		env := s.env("WorkerTask")
		visibility, job := numberAt(object{"v": env["VISIBILITY_TIMEOUT"]}, "v"), numberAt(object{"v": env["JOB_TIMEOUT"]}, "v")
		if visibility < 12 || visibility > 300 {
			bad = append(bad, fmt.Sprintf("the worker's visibility timeout is %v s, want 12 to 300", visibility))
		}
		for _, w := range workQueues {
			if own := numberAt(s.properties(w.queue), "VisibilityTimeout"); own < job+visibility+hungSeconds || own > time.Hour.Seconds() {
				bad = append(bad, fmt.Sprintf("the visibility timeout of %s is %v s, but a message can take %v s", w.queue, own, job+visibility+hungSeconds))
			}
		}
		if job < 60 || job+visibility+hungSeconds > mostVisibility {
			bad = append(bad, fmt.Sprintf("JOB_TIMEOUT is %v s", job))
		}
		return bad
	}},
	// The queues must keep a message long enough for five tries.
	{"retention", func(s *stack) (bad []string) {
		env := s.env("WorkerTask")
		each := numberAt(object{"v": env["VISIBILITY_TIMEOUT"]}, "v") + numberAt(object{"v": env["JOB_TIMEOUT"]}, "v") + hungSeconds + backoffSeconds
		for _, w := range workQueues {
			if kept := numberAt(s.properties(w.queue), "MessageRetentionPeriod"); kept < 24*60*60 || kept < 5*each {
				bad = append(bad, fmt.Sprintf("%s keeps messages for %v s, want a day and five tries of %v s at least", w.queue, kept, each))
			}
		}
		return bad
	}},
	{"events", func(s *stack) (bad []string) {
		uploads := s.properties("UploadsBucket")
		var events []string
		for _, c := range listAt(uploads, "NotificationConfiguration", "QueueConfigurations") {
			if textAt(c, "Queue") == "${EventsQueue.Arn}" && cfn.Lookup(c, "Filter") == nil {
				events = append(events, textAt(c, "Event"))
			}
		}
		from := "arn:aws:s3:::" + textAt(uploads, "BucketName")
		brought := s.param("UploadsBucketName") != "" // the README says how to configure it
		if brought {
			from = "${UploadsBucket.Arn}"
		}
		if !brought && !slices.Equal(events, []string{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}) {
			bad = append(bad, fmt.Sprintf("the bucket sends the events %v to the events queue", events))
		}
		// S3 tests the queue before it accepts the configuration. So the policy must exist before the bucket, and can refer
		// to the bucket only by a name that does not depend on it.
		if !brought && !slices.Contains(textsAt(s.resources, "UploadsBucket", "DependsOn"), "EventsQueuePolicy") {
			bad = append(bad, "the bucket does not depend on the policy that lets it send")
		}
		for _, st := range listAt(s.properties("EventsQueuePolicy"), "PolicyDocument", "Statement") {
			if textAt(st, "Effect") != "Allow" {
				continue
			}
			if textAt(st, "Principal", "Service") != "s3.amazonaws.com" || textAt(st, "Action") != "sqs:SendMessage" ||
				textAt(st, "Condition", "ArnEquals", "aws:SourceArn") != from ||
				textAt(st, "Condition", "StringEquals", "aws:SourceAccount") != "123456789012" {
				bad = append(bad, "not only the uploads bucket of this account may send: "+textAt(st, "Sid"))
			}
			return bad
		}
		return append(bad, "S3 may not send")
	}},
	// Only senders that name the board may send to the photos queue. S3 does not, and sends there in a stack that had
	// one queue until the bucket has been updated, so the policy follows the bucket.
	{"photos come from workers", func(s *stack) (bad []string) {
		if s.param("UploadsBucketName") == "" && !s.waitsFor("PhotosQueuePolicy")["UploadsBucket"] {
			bad = append(bad, "S3 may be refused before the bucket notifies the events queue")
		}
		allowed := []string{"OperatorRole", "WorkerRole"}
		for name, role := range s.ofType("AWS::IAM::Role") {
			for _, p := range listAt(role, "Policies") {
				for _, line := range grants(cfn.Lookup(p, "PolicyDocument")) {
					if line == "Allow sqs:SendMessage ${PhotosQueue.Arn}" && !slices.Contains(allowed, name) {
						bad = append(bad, name+" may send to the photos queue")
					}
				}
			}
		}
		for _, st := range listAt(s.properties("PhotosQueuePolicy"), "PolicyDocument", "Statement") {
			if textAt(st, "Effect") != "Deny" || textAt(st, "Principal") != "*" || textAt(st, "Action") != "sqs:SendMessage" {
				continue
			}
			var want []string
			for _, name := range allowed {
				want = append(want, "${"+name+".Arn}")
			}
			if got := slices.Sorted(slices.Values(textsAt(st, "Condition", "ArnNotEquals", "aws:PrincipalArn"))); !slices.Equal(got, want) {
				bad = append(bad, fmt.Sprintf("the photos queue takes messages from %v, want %v", got, want))
			}
			return bad
		}
		return append(bad, "anybody may send to the photos queue")
	}},
}
