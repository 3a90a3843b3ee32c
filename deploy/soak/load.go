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

	"darkroom/deploy/client"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/testkit/wait"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// upload is what is known of one photo.
type upload struct {
	step
	ref    photo.Ref
	want   samples.Sample // what must come of it: that of the original that is there at the end
	status string         // statusUrl
	sent   time.Time      // when S3 had taken it
	second int            // status of the answer to a second upload with the same token; 0: there was none
	err    error          // why the upload failed, or something that was to happen to it after
}

// load carries out a plan on a system.
type load struct {
	plan   plan
	rate   float64
	target *target
	begun  atomic.Int64 // uploads
	done   atomic.Int64 // photos with which all has happened
}

// parallel is how many uploads may be under way at once: beyond it, the load falls behind its rate.
const parallel = 64

// run carries out the plan and returns what became of its uploads, in order. It is over when all has happened that was
// to happen. The error is that ctx ended, or that a bad message could not be sent.
func (l *load) run(ctx context.Context) ([]*upload, error) {
	uploads := make([]*upload, len(l.plan.steps))
	slots := make(chan struct{}, parallel)
	var under sync.WaitGroup
	defer under.Wait()
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
		under.Go(func() {
			defer l.done.Add(1)
			err := l.send(ctx, u)
			<-slots
			if err == nil {
				err = l.afterwards(ctx, u)
			}
			u.err = err
		})
	}
	under.Wait()
	return uploads, context.Cause(ctx)
}

// send draws the photo and uploads it.
func (l *load) send(ctx context.Context, u *upload) (err error) {
	draw := samples.Small
	if u.bad {
		draw = samples.SmallBad
	}
	if u.want, err = draw(u.seed); err != nil {
		return err
	}
	p := client.FromBytes(u.want.Name, u.want.ContentType, u.want.Bytes)
	token, err := l.target.api.RequestToken(ctx, p)
	if err != nil {
		return err
	}
	u.ref, u.status = photo.Ref{Board: l.target.board, ID: token.ID}, token.StatusURL
	if u.early {
		if err := l.tell(ctx, u, plain, created); err != nil {
			return err
		}
	}
	if err := l.target.api.Send(ctx, p, token); err != nil {
		return err
	}
	u.sent = time.Now()
	if u.reupload {
		u.second, err = sendAgain(ctx, token, u.want.Bytes)
	}
	return err
}

// tell sends one more event of the photo to the queue.
func (l *load) tell(ctx context.Context, u *upload, s shape, name string) error {
	return l.target.queue.send(ctx, event(s, name, l.target.originals.name, u.ref.Key(), time.Now()))
}

// afterwards does to the photo what the plan has for it, each thing at its time.
func (l *load) afterwards(ctx context.Context, u *upload) error {
	var todo sync.WaitGroup
	errs := make([]error, 2+len(u.copies))
	at := func(i int, after time.Duration, do func() error) {
		todo.Go(func() {
			if errs[i] = wait.Until(ctx, u.sent.Add(after)); errs[i] == nil {
				errs[i] = do()
			}
		})
	}
	if u.remove {
		at(0, u.after, func() error { return l.target.originals.remove(ctx, u.ref.Key()) })
	}
	if u.replace != 0 {
		at(0, u.after, func() (err error) {
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
		at(1, u.opposite, func() error { return l.tell(ctx, u, plain, name) })
	}
	for i, c := range u.copies {
		at(2+i, c.after, func() error { return l.tell(ctx, u, c.shape, created) })
	}
	todo.Wait()
	return errors.Join(errs...)
}

// tries bounds how often a second upload is tried when there is no answer, or one that says nothing.
const tries = 8

// sendAgain uploads with a token that was used already, and returns the status of S3's answer.
func sendAgain(ctx context.Context, t contract.Token, body []byte) (status int, err error) {
	for range tries {
		req, err := http.NewRequestWithContext(ctx, t.Method, t.URL, bytes.NewReader(body))
		if err != nil {
			return 0, errors.New("second upload: no request can be made of the token") // err has the URL
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
	return 0, fmt.Errorf("second upload: no answer of use in %d attempts", tries)
}
