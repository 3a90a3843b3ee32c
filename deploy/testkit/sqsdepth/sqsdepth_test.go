package sqsdepth

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const queueURL = "http://sqs.test/1/photos"

// queue answers with the attributes that were asked for.
type queue struct {
	attributes map[string]string
	err        error
}

func (q queue) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	if *in.QueueUrl != queueURL {
		return nil, errors.New("no such queue")
	}
	out := maps.Clone(q.attributes)
	maps.DeleteFunc(out, func(name, _ string) bool {
		return !slices.Contains(in.AttributeNames, types.QueueAttributeName(name))
	})
	return &sqs.GetQueueAttributesOutput{Attributes: out}, q.err
}

func attributesOf(visible, inFlight, delayed string) map[string]string {
	return map[string]string{
		"ApproximateNumberOfMessages":           visible,
		"ApproximateNumberOfMessagesNotVisible": inFlight,
		"ApproximateNumberOfMessagesDelayed":    delayed,
		"QueueArn":                              "arn:aws:sqs:us-east-1:1:photos",
	}
}

func TestRead(t *testing.T) {
	d, err := Read(t.Context(), queue{attributes: attributesOf("100", "20", "3")}, queueURL)
	if want := (Depth{Visible: 100, InFlight: 20, Delayed: 3}); d != want || err != nil {
		t.Errorf("Read = %+v, %v, want %+v", d, err, want)
	}
	if d.Total() != 123 {
		t.Errorf("Total = %d, want 123", d.Total())
	}
}

func TestReadErrors(t *testing.T) {
	denied := errors.New("access denied")
	for name, c := range map[string]struct {
		queue queue
		want  string // part of the error, as is the URL
	}{
		"call fails":        {queue{err: denied}, "access denied"},
		"attribute missing": {queue{}, "ApproximateNumberOfMessages"},
		"not a number":      {queue{attributes: attributesOf("1", "2", "some")}, "ApproximateNumberOfMessagesDelayed"},
	} {
		d, err := Read(t.Context(), c.queue, queueURL)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), queueURL) {
			t.Errorf("%s: error %v, want one with %q and %q", name, err, c.want, queueURL)
		}
		if d != (Depth{}) {
			t.Errorf("%s: depth %+v, want none", name, d)
		}
	}
	if _, err := Read(t.Context(), queue{err: denied}, queueURL); !errors.Is(err, denied) {
		t.Errorf("error %v does not wrap the client's", err)
	}
}
