package front

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/testkit/sqsdepth"
)

// State is the current state of the system. Unknown values are null.
type State struct {
	Queue           *int     `json:"queue"`           // messages waiting
	InFlight        *int     `json:"inFlight"`        // messages that workers process
	PhotosPerSecond *float64 `json:"photosPerSecond"` // during the last [rateWindow]
	MedianSeconds   *float64 `json:"medianSeconds"`   // median from S3's event to the manifest during the last [medianWindow]
	Workers         int      `json:"workers"`         // workers that answer
}

const (
	freshness    = time.Second // a younger state is reused
	readTimeout  = 2 * time.Second
	rateWindow   = 10 * time.Second
	medianWindow = 5 * time.Minute
)

// system reads the queues and the workers on request, at most once every [freshness].
type system struct {
	sqs     sqsdepth.Client
	queues  []string
	workers *workers

	mu      sync.Mutex
	last    State
	taken   time.Time
	history history
}

func newSystem(c Config) (*system, error) {
	u, err := url.Parse(c.Queues[0])
	if err != nil {
		return nil, fmt.Errorf("URL of the queue: %w", err)
	}
	client := sqs.New(sqs.Options{
		Region: fake.Region, BaseEndpoint: aws.String(u.Scheme + "://" + u.Host), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, ""),
	})
	return &system{sqs: client, queues: c.Queues, workers: newWorkers(c.Workers)}, nil
}

func (s *system) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, "application/json", s.state())
}

// state returns the current state. Concurrent requests share it, so it does not depend on the context of any of them.
func (s *system) state() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.taken.IsZero() && time.Since(s.taken) < freshness {
		return s.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	var now State
	var queue sync.WaitGroup
	queue.Go(func() { now.Queue, now.InFlight = s.depth(ctx) })
	total, answered := s.workers.read(ctx)
	queue.Wait()
	s.taken = time.Now()
	s.history.add(s.taken, total)
	now.Workers = answered
	now.PhotosPerSecond = s.history.rate(rateWindow)
	now.MedianSeconds = s.history.median(medianWindow)
	s.last = now
	return now
}

// depth returns the number of messages waiting and in flight in all queues, or nil if SQS does not answer.
func (s *system) depth(ctx context.Context) (waiting, inFlight *int) {
	d, err := sqsdepth.Read(ctx, s.sqs, s.queues...)
	if err != nil {
		return nil, nil
	}
	return &d.Visible, &d.InFlight
}
