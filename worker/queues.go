package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
)

// open opens the queue that the uploads bucket notifies.
func (f queueFlags) open(client *sqs.Client) *sqsqueue.Queue {
	return sqsqueue.New(client, f.URL, f.DeadLetterURL)
}

// openPhotos opens the queue that photos are rendered from.
func (f queueFlags) openPhotos(client *sqs.Client) *sqsqueue.Queue {
	if f.PhotosURL == "" {
		return f.open(client)
	}
	return sqsqueue.New(client, f.PhotosURL, "")
}

// openAll opens every queue, by its name in the metrics.
func (f queueFlags) openAll(client *sqs.Client) map[string]*sqsqueue.Queue {
	all := map[string]*sqsqueue.Queue{queue.NamePhotos: f.openPhotos(client)}
	if f.PhotosURL != "" {
		all[queue.NameEvents] = f.open(client)
	}
	return all
}

// letterBox is a dead-letter queue.
type letterBox struct {
	title string // line to print above its messages; empty if it is the only one
	dead  *sqsqueue.Queue
	from  *sqsqueue.Queue // queue that its messages come from; nil if that is not set
}

// openDeadLetters opens the dead-letter queues. One that both queues share is opened once; the workers route what comes
// back from there.
func (f queueFlags) openDeadLetters(ctx context.Context, client *sqs.Client) ([]letterBox, error) {
	if f.URL == "" {
		return []letterBox{{dead: sqsqueue.New(client, f.DeadLetterURL, "")}}, nil
	}
	first := letterBox{from: f.open(client)}
	var err error
	if first.dead, err = first.from.DeadLetterQueue(ctx); err != nil || f.PhotosURL == "" {
		return []letterBox{first}, err
	}
	second := letterBox{from: f.openPhotos(client)}
	if second.dead, err = second.from.DeadLetterQueue(ctx); err != nil || second.dead.Is(first.dead) {
		return []letterBox{first}, err
	}
	first.title, second.title = "Dead letters of the events:\n", "Dead letters of the photos:\n"
	return []letterBox{first, second}, nil
}
