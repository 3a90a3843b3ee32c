package sqsqueue

import (
	"errors"
	"strings"
	"testing"

	"darkroom/worker/internal/queue"
)

func TestPolicyURL(t *testing.T) {
	const queueURL = "https://sqs.eu-west-1.amazonaws.com/123456789012/photos"
	for policy, want := range map[string]string{
		`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:photos-dlq","maxReceiveCount":"5"}`: "https://sqs.eu-west-1.amazonaws.com/123456789012/photos-dlq",
		``:                           "",
		`{`:                          "",
		`{"deadLetterTargetArn":""}`: "",
	} {
		for _, from := range []string{queueURL, queueURL + "/"} {
			if url, err := policyURL(from, policy); url != want || (err == nil) != (want != "") {
				t.Errorf("%s: %q, %v", policy, url, err)
			}
		}
	}
}

func TestSameQueue(t *testing.T) {
	const url = "https://sqs.eu-west-1.amazonaws.com/123456789012/photos"
	for other, want := range map[string]bool{
		url:       true,
		url + "/": true,
		"https://sqs.eu-west-1.amazonaws.com//123456789012//photos":     true,
		"https://sqs.eu-west-1.amazonaws.com/123456789012/%70hotos":     true,
		"http://localhost:4566/queue/eu-west-1/123456789012/photos":     true,
		"https://eu-west-1.queue.amazonaws.com/123456789012/photos":     true,
		"http://localhost:9324/123456789012/photos":                     true,
		"https://sqs.eu-west-1.amazonaws.com/123456789012/photos-dlq":   false,
		"https://sqs.eu-west-1.amazonaws.com/210987654321/photos":       false,
		"https://sqs.eu-west-1.amazonaws.com/123456789012/other-photos": false,
	} {
		if got := sameQueue(url, other); got != want {
			t.Errorf("%s: %v, want %v", other, got, want)
		}
	}
}

func TestDeadLetterQueue(t *testing.T) {
	e := start(t)
	dead, url := e.create(t, "photos-dlq", ""), e.create(t, "photos", "photos-dlq")
	for name, tc := range map[string]struct {
		q     *Queue
		want  string
		fault error
	}{
		"of the redrive policy": {New(e.client, url, ""), dead, nil},
		"configured":            {New(e.client, url, dead+"-other"), dead + "-other", nil},
		"the queue itself":      {New(e.client, url, url), "", queue.ErrOwnDeadLetterQueue},
		"no redrive policy":     {New(e.client, dead, ""), "", queue.ErrNoDeadLetterQueue},
	} {
		got, err := tc.q.DeadLetterQueue(t.Context())
		if !errors.Is(err, tc.fault) || err == nil && got.url != tc.want || err != nil && !strings.Contains(err.Error(), tc.q.url) {
			t.Errorf("%s: %v, %v, want %q, %v", name, got, err, tc.want, tc.fault)
		}
	}
	if _, err := New(e.client, url+"-none", "").DeadLetterQueue(t.Context()); err == nil {
		t.Error("a queue that does not exist: no error")
	}
}

// TestSharedDeadLetterQueue has two queues with one dead-letter queue, which one of them names by another host.
func TestSharedDeadLetterQueue(t *testing.T) {
	e := start(t)
	dead := e.create(t, "photos-dlq", "")
	events, photos, other := e.create(t, "events", "photos-dlq"), e.create(t, "photos", "photos-dlq"), e.create(t, "other", "photos")
	if errs := New(e.client, dead, "").Send(t.Context(), []queue.Outgoing{{Body: "a"}, {Body: "b"}}); errors.Join(errs...) != nil {
		t.Fatal(errs)
	}
	for name, c := range map[string]struct {
		queues queue.Joined
		want   int
	}{
		"by the redrive policies": {queue.Joined{New(e.client, events, ""), New(e.client, photos, "")}, 2},
		"by a URL":                {queue.Joined{New(e.client, events, strings.Replace(dead, "127.0.0.1", "localhost", 1)), New(e.client, photos, "")}, 2},
		"and another":             {queue.Joined{New(e.client, events, ""), New(e.client, other, "")}, 2},
	} {
		if d, err := c.queues.DeadLetterDepth(t.Context()); err != nil || d != (queue.Depth{Visible: c.want}) {
			t.Errorf("%s: %+v, %v, want %d messages", name, d, err, c.want)
		}
	}
}

// TestPolicyThatComesLater adds the redrive policy after the first bad message.
func TestPolicyThatComesLater(t *testing.T) {
	e := start(t)
	dead, url := e.create(t, "photos-dlq", ""), e.create(t, "photos", "")
	q := New(e.client, url, "")
	if _, err := q.DeadLetterQueue(t.Context()); !errors.Is(err, queue.ErrNoDeadLetterQueue) {
		t.Fatal(err)
	}
	e.create(t, "photos", "photos-dlq")
	if got, err := q.DeadLetterQueue(t.Context()); err != nil || got.url != dead {
		t.Errorf("got %v, %v, want %s", got, err, dead)
	}
}

// TestPolicyThatNamesTheQueueItself cannot happen on AWS, which refuses such a policy. A compatible service may not.
func TestPolicyThatNamesTheQueueItself(t *testing.T) {
	a := &answers{status: 200, texts: []string{`{"Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:1:q\"}"}}`}}
	q := a.queue()
	if err := q.DeadLetter(t.Context(), threeMessages[0], "why"); !errors.Is(err, queue.ErrOwnDeadLetterQueue) || len(a.batches) != 1 {
		t.Errorf("%v after %d requests, want ErrOwnDeadLetterQueue after that for the policy", err, len(a.batches))
	}
}
