package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/stack"
	"darkroom/worker/photo"
)

// Target is the system that a run loads and checks.
type Target struct {
	API                *client.Client
	Board              photo.Board
	Originals          Bucket
	Variants           Bucket
	Queue, DeadLetters Queues
	Metrics            []string // URLs of the workers' metrics; may be empty
	Exclusive          bool     // only this run uses the buckets and the dead-letter Queues
	FaultyS3           string   // URL of the proxy that injects faults and counts them, or ""
	faultySQS          string
}

// newTarget creates the clients for a run on a board.
func newTarget(cfg aws.Config, a stack.Addresses, uploads, variants string, tokens client.TokenSource, board photo.Board) (*Target, error) {
	api, err := client.New(client.Config{API: a.API, Board: board, Tokens: tokens})
	if err != nil {
		return nil, err
	}
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) {
		if a.S3 != "" {
			o.BaseEndpoint = &a.S3
		}
		o.UsePathStyle = o.BaseEndpoint != nil // outside AWS, buckets do not have host names
	})
	messages := sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if a.SQS != "" {
			o.BaseEndpoint = &a.SQS
		}
	})
	return &Target{
		API: api, Board: board, Originals: Bucket{objects, uploads}, Variants: Bucket{objects, variants},
		Queue: Queues{messages, a.Queues()}, DeadLetters: Queues{messages, a.DeadLetters}, Metrics: a.Workers,
		FaultyS3: a.FaultyS3, faultySQS: a.FaultySQS,
	}, nil
}

// InjectedFaults returns the numbers of requests and of injected faults so far.
func (t *Target) InjectedFaults(ctx context.Context) (s3, sqs faults.Counts, err error) {
	if t.FaultyS3 == "" {
		return s3, sqs, nil
	}
	return s3, sqs, errors.Join(getJSON(ctx, t.FaultyS3+faults.CountsPath, &s3), getJSON(ctx, t.faultySQS+faults.CountsPath, &sqs))
}

func getJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("GET %s: %w", url, err)
	}
	return nil
}
