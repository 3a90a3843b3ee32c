package front

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/deploy/local/fake"
)

// State is what the system does just now. What is not known is null.
type State struct {
	Queue           *int     `json:"queue"`           // messages that wait
	InFlight        *int     `json:"inFlight"`        // messages that a worker has
	PhotosPerSecond *float64 `json:"photosPerSecond"` // over the last [rateWindow]
	MedianSeconds   *float64 `json:"medianSeconds"`   // from S3's event to the manifest, of the photos of the last [medianWindow]
	Workers         int      `json:"workers"`         // that answer
}

const (
	freshness    = time.Second // a state that is younger than this is answered again
	lookTimeout  = 2 * time.Second
	rateWindow   = 10 * time.Second
	medianWindow = 5 * time.Minute
)

// attributes is the part of SQS that is looked at.
type attributes interface {
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// system looks at the queue and the workers when it is asked, and not more often than it must.
type system struct {
	sqs     attributes
	queue   string
	workers *workers

	mu      sync.Mutex
	last    State
	taken   time.Time
	history history
}

func newSystem(c Config) (*system, error) {
	u, err := url.Parse(c.Queue)
	if err != nil {
		return nil, fmt.Errorf("URL of the queue: %w", err)
	}
	client := sqs.New(sqs.Options{
		Region: fake.Region, BaseEndpoint: aws.String(u.Scheme + "://" + u.Host), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, ""),
	})
	return &system{sqs: client, queue: c.Queue, workers: newWorkers(c.Workers)}, nil
}

func (s *system) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, "application/json", s.state())
}

// state is shared by those who ask at the same time, so it does not end with the request of one of them.
func (s *system) state() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.taken.IsZero() && time.Since(s.taken) < freshness {
		return s.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	var now State
	var queue sync.WaitGroup
	queue.Go(func() { now.Queue, now.InFlight = s.depth(ctx) })
	total, answered := s.workers.look(ctx)
	queue.Wait()
	s.taken = time.Now()
	s.history.add(s.taken, total)
	now.Workers = answered
	now.PhotosPerSecond = s.history.rate(rateWindow)
	now.MedianSeconds = s.history.median(medianWindow)
	s.last = now
	return now
}

// depth returns the messages that wait and those in flight, or nil where SQS does not say.
func (s *system) depth(ctx context.Context) (waiting, inFlight *int) {
	out, err := s.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &s.queue, AttributeNames: []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible}})
	if err != nil {
		return nil, nil
	}
	number := func(name types.QueueAttributeName) *int {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			return nil
		}
		return &n
	}
	return number(types.QueueAttributeNameApproximateNumberOfMessages), number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
}
