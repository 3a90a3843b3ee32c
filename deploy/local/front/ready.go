package front

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"darkroom/worker/process"
	"darkroom/worker/wait"
)

const (
	readyInterval = 250 * time.Millisecond
	// patience is how long a system may take to start before Waiting reports what it waits for, and again after that.
	patience = 20 * time.Second
)

// Waiting checks the parts of the system until all are ready. It yields nil then, and before that, every [patience],
// what is not ready yet. It yields nothing more when ctx ends.
func Waiting(ctx context.Context, c Config) iter.Seq[error] {
	return waiting(ctx, c, &http.Client{Timeout: readTimeout})
}

func waiting(ctx context.Context, c Config, client *http.Client) iter.Seq[error] {
	return func(yield func(error) bool) {
		defer client.CloseIdleConnections()
		said := time.Now()
		for {
			err := c.ready(ctx, client)
			switch {
			case ctx.Err() != nil:
				return
			case err == nil:
				yield(nil)
				return
			case time.Since(said) >= patience:
				said = time.Now()
				if !yield(err) {
					return
				}
			}
			if wait.For(ctx, readyInterval) != nil {
				return
			}
		}
	}
}

// ready returns nil if the API, the issuer and at least one worker are ready. A worker is ready once S3 and the queue
// have answered it.
func (c Config) ready(ctx context.Context, client *http.Client) error {
	if err := process.Healthy(ctx, client, c.API+process.HealthPath); err != nil {
		return fmt.Errorf("the API does not answer: %w", err)
	}
	if err := process.Healthy(ctx, client, c.Issuer+process.HealthPath); err != nil {
		return fmt.Errorf("the token issuer does not answer: %w", err)
	}
	why := errors.New("no worker is running")
	for _, worker := range c.Workers {
		for _, address := range addresses(ctx, worker) {
			u, err := url.JoinPath(address, "readyz")
			if err != nil {
				return err
			}
			if err = process.Healthy(ctx, client, u); err == nil {
				return nil
			}
			why = fmt.Errorf("no worker is ready: %w", err)
		}
	}
	return why
}
