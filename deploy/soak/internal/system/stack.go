package system

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/worker/photo"
)

// Settings of the workers that the soak starts. The photos are small, so the visibility timeout can be short: the
// messages of a killed worker soon return. The memory settings are those of a container with ContainerMemory.
const (
	ContainerMemory   = 448 << 20 // bytes
	VisibilityTimeout = 10 * time.Second
)

// PurgeDelay is how long a purge from the CDN takes.
const PurgeDelay = 5 * time.Second

// WorkerEnv returns the environment of the workers that the soak starts.
func WorkerEnv() []string {
	return []string{
		"VISIBILITY_TIMEOUT=" + VisibilityTimeout.String(),
		fmt.Sprintf("MEMORY_BUDGET=%d", ContainerMemory*6/10),
		fmt.Sprintf("GOMEMLIMIT=%d", ContainerMemory*9/10),
	}
}

// NewStackTarget returns the system that a stack runs.
func NewStackTarget(s *stack.Stack, board photo.Board) (*Target, error) {
	cfg := aws.Config{Region: fake.Region, Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, "")}
	source := &tokens.Source{URL: s.Issuer, Subject: "soak", Boards: []string{string(board)}}
	t, err := newTarget(cfg, s.Addresses, fake.Uploads, fake.Variants, source, board)
	if err == nil {
		t.Exclusive = true
	}
	return t, err
}

// CancelOnFailure calls run, and cancels its context if a process of the stack fails.
func CancelOnFailure[T any](ctx context.Context, st *stack.Stack, run func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case err := <-st.Failed():
			cancel(err)
		case <-ctx.Done():
		}
	}()
	defer func() { cancel(nil); <-watched }()
	v, err := run(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return v, err
}

// CloseIdleConnections closes the idle connections of this process. Otherwise a server that stops waits for them.
func CloseIdleConnections() { http.DefaultClient.CloseIdleConnections() }

// Sweep runs the command worker sweep on a stack. A worker that was frozen or killed can leave variants that no manifest
// names, and only the sweep finds them. On AWS it runs every day. The queue must be empty: if no photo is being rendered,
// even a new leftover can be removed.
func Sweep(ctx context.Context, st *stack.Stack) error {
	_, err := st.WorkerCommand(ctx, "sweep", "--older-than", "0s", "--rate", "0").Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("worker sweep: %w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	if err != nil {
		return fmt.Errorf("worker sweep: %w", err)
	}
	return nil
}
