package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const (
	// answerMargin is how long before the end of the request's context a wait ends, to leave time to answer.
	answerMargin = time.Second
	// firstPause and lastPause are the shortest and the longest pause between two polls of S3. Each poll costs a GET and,
	// while the photo has no outcome, a HEAD.
	firstPause, lastPause = 200 * time.Millisecond, time.Second
)

// waitOf returns how long a GET may wait: the parameter wait, at most contract.MaxWait.
func waitOf(r *http.Request) (time.Duration, error) {
	s := r.URL.Query().Get(contract.WaitParameter)
	if s == "" || r.Method != http.MethodGet {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, newProblem(http.StatusBadRequest, contract.TypeQueryInvalid, fmt.Sprintf("wait is %.40q: send a duration such as 20s.", s))
	}
	return min(d, contract.MaxWait), nil
}

// awaitStatus returns the status of ref once there is an outcome, or anything that the client has not seen. It returns
// the current status after wait, or earlier if the request's context or the server ends first.
func (a *API) awaitStatus(ctx context.Context, ref photo.Ref, wait time.Duration, seen []string) (photoStatus, error) {
	status, err := a.readStatus(ctx, ref)
	if err != nil || wait == 0 {
		return status, err
	}
	until := time.Now().Add(wait)
	if end, ok := ctx.Deadline(); ok && end.Add(-answerMargin).Before(until) {
		until = end.Add(-answerMargin)
	}
	// Cancelled, not timed out: a poll that the end of the wait cuts off has not failed.
	polling, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(time.Until(until), cancel).Stop()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if status.State == photo.Ready || status.State == photo.Rejected || status.State == photo.Removed ||
			len(seen) > 0 && !slices.Contains(seen, status.etag) {
			return status, nil
		}
		select {
		case <-time.After(pause):
		case <-polling.Done():
			return status, ctx.Err()
		case <-a.draining:
			return status, nil
		}
		now, err := a.readStatus(polling, ref)
		switch {
		case err != nil && polling.Err() != nil:
			return status, ctx.Err()
		case err != nil:
			return status, err
		}
		status = now
	}
}

// entityTags returns the entity tags of If-None-Match. It drops their weakness, which does not count there (RFC 9110,
// section 13.1.2). A value that is no tag of ours matches none.
func entityTags(h http.Header) []string {
	var tags []string
	for _, v := range h.Values("If-None-Match") {
		for tag := range strings.SplitSeq(v, ",") {
			tags = append(tags, strings.TrimPrefix(strings.TrimSpace(tag), "W/"))
		}
	}
	return tags
}
