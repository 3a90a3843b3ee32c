package fakesqs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// lateCancel is a context whose Err returns an error from the second call on.
type lateCancel struct {
	context.Context
	calls int
}

func (c *lateCancel) Err() error {
	if c.calls++; c.calls > 1 {
		return context.Canceled
	}
	return nil
}

// brokenPipe is a client that is gone when the response is written.
type brokenPipe struct{ http.ResponseWriter }

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// brokenFlush is a client that is gone when the response is flushed.
type brokenFlush struct{ http.ResponseWriter }

func (brokenFlush) FlushError() error { return errors.New("broken pipe") }

func TestLostResponseReleasesMessage(t *testing.T) {
	recorder := func() http.ResponseWriter { return httptest.NewRecorder() }
	for name, c := range map[string]struct {
		w   http.ResponseWriter
		ctx context.Context
	}{
		"cancelled after the receive": {recorder(), &lateCancel{Context: t.Context()}},
		"write fails":                 {brokenPipe{recorder()}, t.Context()},
		"flush fails":                 {brokenFlush{recorder()}, t.Context()},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "")
			b.put("q", "x", 0)
			r := post(`{"QueueUrl":"http://x/000000000000/q"}`).WithContext(c.ctx)
			r.Header.Set("X-Amz-Target", targetPrefix+"ReceiveMessage")
			(&Server{Config{}.withDefaults(), b.core}).ServeHTTP(c.w, r)
			b.counts("q", 1, 0, 0)
			if d := b.get("q"); d.receives != 1 || !d.firstNow {
				b.Errorf("the lost receive was counted: %+v", d)
			}
			b.must(b.close())
		})
	}
}

// atEnd calls end when everything has been read.
type atEnd struct {
	io.ReadCloser
	end func()
}

func (r atEnd) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil {
		r.end()
	}
	return n, err
}

// A client that disconnects during a long poll does not use up a receive of the next message.
func TestHungUpClient(t *testing.T) {
	s := open(t, "")
	if err := s.EnsureQueue("q", nil); err != nil {
		t.Fatal(err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	returned := make(chan struct{}, 1)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = atEnd{r.Body, hangUp} // the whole request has arrived
		s.ServeHTTP(w, r)
		returned <- struct{}{}
	}))
	defer h.Close()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, strings.NewReader(`{"QueueUrl":"http://x/000000000000/q","WaitTimeSeconds":20}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", targetPrefix+"ReceiveMessage")
	if _, err := http.DefaultClient.Do(r); !errors.Is(err, context.Canceled) {
		t.Fatalf("the request ended with %v", err)
	}
	<-returned
	if err := s.Send("q", "x"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.core.receive(t.Context(), "q", receiveOptions{max: 1}); err != nil || len(got) != 1 || got[0].receives != 1 {
		t.Errorf("received %+v, %v", got, err)
	}
}
