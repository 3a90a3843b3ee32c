package fakesqs

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestConfigValidate(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string // in the error; "" means valid
	}{
		{Config{}, ""}, {Config{BaseURL: "https://queues:1", Region: "eu-central-1", AccountID: "123456789012"}, ""},
		{Config{BaseURL: "127.0.0.1:9324"}, "base URL"}, {Config{BaseURL: "http://a/b"}, "base URL"}, {Config{BaseURL: "ftp://a"}, "base URL"},
		{Config{AccountID: "1"}, "account id"}, {Config{Region: "us:east"}, "region"},
	} {
		err := c.config.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want an error about %q", c.config, err, c.want)
		}
	}
	if _, err := Open(Config{AccountID: "1"}); err == nil {
		t.Error("Open took an invalid config")
	}
}

func open(t testing.TB, path string) *Server {
	t.Helper()
	s, err := Open(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queues.db")
	open(t, path)
	if _, err := Open(Config{Path: path}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("the second Open: %v", err)
	}
}

func TestEnsureQueueAndSend(t *testing.T) {
	s := open(t, "")
	for _, timeout := range []string{"10", "20", "20"} {
		if err := s.EnsureQueue("q", map[string]string{"VisibilityTimeout": timeout}); err != nil {
			t.Fatal(err)
		}
		if a, err := s.core.describe("q", []string{"VisibilityTimeout"}); err != nil || a["VisibilityTimeout"] != timeout {
			t.Errorf("attributes %v, %v", a, err)
		}
	}
	if err := s.Send("q", "hello"); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{s.Send("none", "x"), s.Send("q", ""), s.Send("q", "\x00"), s.Send("q", "\xff"),
		s.Send("q", strings.Repeat("x", maxMessageSize+1)), s.EnsureQueue("a.fifo", nil), s.EnsureQueue("a", map[string]string{"FifoQueue": "true"}),
		s.EnsureQueue("q", map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1}`, s.QueueARN("q"))})} {
		if err == nil {
			t.Error("an invalid call succeeded")
		}
	}
	got, err := s.core.receive(t.Context(), "q", receiveOptions{max: 10})
	if err != nil || len(got) != 1 || got[0].Body != "hello" {
		t.Errorf("received %+v, %v", got, err)
	}
}

// do sends one request through ServeHTTP.
func do(s *Server, r *http.Request, op string) *httptest.ResponseRecorder {
	r.Header.Set("X-Amz-Target", targetPrefix+op)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func post(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "http://queues.test:9/", strings.NewReader(body))
}

func TestErrorForm(t *testing.T) {
	s := open(t, "")
	w := do(s, post(`{"QueueName":"none"}`), "GetQueueUrl")
	if w.Code != 400 || w.Header().Get("X-Amzn-Query-Error") != "AWS.SimpleQueueService.NonExistentQueue;Sender" ||
		w.Header().Get("Content-Type") != "application/x-amz-json-1.0" || w.Header().Get("X-Amzn-Requestid") == "" ||
		w.Body.String() != `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}` {
		t.Errorf("status %d, header %v, body %s", w.Code, w.Header(), w.Body)
	}
	for name, c := range map[string]struct {
		r      *http.Request
		op     string
		status int
		code   string
	}{
		"operation": {post(`{}`), "AddPermission", 400, "InvalidAction;Sender"},
		"method":    {httptest.NewRequest(http.MethodGet, "/", nil), "ListQueues", 405, "InvalidHttpRequest;Sender"},
		"JSON":      {post(`{"QueueName":`), "GetQueueUrl", 400, "MalformedInput;Sender"},
		"type":      {post(`{"QueueName":5}`), "GetQueueUrl", 400, "MalformedInput;Sender"},
		"large":     {post(strings.Repeat(" ", maxRequest+1)), "ListQueues", 413, "RequestEntityTooLarge;Sender"},
		"parameter": {post(``), "SendMessage", 400, "MissingParameter;Sender"},
		"URL":       {post(`{"QueueUrl":"http://x"}`), "ReceiveMessage", 400, "InvalidAddress;Sender"},
		"account":   {post(`{"QueueUrl":"http://x/123456789012/q"}`), "ReceiveMessage", 400, noQueue + ";Sender"},
		"FIFO":      {post(`{"QueueName":"a","Attributes":{"FifoQueue":"true"}}`), "CreateQueue", 400, legacy + "UnsupportedOperation;Sender"},
	} {
		w := do(s, c.r, c.op)
		if w.Code != c.status || w.Header().Get("X-Amzn-Query-Error") != c.code || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: status %d, code %s, body %s", name, w.Code, w.Header().Get("X-Amzn-Query-Error"), w.Body)
		}
	}
}

func TestQueueURLHasHostOfRequest(t *testing.T) {
	s := open(t, "")
	r := post(`{"QueueName":"q"}`)
	for host, want := range map[string]string{"aws:9324": "http://aws:9324/000000000000/q", "": "http://127.0.0.1:9324/000000000000/q"} {
		r.Host = host
		r.Body = post(`{"QueueName":"q"}`).Body
		if w := do(s, r, "CreateQueue"); w.Body.String() != `{"QueueUrl":"`+want+`"}` {
			t.Errorf("host %q: %s", host, w.Body)
		}
	}
}

// Every message is received exactly once by concurrent consumers.
func TestConcurrentConsumers(t *testing.T) {
	const consumers, messages = 16, 2000
	s := open(t, filepath.Join(t.TempDir(), "queues.db"))
	if err := s.EnsureQueue("q", map[string]string{"VisibilityTimeout": "600"}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	seen := map[string]int{}
	var wg sync.WaitGroup
	for range consumers {
		wg.Go(func() {
			wait := maxWait
			for {
				got, err := s.core.receive(ctx, "q", receiveOptions{max: 3, wait: &wait})
				if err != nil {
					return
				}
				for _, d := range got {
					if _, err := s.core.deleteMessages("q", []string{d.handle}); err != nil {
						t.Error(err)
					}
				}
				mu.Lock()
				for _, d := range got {
					seen[d.Body]++
				}
				if len(seen) == messages {
					stop()
				}
				mu.Unlock()
			}
		})
	}
	for p := range 4 {
		wg.Go(func() {
			for i := range messages / 4 {
				if err := s.Send("q", fmt.Sprint(p, "-", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for body, n := range seen {
		if n != 1 {
			t.Errorf("message %s was received %d times", body, n)
		}
	}
	if len(seen) != messages {
		t.Errorf("%d messages were received, want %d", len(seen), messages)
	}
}

func BenchmarkSendReceiveDelete(b *testing.B) {
	body := strings.Repeat("x", 1000) // about the size of an S3 event
	for name, path := range map[string]string{"memory": "", "file": filepath.Join(b.TempDir(), "queues.db")} {
		b.Run(name, func(b *testing.B) {
			s := open(b, path)
			if err := s.EnsureQueue("q", nil); err != nil {
				b.Fatal(err)
			}
			for range 10_000 { // a backlog
				if err := s.Send("q", body); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if err := s.Send("q", body); err != nil {
					b.Fatal(err)
				}
				got, err := s.core.receive(b.Context(), "q", receiveOptions{max: 1})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.core.deleteMessages("q", []string{got[0].handle}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
