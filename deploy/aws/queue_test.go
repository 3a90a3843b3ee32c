package main

import (
	"fmt"
	"slices"

	"darkroom/deploy/testkit/cfn"
)

// What a worker adds to a message's time beyond JOB_TIMEOUT: a job that ignores its end is given up 30 s later, and a
// message that comes back waits for 5 min at most. Both are in the main README.
const (
	hungSeconds    = 30
	backoffSeconds = 300
	leaseMost      = 12 * 60 * 60 // of SQS, counted from the receive
)

var queueRules = []rule{
	{"queues", func(s *stack) (bad []string) {
		for name, q := range s.of("AWS::SQS::Queue") {
			if cfn.At(q, "SqsManagedSseEnabled") != true {
				bad = append(bad, name+" is not encrypted")
			}
			if !s.onlyTLS("AWS::SQS::QueuePolicy", "Queues", name, "${"+name+".Arn}") {
				bad = append(bad, name+" can be used without TLS")
			}
		}
		return bad
	}},
	{"dead letters", func(s *stack) (bad []string) {
		photos, dead := s.properties("PhotosQueue"), s.properties("DeadLetters")
		if textAt(photos, "RedrivePolicy", "deadLetterTargetArn") != "${DeadLetters.Arn}" || numberAt(photos, "RedrivePolicy", "maxReceiveCount") != 5 {
			bad = append(bad, "messages do not go there after five receives")
		}
		if textAt(dead, "RedriveAllowPolicy", "redrivePermission") != "byQueue" ||
			!slices.Equal(textsAt(dead, "RedriveAllowPolicy", "sourceQueueArns"), []string{"arn:aws:sqs:us-east-1:123456789012:" + textAt(photos, "QueueName")}) {
			bad = append(bad, "the queue may be another's dead-letter queue, or not this one's")
		}
		// A message keeps the time at which it was sent, so that it would end in the moment that it arrives:
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
		if q, d := numberAt(photos, "MessageRetentionPeriod"), numberAt(dead, "MessageRetentionPeriod"); d < q+2*24*60*60 || d > 1209600 {
			bad = append(bad, fmt.Sprintf("kept for %v s, where the queue keeps messages for %v s", d, q))
		}
		return bad
	}},
	// A worker asks for a lease of VISIBILITY_TIMEOUT with each receive and extends it at each third for as long as the job
	// runs. So the lease needs not outlast a job: it has to outlast two heartbeats that fail, each of which is given some
	// seconds, and to be short, for a killed worker's photos wait for its end. What has to be above the job's deadline is the
	// queue's own timeout, which counts for whoever receives without asking for one, and SQS's own limit of 12 hours.
	{"leases", func(s *stack) (bad []string) {
		env := s.env("WorkerTask")
		lease, job := numberAt(object{"v": env["VISIBILITY_TIMEOUT"]}, "v"), numberAt(object{"v": env["JOB_TIMEOUT"]}, "v")
		if lease < 12 || lease > 300 {
			bad = append(bad, fmt.Sprintf("the worker's lease is %v s", lease))
		}
		if own := numberAt(s.properties("PhotosQueue"), "VisibilityTimeout"); own < job+lease+hungSeconds || own > leaseMost {
			bad = append(bad, fmt.Sprintf("the queue's own visibility timeout is %v s, a job with its lease takes %v s", own, job+lease+hungSeconds))
		}
		if job < 60 || job+lease+hungSeconds > leaseMost {
			bad = append(bad, fmt.Sprintf("a job may take %v s", job))
		}
		return bad
	}},
	// A message that fails five times must be able to, before the queue forgets it.
	{"retention", func(s *stack) (bad []string) {
		env := s.env("WorkerTask")
		each := numberAt(object{"v": env["VISIBILITY_TIMEOUT"]}, "v") + numberAt(object{"v": env["JOB_TIMEOUT"]}, "v") + hungSeconds + backoffSeconds
		if kept := numberAt(s.properties("PhotosQueue"), "MessageRetentionPeriod"); kept < 24*60*60 || kept < 5*each {
			bad = append(bad, fmt.Sprintf("messages are kept for %v s; a day, and five tries of %v s each, want to fit", kept, each))
		}
		return bad
	}},
	{"events", func(s *stack) (bad []string) {
		uploads := s.properties("UploadsBucket")
		var events []string
		for _, c := range listAt(uploads, "NotificationConfiguration", "QueueConfigurations") {
			if textAt(c, "Queue") == "${PhotosQueue.Arn}" && cfn.At(c, "Filter") == nil {
				events = append(events, textAt(c, "Event"))
			}
		}
		if !slices.Equal(events, []string{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}) {
			bad = append(bad, fmt.Sprintf("the queue is told of %v", events))
		}
		// S3 asks the queue before it takes the configuration, so the policy has to be there first, and so may not
		// refer to the bucket but by a name that does not depend on it.
		if !slices.Contains(textsAt(s.resources, "UploadsBucket", "DependsOn"), "PhotosQueuePolicy") {
			bad = append(bad, "the bucket may be made before it may send")
		}
		for _, st := range listAt(s.properties("PhotosQueuePolicy"), "PolicyDocument", "Statement") {
			if textAt(st, "Effect") != "Allow" {
				continue
			}
			if textAt(st, "Principal", "Service") != "s3.amazonaws.com" || textAt(st, "Action") != "sqs:SendMessage" ||
				textAt(st, "Condition", "ArnEquals", "aws:SourceArn") != "arn:aws:s3:::"+textAt(uploads, "BucketName") ||
				textAt(st, "Condition", "StringEquals", "aws:SourceAccount") != "123456789012" {
				bad = append(bad, "others than the uploads bucket of this account may send: "+textAt(st, "Sid"))
			}
			return bad
		}
		return append(bad, "S3 may not send")
	}},
}
