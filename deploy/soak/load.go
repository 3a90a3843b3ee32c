package main

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
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/wait"
)

// upload is the state of one photo.
type upload struct {
	step
	ref    photo.Ref
	want   samples.Sample // expected outcome, for the original that exists at the end
	status string         // statusUrl
	sent   time.Time      // when S3 had stored it
	token  contract.Token
	views  []string  // URLs of the variants that were read before the photo was removed
	erased time.Time // when the API had removed it; zero if it did not
	second int       // HTTP status of a second upload with the same token; 0: none
	err    error     // why the upload or a later step failed
}

// load carries out a plan on a system.
type load struct {
	plan   plan
	rate   float64
	target *target
	begun  atomic.Int64 // uploads started
	done   atomic.Int64 // photos whose steps are finished
}

// parallel is the highest number of concurrent uploads. If more are needed, the load falls behind its rate.
const parallel = 64

// run carries out the plan to its end and returns the uploads in order. It fails only if ctx ends or a bad message
// cannot be sent.
func (l *load) run(ctx context.Context) ([]*upload, error) {
	uploads := make([]*upload, len(l.plan.steps))
	slots := make(chan struct{}, parallel)
	var uploading sync.WaitGroup
	defer uploading.Wait()
	poison := l.plan.poison
	begin := time.Now()
	for i, s := range l.plan.steps {
		if err := wait.Until(ctx, begin.Add(time.Duration(float64(i)/l.rate*float64(time.Second)))); err != nil {
			return nil, err
		}
		for len(poison) > 0 && poison[0].after <= i {
			if err := l.target.queue.send(ctx, poison[0].body); err != nil {
				return nil, err
			}
			poison = poison[1:]
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case slots <- struct{}{}:
		}
		u := &upload{step: s}
		uploads[i] = u
		l.begun.Add(1)
		uploading.Go(func() {
			defer l.done.Add(1)
			err := l.send(ctx, u)
			<-slots
			if err == nil {
				err = l.afterwards(ctx, u)
			}
			u.err = err
		})
	}
	uploading.Wait()
	return uploads, context.Cause(ctx)
}

// send draws the photo and uploads it.
func (l *load) send(ctx context.Context, u *upload) (err error) {
	switch {
	case u.bad:
		u.want, err = samples.SmallBad(u.seed)
	case u.heic:
		u.want = samples.HEIC(u.seed)
	default:
		u.want, err = samples.Small(u.seed)
	}
	if err != nil {
		return err
	}
	p := client.FromBytes(u.want.Name, u.want.ContentType, u.want.Bytes)
	answer, err := l.target.api.CreateUpload(ctx, p)
	if err != nil {
		return err
	}
	u.token = answer.Upload
	u.ref, u.status = photo.Ref{Board: l.target.board, ID: answer.ID}, answer.StatusURL
	if u.early {
		if err := l.sendEvent(ctx, u, plain, created); err != nil {
			return err
		}
	}
	if u.removal.before {
		if err := l.remove(ctx, u); err != nil {
			return err
		}
	}
	if err := l.target.api.Send(ctx, p, u.token); err != nil {
		return err
	}
	u.sent = time.Now()
	if u.reupload {
		u.second, err = sendAgain(ctx, u.token, u.want.Bytes)
	}
	return err
}

// sendEvent sends another event of the photo to the queue.
func (l *load) sendEvent(ctx context.Context, u *upload, s shape, name string) error {
	return l.target.queue.send(ctx, event(s, name, l.target.originals.name, u.ref.Key(), time.Now()))
}

// afterwards carries out the rest of the photo's step, each part at its time.
func (l *load) afterwards(ctx context.Context, u *upload) error {
	var todo sync.WaitGroup
	errs := make([]error, 2+len(u.copies))
	schedule := func(i int, after time.Duration, do func() error) {
		todo.Go(func() {
			if errs[i] = wait.Until(ctx, u.sent.Add(after)); errs[i] == nil {
				errs[i] = do()
			}
		})
	}
	if u.remove {
		schedule(0, u.after, func() error { return l.target.originals.deleteObject(ctx, u.ref.Key()) })
	}
	if u.removal.requests > 0 && !u.removal.before {
		schedule(0, u.after, func() error { return l.remove(ctx, u) })
	}
	if u.replace != 0 {
		schedule(0, u.after, func() (err error) {
			if u.want, err = samples.Small(u.replace); err != nil {
				return err
			}
			return l.target.originals.put(ctx, u.ref.Key(), u.want.ContentType, u.want.Bytes)
		})
	}
	if u.opposite > 0 {
		name := removed
		if u.remove {
			name = created
		}
		schedule(1, u.opposite, func() error { return l.sendEvent(ctx, u, plain, name) })
	}
	for i, c := range u.copies {
		schedule(2+i, c.after, func() error { return l.sendEvent(ctx, u, c.shape, created) })
	}
	todo.Wait()
	return errors.Join(errs...)
}

// remove removes the photo with the API, and then sends it again with the old token if the step says so.
func (l *load) remove(ctx context.Context, u *upload) error {
	if u.removal.seen {
		if err := l.view(ctx, u); err != nil {
			return err
		}
	}
	defer func() { u.erased = time.Now() }()
	g, _ := errgroup.WithContext(ctx)
	for range u.removal.requests {
		g.Go(func() error { return l.target.api.Remove(ctx, u.status) })
	}
	if err := g.Wait(); err != nil || !u.removal.late {
		return err
	}
	// Nothing but the worker stops an old token. If the first answer is lost, the second is 412.
	status, err := sendAgain(ctx, u.token, u.want.Bytes)
	if err == nil && status != http.StatusOK && status != http.StatusPreconditionFailed {
		err = fmt.Errorf("upload with a token from before the removal: status %d", status)
	}
	return err
}

// tries is how often a second upload is tried if there is no answer or a 5xx.
const tries = 8

// sendAgain uploads with a used token, and returns the status of S3's answer.
func sendAgain(ctx context.Context, t contract.Token, body []byte) (status int, err error) {
	for range tries {
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
	return 0, fmt.Errorf("second upload: no usable answer in %s", plural.Count(tries, "attempt"))
}
