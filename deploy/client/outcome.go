package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/wait"
)

// Outcome is what became of a photo.
type Outcome struct {
	contract.Upload
	Took time.Duration // from the request for the token to the outcome
}

const (
	// firstPause and lastPause are the shortest and the longest time from one request for the state to the next. They
	// matter only if the API answers early without an outcome, as an older release does that cannot wait, and a
	// function near its timeout.
	firstPause, lastPause = 100 * time.Millisecond, 2 * time.Second
	// answerTime is how long before its own deadline the client asks the API to answer, to learn the last state.
	answerTime = 500 * time.Millisecond
)

// state is an answer of the API about a photo.
type state struct {
	contract.Upload
	etag string
}

// final reports whether the photo has its outcome.
func (s state) final() bool {
	return s.State != "" && s.State != photo.Awaiting && s.State != photo.Processing
}

// State returns the state of a photo. The URL is the StatusURL of its token.
func (c *Client) State(ctx context.Context, url string) (contract.Upload, error) {
	s, err := c.state(ctx, url, state{})
	return s.Upload, err
}

// state returns the state of a photo, or seen if nothing has changed since.
func (c *Client) state(ctx context.Context, url string, seen state) (state, error) {
	now := seen
	err := Retry(ctx, func() error {
		req, err := c.request(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if seen.etag != "" {
			req.Header.Set("If-None-Match", seen.etag)
		}
		var changed state
		resp, err := c.call(req, http.StatusOK, &changed.Upload)
		switch {
		case err != nil:
			return err
		case resp.StatusCode == http.StatusOK:
			now, now.etag = changed, resp.Header.Get("ETag")
		}
		return nil
	})
	if err != nil {
		return now, fmt.Errorf("get the state: %w", err)
	}
	return now, nil
}

// awaitOutcome has the API wait for the outcome, and asks again until there is one.
func (c *Client) awaitOutcome(ctx context.Context, outcomeURL string) (contract.Upload, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, fmt.Errorf("no outcome within %s", c.config.Timeout))
	defer cancel()
	var seen state
	for pause := firstPause; ; pause = min(pause*3/2, lastPause) {
		begun := time.Now()
		url, err := c.waitURL(ctx, outcomeURL)
		if err != nil {
			return seen.Upload, err
		}
		now, err := c.state(ctx, url, seen)
		switch {
		case err != nil && ctx.Err() == nil:
			return now.Upload, err
		case err == nil && now.final():
			return now.Upload, nil
		}
		seen = now
		if err := wait.Until(ctx, begun.Add(pause)); err != nil && seen.State != "" {
			return seen.Upload, fmt.Errorf("%w: the photo is still %s", err, seen.State)
		} else if err != nil {
			return seen.Upload, err
		}
	}
}

// waitURL returns the URL of a request that waits at the API, for as long as the API permits, ctx lasts and the HTTP
// client's timeout allows.
func (c *Client) waitURL(ctx context.Context, outcomeURL string) (string, error) {
	u, err := url.Parse(outcomeURL)
	if err != nil {
		return "", fmt.Errorf("outcomeUrl %q of the upload: %w", outcomeURL, err)
	}
	longest := contract.MaxWait
	if limit := c.config.HTTP.Timeout; limit > 0 {
		longest = min(longest, limit/2)
	}
	if end, ok := ctx.Deadline(); ok {
		longest = min(longest, time.Until(end)-answerTime)
	}
	if longest = longest.Truncate(time.Millisecond); longest > 0 {
		q := u.Query()
		q.Set(contract.WaitParameter, longest.String())
		u.RawQuery = q.Encode()
	}
	return u.String(), nil
}
