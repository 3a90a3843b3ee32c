package client

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer is the most bytes of an answer that are read: far more than the API sends.
const maxAnswer = 1 << 20

// passing marks an error that may be gone at the next attempt.
type passing struct{ error }

func (p passing) Unwrap() error { return p.error }

// Together the waits are 23 s at least, in which S3 can be restarted: it takes up to 10 s to stop.
const (
	attempts  = 14
	firstWait = 200 * time.Millisecond
	lastWait  = 5 * time.Second
)

// retry calls try until it succeeds, fails for good, has failed too often, or ctx ends. Waits double, and a random
// half of each keeps clients that failed together from coming back together.
func retry(ctx context.Context, try func() error) error {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		err := try()
		if _, ok := errors.AsType[passing](err); err == nil || !ok || ctx.Err() != nil {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("after %d attempts: %w", attempt, err)
		}
		if stop := pause(ctx, wait/2+rand.N(wait/2)); stop != nil {
			return fmt.Errorf("%w: %w", stop, err)
		}
		wait = min(2*wait, lastWait)
	}
}

// pause waits, or returns why ctx ended.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// failure describes an answer that is not the one wanted, in the words of the API (RFC 9457) or of S3 where it has
// some.
func failure(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	text := ""
	switch kind := resp.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "application/problem+json"):
		var p struct{ Detail string }
		if json.Unmarshal(body, &p) == nil {
			text = p.Detail
		}
	case strings.HasPrefix(kind, "application/xml"), strings.HasPrefix(kind, "text/xml"):
		var p struct{ Code, Message string }
		if xml.Unmarshal(body, &p) == nil {
			text = strings.TrimSpace(p.Code + " " + p.Message)
		}
	case strings.HasPrefix(kind, "text/plain"):
		text = strings.TrimSpace(string(body[:min(len(body), 300)]))
	}
	err := errors.New(resp.Status)
	if text != "" {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 {
		return passing{err}
	}
	return err
}

// withoutURL takes a presigned URL, which is as good as a password, out of an error of net/http.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// drain reads the rest of an answer, so that its connection can be used again.
func drain(resp *http.Response) {
	io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	resp.Body.Close()
}
