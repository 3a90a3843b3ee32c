package fakesqs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const nonExistent = "AWS.SimpleQueueService.NonExistentQueue"

func testCreateQueue(e *endpoint) {
	url := e.queue("", map[string]string{"VisibilityTimeout": "20", "DelaySeconds": "0"})
	for _, same := range []map[string]string{nil, {"VisibilityTimeout": "20"}, {"ReceiveMessageWaitTimeSeconds": "0"}} {
		out, err := e.client.CreateQueue(e.Context(), &sqs.CreateQueueInput{QueueName: aws.String(e.prefix), Attributes: same})
		e.must(err)
		e.equal("URL of the queue that exists", *out.QueueUrl, *url)
	}
	_, err := e.client.CreateQueue(e.Context(), &sqs.CreateQueueInput{QueueName: aws.String(e.prefix), Attributes: map[string]string{"VisibilityTimeout": "21"}})
	e.fails(err, "QueueAlreadyExists")
	if exists := (*types.QueueNameExists)(nil); !errors.As(err, &exists) {
		e.Errorf("error %v is not a QueueNameExists", err)
	}
	for _, name := range []string{"a b", "ä", strings.Repeat("x", 81)} {
		_, err := e.client.CreateQueue(e.Context(), &sqs.CreateQueueInput{QueueName: &name})
		e.fails(err, "InvalidParameterValue")
	}
}

func testQueueURL(e *endpoint) {
	url := e.queue("", nil)
	if !strings.HasSuffix(*url, "/"+e.prefix) {
		e.Errorf("queue URL %s does not end with the name", *url)
	}
	out, err := e.client.GetQueueUrl(e.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(e.prefix)})
	e.must(err)
	e.equal("URL", *out.QueueUrl, *url)
	_, err = e.client.GetQueueUrl(e.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(e.prefix + "-none")})
	e.fails(err, nonExistent)
}

func testMissingQueue(e *endpoint) {
	url := aws.String(*e.queue("", nil) + "-none")
	ctx, c, handle := e.Context(), e.client, aws.String("x")
	entry := []types.DeleteMessageBatchRequestEntry{{Id: handle, ReceiptHandle: handle}}
	for name, call := range map[string]func() error{
		"Send": func() error {
			_, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: handle})
			return err
		},
		"Receive": func() error { _, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url}); return err },
		"Delete":  func() error { return e.deleteMessage(url, handle) },
		"Batch": func() error {
			_, err := c.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: entry})
			return err
		},
		"Get": func() error {
			_, err := c.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
			return err
		},
		"Purge":    func() error { _, err := c.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url}); return err },
		"ListTags": func() error { _, err := c.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url}); return err },
		"Sources": func() error {
			_, err := c.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: url})
			return err
		},
		"DeleteQueue": func() error {
			gone := e.queue("-gone", nil)
			_, err := c.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: gone})
			e.must(err)
			e.eventually("the queue is gone", func() bool {
				_, err = c.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(e.prefix + "-gone")})
				return err != nil
			})
			return err
		},
	} {
		err := call()
		if missing := (*types.QueueDoesNotExist)(nil); !errors.As(err, &missing) || code(err) != nonExistent {
			e.Errorf("%s: error %v is not a QueueDoesNotExist with the code %s", name, err, nonExistent)
		}
	}
}

func testListQueues(e *endpoint) {
	var want []string
	for i := range 5 {
		want = append(want, *e.queue(fmt.Sprint("-", i), nil))
	}
	e.queue("x", nil)
	prefix := aws.String(e.prefix + "-")
	e.eventually("all queues are listed", func() bool {
		out, err := e.client.ListQueues(e.Context(), &sqs.ListQueuesInput{QueueNamePrefix: prefix})
		e.must(err)
		slices.Sort(out.QueueUrls)
		return slices.Equal(out.QueueUrls, want) && out.NextToken == nil
	})
	var got []string
	pages := sqs.NewListQueuesPaginator(e.client, &sqs.ListQueuesInput{QueueNamePrefix: prefix, MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(e.Context())
		e.must(err)
		if len(out.QueueUrls) > 2 {
			e.Errorf("a page of %d, want at most 2", len(out.QueueUrls))
		}
		got = append(got, out.QueueUrls...)
	}
	slices.Sort(got)
	e.equal("queues of all pages", got, want)
	_, err := e.client.ListQueues(e.Context(), &sqs.ListQueuesInput{MaxResults: aws.Int32(1001)})
	e.fails(err, "InvalidParameterValue")
}

func testAttributes(e *endpoint) {
	before := time.Now().Add(-time.Minute).Unix()
	url := e.queue("", map[string]string{"DelaySeconds": "7"})
	all := e.attributes(url)
	for name, want := range map[string]string{
		"VisibilityTimeout": "30", "DelaySeconds": "7", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
		"ReceiveMessageWaitTimeSeconds": "0", "ApproximateNumberOfMessages": "0",
		"ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
	} {
		e.equal(name, all[name], want)
	}
	if parts := strings.Split(all["QueueArn"], ":"); len(parts) != 6 || parts[2] != "sqs" || parts[5] != e.prefix {
		e.Errorf("QueueArn = %q", all["QueueArn"])
	}
	for _, name := range []string{"CreatedTimestamp", "LastModifiedTimestamp"} {
		if n, err := strconv.ParseInt(all[name], 10, 64); err != nil || n < before || n > time.Now().Add(time.Minute).Unix() {
			e.Errorf("%s = %q, want the present in seconds", name, all[name])
		}
	}
	if _, ok := all["RedrivePolicy"]; ok {
		e.Error("a queue without a RedrivePolicy reports one")
	}
	_, err := e.client.SetQueueAttributes(e.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url,
		Attributes: map[string]string{"VisibilityTimeout": "69", "MaximumMessageSize": "2048", "ReceiveMessageWaitTimeSeconds": "1"}})
	e.must(err)
	e.eventually("the change shows", func() bool { return e.attributes(url)["VisibilityTimeout"] == "69" })
	e.equal("some attributes", e.attributes(url, "MaximumMessageSize", "DelaySeconds", "RedrivePolicy"),
		map[string]string{"MaximumMessageSize": "2048", "DelaySeconds": "7"})
	out, err := e.client.GetQueueAttributes(e.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url})
	e.must(err)
	e.equal("attributes of a request without names", len(out.Attributes), 0)
	_, err = e.client.GetQueueAttributes(e.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"Colour"}})
	e.fails(err, "InvalidAttributeName")
}

