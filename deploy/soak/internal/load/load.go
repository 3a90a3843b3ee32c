// Package load plans what happens in a run, uploads its photos and causes the trouble that comes from clients and events.
package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/client"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/soak/internal/system"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/wait"
)

// Upload is one photo, what happened to it and what must come of it.
type Upload struct {
	Step
	Ref          photo.Ref
	Want         samples.Sample // expected outcome of the original that exists at the end
	StatusURL    string         // the API's statusUrl
	Sent         time.Time      // end of the upload
	token        contract.Token
	expires      time.Time // when the token expires
	Views        []string  // URLs of the variants that were read before the photo was removed
	Erased       time.Time // end of the removal with the API; zero if there was none
	SecondStatus int       // HTTP status of a second upload with the same token; 0: none
	Err          error     // error of the upload or of a later part of the step
}

// Loader carries out a plan on a system.
type Loader struct {
	Plan     Plan
	Rate     float64
	Target   *system.Target
	Started  atomic.Int64 // uploads started
	Finished atomic.Int64 // photos whose steps are finished
}

// parallel is the highest number of concurrent uploads. If more are needed, the load falls behind its rate.
const parallel = 64

// Run carries out the plan to its end and returns the uploads in order. It fails only if ctx ends or a bad message
// cannot be sent.
func (l *Loader) Run(ctx context.Context) ([]*Upload, error) {
	uploads := make([]*Upload, len(l.Plan.Steps))
	slots := make(chan struct{}, parallel)
	var uploading sync.WaitGroup
	defer uploading.Wait()
	bad := l.Plan.BadMessages
	begin := time.Now()
	for i, s := range l.Plan.Steps {
		if err := wait.Until(ctx, begin.Add(time.Duration(float64(i)/l.Rate*float64(time.Second)))); err != nil {
			return nil, err
		}
		for len(bad) > 0 && bad[0].After <= i {
			if err := l.Target.Queue.Send(ctx, bad[0].Body); err != nil {
				return nil, err
			}
			bad = bad[1:]
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case slots <- struct{}{}:
		}
		u := &Upload{Step: s}
		uploads[i] = u
		l.Started.Add(1)
		uploading.Go(func() {
			defer l.Finished.Add(1)
			err := l.send(ctx, u)
			<-slots
			if err == nil {
				err = l.finish(ctx, u)
			}
			u.Err = err
		})
	}
	uploading.Wait()
	return uploads, context.Cause(ctx)
}

// send draws the photo and uploads it.
func (l *Loader) send(ctx context.Context, u *Upload) (err error) {
	switch {
	case u.Bad:
		u.Want, err = samples.SmallBad(u.Seed)
	case u.HEIC:
		u.Want = samples.HEIC(u.Seed)
	default:
		u.Want, err = samples.Small(u.Seed)
	}
	if err != nil {
		return err
	}
	p := client.FromBytes(u.Want.Name, u.Want.ContentType, u.Want.Bytes)
	answer, err := l.Target.API.CreateUpload(ctx, p)
	if err != nil {
		return err
	}
	u.token, u.expires = answer.Upload, answer.ExpiresAt
	u.Ref, u.StatusURL = photo.Ref{Board: l.Target.Board, ID: answer.ID}, answer.StatusURL
	if u.Early {
		if err := l.sendEvent(ctx, u, plain, created); err != nil {
			return err
		}
	}
	if u.Removal.Before {
		if err := l.remove(ctx, u); err != nil {
			return err
		}
	}
	if err := l.Target.API.Send(ctx, p, u.token); err != nil {
		return err
	}
	u.Sent = time.Now()
	if u.Reupload {
		u.SecondStatus, err = sendAgain(ctx, u.token, u.Want.Bytes)
	}
	return err
}

// sendEvent sends another event of the photo to the queue.
func (l *Loader) sendEvent(ctx context.Context, u *Upload, s Shape, name string) error {
	return l.Target.Queue.Send(ctx, event(s, name, l.Target.Originals.Name, u.Ref.Key(), time.Now()))
}

// finish carries out the rest of the photo's step, each part at its time.
func (l *Loader) finish(ctx context.Context, u *Upload) error {
	var todo sync.WaitGroup
	errs := make([]error, 2+len(u.Copies))
	schedule := func(i int, after time.Duration, do func() error) {
		todo.Go(func() {
			if errs[i] = wait.Until(ctx, u.Sent.Add(after)); errs[i] == nil {
				errs[i] = do()
			}
		})
	}
	if u.Remove {
		schedule(0, u.After, func() error { return l.Target.Originals.DeleteObject(ctx, u.Ref.Key()) })
	}
	if u.Removal.Requests > 0 && !u.Removal.Before {
		schedule(0, u.After, func() error { return l.remove(ctx, u) })
	}
	if u.Replace != 0 {
		schedule(0, u.After, func() (err error) {
			if u.Want, err = samples.Small(u.Replace); err != nil {
				return err
			}
			return l.Target.Originals.Put(ctx, u.Ref.Key(), u.Want.ContentType, u.Want.Bytes)
		})
	}
	if u.Opposite > 0 {
		name := removed
		if u.Remove {
			name = created
		}
		schedule(1, u.Opposite, func() error { return l.sendEvent(ctx, u, plain, name) })
	}
	for i, c := range u.Copies {
		schedule(2+i, c.After, func() error { return l.sendEvent(ctx, u, c.Shape, created) })
	}
	todo.Wait()
	return errors.Join(errs...)
}

// remove removes the photo with the API. If the step says so, it views the photo before, and uploads it again with the
// old token afterwards.
func (l *Loader) remove(ctx context.Context, u *Upload) error {
	if u.Removal.Seen {
		if err := l.view(ctx, u); err != nil {
			return err
		}
	}
	defer func() { u.Erased = time.Now() }()
	g, _ := errgroup.WithContext(ctx)
	for range u.Removal.Requests {
		g.Go(func() error { return l.Target.API.Remove(ctx, u.StatusURL) })
	}
	if err := g.Wait(); err != nil || !u.Removal.Late {
		return err
	}
	status, err := sendAgain(ctx, u.token, u.Want.Bytes)
	if err != nil {
		return err
	}
	u.Removal.Late, err = acceptedLate(status, !time.Now().Before(u.expires))
	return err
}

// acceptedLate reports whether S3 accepted an upload after the removal of its photo, from the status of the answer. S3
// accepts the old token until it expires: only the worker removes the photo again. If the first answer is lost, the
// second is 412.
func acceptedLate(status int, expired bool) (bool, error) {
	switch {
	case status == http.StatusOK || status == http.StatusPreconditionFailed:
		return true, nil
	case status == http.StatusForbidden && expired: // the photo took so long that its token is no longer valid
		return false, nil
	}
	return false, fmt.Errorf("upload with a token from before the removal: status %d", status)
}

// uploadTries is how often a second upload is tried if there is no answer or a 5xx.
const uploadTries = 8

// sendAgain uploads with a used token, and returns the status of S3's answer.
func sendAgain(ctx context.Context, t contract.Token, body []byte) (status int, err error) {
	for range uploadTries {
		req, err := http.NewRequestWithContext(ctx, t.Method, t.URL, bytes.NewReader(body))
		if err != nil {
			return 0, errors.New("second upload: the token is not a valid request") // err contains the presigned URL
		}
		for name, value := range t.Headers {
			req.Header.Set(name, value)
		}
		req.ContentLength = int64(len(body))
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode < 500 {
				return resp.StatusCode, nil
			}
		}
		if err := wait.For(ctx, 100*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("second upload: no usable answer in %s", plural.Count(uploadTries, "attempt"))
}
