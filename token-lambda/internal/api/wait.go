package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"darkroom/worker/photo"
)

const (
	// MaxWait is the longest that a request waits for a photo. Together with the timeout of a request it is what an API
	// Gateway HTTP API takes at most, 30 s (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html).
	MaxWait = 20 * time.Second
	// answerMargin is how long before the end of the request's context a wait ends, so that there is time to answer.
	answerMargin = time.Second
	// Waits between two looks at S3: each look costs a GET and, while the photo is under way, a HEAD.
	firstPause, lastPause = 200 * time.Millisecond, time.Second
)

// waitOf returns how long a GET may wait at most: the parameter wait, cut off at MaxWait.
func waitOf(r *http.Request) (time.Duration, error) {
	s := r.URL.Query().Get("wait")
	if s == "" || r.Method != http.MethodGet {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, newProblem(http.StatusBadRequest, TypeQueryInvalid, fmt.Sprintf("wait must be a duration such as 20s, not %.40q.", s))
	}
	return min(d, MaxWait), nil
}

// await returns the state of ref: as soon as there is an outcome, or anything that the client has not seen, and after
// wait at the latest, or earlier if the context of the request or the server ends before.
func (a *API) await(ctx context.Context, ref photo.Ref, wait time.Duration, seen []string) (statusAnswer, error) {
	ans, err := a.stateOf(ctx, ref)
	if err != nil || wait == 0 {
		return ans, err
	}
	until := time.Now().Add(wait)
	if end, ok := ctx.Deadline(); ok && end.Add(-answerMargin).Before(until) {
		until = end.Add(-answerMargin)
	}
	looks, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if ans.State == photo.Ready || ans.State == photo.Rejected || ans.State == photo.Removed || len(seen) > 0 && !slices.Contains(seen, ans.etag) {
			return ans, nil
		}
		select {
		case <-time.After(pause):
		case <-looks.Done():
			return ans, ctx.Err()
		case <-a.draining:
			return ans, nil
		}
		now, err := a.stateOf(looks, ref)
		switch {
		case err != nil && looks.Err() != nil:
			return ans, ctx.Err()
		case err != nil:
			return ans, err
		}
		ans = now
	}
}

// Drain ends the waits of requests, those that run and those to come, so that a server can stop. It may be called once.
func (a *API) Drain() { close(a.draining) }

// seenBy returns the entity tags of If-None-Match without their weakness, which does not count there (RFC 9110, section
// 13.1.2). What is no tag of ours matches none.
func seenBy(h http.Header) []string {
	var tags []string
	for _, v := range h.Values("If-None-Match") {
		for tag := range strings.SplitSeq(v, ",") {
			tags = append(tags, strings.TrimPrefix(strings.TrimSpace(tag), "W/"))
		}
	}
	return tags
}
