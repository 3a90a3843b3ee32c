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
	cdn                string // URL of a CDN that counts the faults of its API, or ""
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
		FaultyS3: a.FaultyS3, faultySQS: a.FaultySQS, cdn: a.CDN,
	}, nil
}

// Faults are the numbers of requests and of injected faults of each part of AWS.
type Faults struct{ S3, SQS, CDN faults.Counts }

// InjectedFaults returns the faults so far. They are empty if nothing injects faults.
func (t *Target) InjectedFaults(ctx context.Context) (f Faults, err error) {
	for _, part := range []struct {
		url  string
		into *faults.Counts
	}{{t.FaultyS3, &f.S3}, {t.faultySQS, &f.SQS}, {t.cdn, &f.CDN}} {
		if part.url != "" {
			err = errors.Join(err, getJSON(ctx, part.url+faults.CountsPath, part.into))
		}
	}
	return f, err
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