func testInvalidAttributes(e *endpoint) {
	url := e.queue("", nil)
	for _, a := range []struct{ name, value, code string }{
		{"VisibilityTimeout", "43201", "InvalidAttributeValue"}, {"VisibilityTimeout", "-1", "InvalidAttributeValue"},
		{"VisibilityTimeout", "soon", "InvalidAttributeValue"}, {"DelaySeconds", "901", "InvalidAttributeValue"},
		{"MaximumMessageSize", "1023", "InvalidAttributeValue"}, {"MaximumMessageSize", "1048577", "InvalidAttributeValue"},
		{"MessageRetentionPeriod", "59", "InvalidAttributeValue"}, {"MessageRetentionPeriod", "1209601", "InvalidAttributeValue"},
		{"ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue"}, {"Colour", "red", "InvalidAttributeName"},
	} {
		_, err := e.client.SetQueueAttributes(e.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{a.name: a.value}})
		e.fails(err, a.code)
		_, err = e.client.CreateQueue(e.Context(), &sqs.CreateQueueInput{QueueName: aws.String(e.prefix + "-bad"), Attributes: map[string]string{a.name: a.value}})
		e.fails(err, a.code)
	}
}

func testRedrivePolicy(e *endpoint) {
	source, dead := e.deadLetterPair("3") // a string, as CloudFormation sends it
	policy := e.attributes(source, types.QueueAttributeNameRedrivePolicy)["RedrivePolicy"]
	if !strings.Contains(policy, e.arn(dead)) || !strings.Contains(policy, "3") {
		e.Errorf("RedrivePolicy = %s", policy)
	}
	e.eventually("the source is listed", func() bool {
		out, err := e.client.ListDeadLetterSourceQueues(e.Context(), &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
		e.must(err)
		return slices.Equal(out.QueueUrls, []string{*source})
	})
	set := func(url *string, name, value string) error {
		_, err := e.client.SetQueueAttributes(e.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{name: value}})
		return err
	}
	for _, bad := range []string{`{`, `{}`, `{"deadLetterTargetArn":"dummy","maxReceiveCount":42}`,
		`{"deadLetterTargetArn":"` + e.arn(dead) + `"}`, e.redrive(dead, 0), e.redrive(dead, 1001), e.redrive(dead, "many"),
		`{"deadLetterTargetArn":"` + e.arn(dead) + `-none","maxReceiveCount":1}`} {
		e.fails(set(source, "RedrivePolicy", bad), "InvalidParameterValue", "InvalidAttributeValue", nonExistent)
	}
	e.must(set(dead, "RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`))
	e.fails(set(e.queue("-other", nil), "RedrivePolicy", e.redrive(dead, 1)), "InvalidParameterValue")
	e.must(set(source, "RedrivePolicy", ""))
	e.eventually("the policy is gone", func() bool { return e.attributes(source)["RedrivePolicy"] == "" })
}

func testTags(e *endpoint) {
	out, err := e.client.CreateQueue(e.Context(), &sqs.CreateQueueInput{QueueName: aws.String(e.prefix), Tags: map[string]string{"a": "1", "b": "2"}})
	e.must(err)
	url := out.QueueUrl
	e.Cleanup(func() { _, _ = e.client.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: url}) })
	_, err = e.client.TagQueue(e.Context(), &sqs.TagQueueInput{QueueUrl: url, Tags: map[string]string{"b": "3", "c": ""}})
	e.must(err)
	_, err = e.client.UntagQueue(e.Context(), &sqs.UntagQueueInput{QueueUrl: url, TagKeys: []string{"a", "none"}})
	e.must(err)
	e.eventually("the tags", func() bool {
		got, err := e.client.ListQueueTags(e.Context(), &sqs.ListQueueTagsInput{QueueUrl: url})
		e.must(err)
		return fmt.Sprint(got.Tags) == fmt.Sprint(map[string]string{"b": "3", "c": ""})
	})
}

func testFIFO(e *endpoint) {
	_, err := e.client.CreateQueue(e.Context(), &sqs.CreateQueueInput{QueueName: aws.String(e.prefix + ".fifo")})
	e.fails(err, "InvalidParameterValue")
	_, err = e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: e.queue("", nil), MessageBody: aws.String("x"), MessageDeduplicationId: aws.String("d")})
	e.fails(err, "InvalidParameterValue")
}

func testPurge(e *endpoint) {
	url := e.queue("", nil)
	for range 3 {
		e.send(url, "x")
	}
	e.receiveOne(url, nil) // one of them in flight
	_, err := e.client.PurgeQueue(e.Context(), &sqs.PurgeQueueInput{QueueUrl: url})
	e.must(err)
	e.eventually("the queue is empty", func() bool { return e.counts(url) == "0 0 0" })
	_, err = e.client.PurgeQueue(e.Context(), &sqs.PurgeQueueInput{QueueUrl: url})
	e.fails(err, "AWS.SimpleQueueService.PurgeQueueInProgress")
}
