package status

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Jobs keeps what each message in hand is at.
type Jobs struct {
	mu  sync.Mutex
	all map[*job]struct{}
}

// NewJobs returns an empty Jobs.
func NewJobs() *Jobs { return &Jobs{all: map[*job]struct{}{}} }

// job is a message in hand. Jobs.mu guards it.
type job struct {
	message      string
	receive      int
	begun, since time.Time
	key, stage   string
}

// Job is a message in hand, as it is shown.
type Job struct {
	Message string        // its id
	Receive int           // which receive this is
	Key     string        // of the original; empty until the message was read
	Stage   string        // what is done with it
	For     time.Duration // that it has been in hand
	Since   time.Duration // that it has been in that stage
}

type jobKey struct{}

// Begin notes a message that is in hand until the function that it returns is called. With the context [Jobs.At] knows it.
func (j *Jobs) Begin(ctx context.Context, message string, receive int) (context.Context, func()) {
	now := time.Now()
	one := &job{message: message, receive: receive, begun: now, since: now, stage: "begins"}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all[one] = struct{}{}
	return context.WithValue(ctx, jobKey{}, one), func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.all, one)
	}
}

// At notes that the message whose context this is has come to a stage with the photo of a key.
func (j *Jobs) At(ctx context.Context, key, stage string) {
	one, ok := ctx.Value(jobKey{}).(*job)
	if !ok {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if one.key != key || one.stage != stage {
		one.key, one.stage, one.since = key, stage, time.Now()
	}
}

// List returns the messages in hand, that which has been longest first.
func (j *Jobs) List() []Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := make([]Job, 0, len(j.all))
	for one := range j.all {
		list = append(list, Job{Message: one.message, Receive: one.receive, Key: one.key, Stage: one.stage,
			For: time.Since(one.begun), Since: time.Since(one.since)})
	}
	slices.SortFunc(list, func(a, b Job) int { return cmp.Or(cmp.Compare(b.For, a.For), cmp.Compare(a.Message, b.Message)) })
	return list
}
