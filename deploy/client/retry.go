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
	"strconv"
	"strings"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/plural"
	"darkroom/worker/wait"
)

// maxAnswer is the maximum size of a response in bytes, far more than the API sends.
const maxAnswer = 1 << 20

// temporary marks an error that may be gone at the next attempt.
type temporary struct {
	error
	after time.Duration // shortest wait before the next attempt, as the server asks for it
}

func (t temporary) Unwrap() error { return t.error }

// Temporary marks an error for [Retry]: another attempt may succeed.
func Temporary(err error) error { return temporary{error: err} }

// The waits add up to at least 23 s, enough to restart S3: it takes up to 10 s to stop.
const (
	attempts  = 14
	firstWait = 200 * time.Millisecond
	lastWait  = 5 * time.Second
)

// mostAsked is the longest wait that a server can ask for with Retry-After. A quota of a minute asks for no more.
const mostAsked = time.Minute

// Retry calls try until it succeeds, returns an error that is not [Temporary], has failed 14 times, or ctx ends. The
// waits in between double, up to 5 s, and are no shorter than the server's Retry-After. A random half of each, and a
// random tenth of Retry-After on top, keep clients that failed together from returning together.
func Retry(ctx context.Context, try func() error) error {
	pause := firstWait
	for attempt := 1; ; attempt++ {
		err := try()
		again, ok := errors.AsType[temporary](err)
		if err == nil || !ok || ctx.Err() != nil {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("after %s: %w", plural.Count(attempt, "attempt"), err)
		}
		if stop := wait.For(ctx, max(pause/2, again.after)+rand.N(max(pause/2, again.after/10))); stop != nil {
			return fmt.Errorf("%w: %w", stop, err)
		}
		pause = min(2*pause, lastWait)
	}
}

// ResponseError returns an error that describes an unexpected answer, in the words of the API (RFC 9457) or of S3 if it
// has some. The error is [Temporary] after 429 and 5xx, for as long as Retry-After says. A 429 that asks for more than
// a minute is not: the quota of a day is used up, and the text says for how long.
func ResponseError(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	text := ""
	switch kind := resp.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, contract.ProblemContentType):
		var p contract.Problem
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
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // Darkroom's API sends no dates
	after, quota := time.Duration(seconds)*time.Second, resp.StatusCode == http.StatusTooManyRequests
	if quota && after <= mostAsked || resp.StatusCode >= 500 {
		return temporary{err, max(0, min(after, mostAsked))}
	}
	return err
}

// withoutURL removes a presigned URL, which is as good as a password, from an error of net/http.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// drain reads the rest of an answer, so that its connection can be reused.
func drain(resp *http.Response) {
	io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	resp.Body.Close()
}
