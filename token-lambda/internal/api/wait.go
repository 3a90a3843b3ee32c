package api

import (
	"cmp"
	"context"
	"errors"
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
	// firstPause and lastPause are the shortest and the longest pause between two polls of S3. Each poll costs a GET
	// and, until the original has arrived, a HEAD.
	firstPause, lastPause = 200 * time.Millisecond, time.Second
)

// requestedWait returns how long a GET may wait: the parameter wait or, without it, the preference wait, at most
// [Config].MaxWait. Without either, the routes of outcomes wait for as long as they may, and the status does not wait.
// applied is the preference that it follows, for the header Preference-Applied, or empty. A request whose pattern is
// not known yet, or which cannot wait, does not wait.
func (a *API) requestedWait(r *http.Request) (wait time.Duration, applied string, err error) {
	longest := *a.cfg.MaxWait
	switch {
	case r.Method != http.MethodGet:
		return 0, "", nil
	case r.Pattern == contract.OutcomePattern || r.Pattern == contract.OutcomesPattern:
		wait = longest
	case r.Pattern != contract.UploadPattern:
		return 0, "", nil
	}
	s := r.URL.Query().Get(contract.WaitParameter)
	if s == "" {
		if preferred, ok := preferredWait(r.Header); ok && longest > 0 {
			wait = min(preferred, longest)
			applied = fmt.Sprintf("%s=%d", contract.WaitParameter, wait/time.Second)
		}
		return wait, applied, nil
	}
	d, ok := seconds(s)
	if !ok {
		if d, err = time.ParseDuration(s); err != nil || d < 0 {
			return 0, "", newProblem(contract.ProblemQueryInvalid, fmt.Sprintf("wait is %.40q: send seconds such as 20, or a duration such as 1500ms.", s))
		}
	}
	return min(d, longest), "", nil
}

// waitFor returns how long the request may wait, and tells the client and caches which preference the answer follows.
func (a *API) waitFor(w http.ResponseWriter, r *http.Request) (time.Duration, error) {
	wait, applied, err := a.requestedWait(r)
	w.Header().Add("Vary", contract.PreferHeader)
	if applied != "" {
		w.Header().Set(contract.PreferenceAppliedHeader, applied)
	}
	return wait, err
}

// awaitStatus returns the status of ref once there is an outcome, or anything that the client has not seen. It returns
// the current status after wait, or earlier if the request's context or the server ends first. A failed read does not
// end the wait: awaitStatus returns the last status that it could read, and an error only if it could read none.
func (a *API) awaitStatus(ctx context.Context, ref photo.Ref, wait time.Duration, seen tags) (photoStatus, error) {
	status, err := a.readStatus(ctx, ref, false)
	if unknown := new(problem); wait == 0 || errors.As(err, &unknown) {
		return status, err
	}
	polling, cancel := untilWaitEnds(ctx, wait)
	defer cancel()
	rec := recordOf(ctx)
	if !errors.Is(ctx.Err(), context.Canceled) { // otherwise the client has gone, and the read has not failed
		rec.readFailed(err)
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if err == nil && (status.hasOutcome() || len(seen) > 0 && !seen.match(status.etag)) {
			return status, nil
		}
		if !a.pause(polling, pause) {
			return status, cmp.Or(err, ctx.Err())
		}
		now, failed := a.readStatus(polling, ref, status.State == photo.Processing)
		switch {
		case failed == nil:
			if now.State == photo.Processing && status.State == photo.Processing {
				now.Upload, now.etag = status.Upload, status.etag // this poll did not look at the original
			}
			status, err = now, nil
		case polling.Err() == nil:
			rec.readFailed(failed)
			if err != nil { // no read has succeeded yet
				err = failed
			}
		}
	}
}

// untilWaitEnds returns a context for the polls of a wait. It ends after wait, or in time for an answer before ctx
// does. The polls are cancelled then and do not time out: one that is cut off has not failed.
func untilWaitEnds(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	end := time.Now().Add(wait)
	if last, ok := ctx.Deadline(); ok && last.Add(-answerMargin).Before(end) {
		end = last.Add(-answerMargin)
	}
	polling, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(time.Until(end), cancel)
	return polling, func() {
		timer.Stop()
		cancel()
	}
}

// pause waits for d. It returns false if ctx or the server ends first.
func (a *API) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	case <-a.draining:
		return false
	}
}

// hasOutcome reports whether the photo has its outcome.
func (s photoStatus) hasOutcome() bool {
	return s.State != photo.Awaiting && s.State != photo.Processing
}

// tags are the entity tags of If-None-Match, without the mark of weak tags, which does not count there (RFC 9110,
// section 13.1.2).
type tags []string

// match reports whether an entity tag is among them. An asterisk matches every tag. A value that is not one of our tags
// matches none.
func (t tags) match(etag string) bool { return slices.Contains(t, etag) || slices.Contains(t, "*") }

// entityTags returns the tags of a request.
func entityTags(h http.Header) tags {
	var tags tags
	for _, v := range h.Values("If-None-Match") {
		for tag := range strings.SplitSeq(v, ",") {
			tags = append(tags, strings.TrimPrefix(strings.TrimSpace(tag), "W/"))
		}
	}
	return tags
}
