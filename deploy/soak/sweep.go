package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"

	"darkroom/deploy/local/stack"
)

// sweeper returns a function that runs worker sweep on a system. A worker that was frozen or killed can leave variants
// that no manifest names, and only the sweep finds them. On AWS it runs every day.
func sweeper(st *stack.Stack) func(context.Context) error {
	return func(ctx context.Context) error {
		// The queue is empty, so no photo is being rendered and even a new leftover belongs to nobody.
		_, err := st.WorkerCommand(ctx, "sweep", "--older-than", "0s", "--rate", "0").Output()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return fmt.Errorf("worker sweep: %w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		if err != nil {
			return fmt.Errorf("worker sweep: %w", err)
		}
		return nil
	}
}
