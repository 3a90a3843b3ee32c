package sqs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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
			t.Error("what must be refused was not")
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

func TestQueueURLNamesTheAddressOfTheRequest(t *testing.T) {
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

// lateCancel is a context that is done from its second look on.
type lateCancel struct {
	context.Context
	looks int
}

func (c *lateCancel) Err() error {
	if c.looks++; c.looks > 1 {
		return context.Canceled
	}
	return nil
}

// brokenPipe is a client that is gone when the response is written.
type brokenPipe struct{ http.ResponseWriter }

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// brokenFlush is one that is gone when the response leaves its buffer.
type brokenFlush struct{ http.ResponseWriter }

func (brokenFlush) FlushError() error { return errors.New("broken pipe") }

func TestLostResponseReleasesMessage(t *testing.T) {
	recorder := func() http.ResponseWriter { return httptest.NewRecorder() }
	for name, c := range map[string]struct {
		w   http.ResponseWriter
		ctx context.Context
	}{
		"cancelled after the lease": {recorder(), &lateCancel{Context: t.Context()}},
		"write fails":               {brokenPipe{recorder()}, t.Context()},
		"flush fails":               {brokenFlush{recorder()}, t.Context()},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "")
			b.put("q", "x", 0)
			r := post(`{"QueueUrl":"http://x/000000000000/q"}`).WithContext(c.ctx)
			r.Header.Set("X-Amz-Target", targetPrefix+"ReceiveMessage")
			(&Server{Config{}.withDefaults(), b.core}).ServeHTTP(c.w, r)
			b.counts("q", 1, 0, 0)
			if d := b.get("q"); d.receives != 1 || !d.firstNow {
				b.Errorf("the lost receive counted: %+v", d)
			}
			b.must(b.close())
		})
	}
}

// A message is with one consumer at a time: no receive sees one that another holds, and all are received.
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
					if _, err := s.core.remove("q", []string{d.handle}); err != nil {
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

// atEnd calls end when all has been read.
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

// Over a connection: the client goes away in its long poll, and the next message is at its first receive for the next
// client.
func TestHungUpClient(t *testing.T) {
	s := open(t, "")
	if err := s.EnsureQueue("q", nil); err != nil {
		t.Fatal(err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	returned := make(chan struct{}, 1)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = atEnd{r.Body, hangUp} // the request has arrived whole
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

// TestKill sends messages in another process until that is killed, and then looks for every one that was acknowledged.
func TestKill(t *testing.T) {
	const variable = "DARKROOM_SQS_KILL_FILE"
	if path := os.Getenv(variable); path != "" {
		s := open(t, path)
		if err := s.EnsureQueue("q", nil); err != nil {
			t.Fatal(err)
		}
		for i := 0; ; i++ {
			if err := s.Send("q", fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
			fmt.Printf("sent %d\n", i)
		}
	}
	path := filepath.Join(t.TempDir(), "queues.db")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
	child.Env = append(os.Environ(), variable+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := -1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "sent %d", &acknowledged); err == nil && acknowledged == 300 {
			_ = child.Process.Kill() // what it wrote to the pipe meanwhile is read, too
		}
	}
	_ = child.Wait() // killed
	if acknowledged < 300 {
		t.Fatalf("the child sent %d messages", acknowledged+1)
	}
	s := open(t, path)
	found := map[string]bool{}
	for {
		got, err := s.core.receive(t.Context(), "q", receiveOptions{max: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		for _, d := range got {
			found[d.Body] = true
		}
	}
	for i := range acknowledged + 1 {
		if !found[fmt.Sprint(i)] {
			t.Errorf("message %d of %d was acknowledged and is lost", i, acknowledged)
		}
	}
}

func FuzzServeHTTP(f *testing.F) {
	url := `"QueueUrl":"http://x/000000000000/q"`
	for op, body := range map[string]string{
		"CreateQueue":                  `{"QueueName":"q2","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:q\",\"maxReceiveCount\":\"5\"}"},"tags":{"a":"b"}}`,
		"DeleteQueue":                  `{` + url + `}`,
		"ListQueues":                   `{"MaxResults":1,"NextToken":"cQ=="}`,
		"GetQueueUrl":                  `{"QueueName":"q"}`,
		"GetQueueAttributes":           `{` + url + `,"AttributeNames":["All"]}`,
		"SetQueueAttributes":           `{` + url + `,"Attributes":{"RedriveAllowPolicy":"{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":[\"x\"]}"}}`,
		"PurgeQueue":                   `{` + url + `}`,
		"ListDeadLetterSourceQueues":   `{` + url + `}`,
		"TagQueue":                     `{` + url + `,"Tags":{"a":"b"}}`,
		"UntagQueue":                   `{` + url + `,"TagKeys":["a"]}`,
		"ListQueueTags":                `{` + url + `}`,
		"SendMessage":                  `{` + url + `,"MessageBody":"x","MessageAttributes":{"a":{"DataType":"Number","StringValue":"1"}},"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"x"}}}`,
		"SendMessageBatch":             `{` + url + `,"Entries":[{"Id":"1","MessageBody":"x"},null]}`,
		"ReceiveMessage":               `{` + url + `,"MaxNumberOfMessages":10,"WaitTimeSeconds":20,"VisibilityTimeout":0,"AttributeNames":["All"],"MessageAttributeNames":[".*"]}`,
		"DeleteMessage":                `{` + url + `,"ReceiptHandle":"` + encodeHandle(1, 1, 1) + `"}`,
		"DeleteMessageBatch":           `{` + url + `,"Entries":[{"Id":"1","ReceiptHandle":"x"}]}`,
		"ChangeMessageVisibility":      `{` + url + `,"ReceiptHandle":"x","VisibilityTimeout":0}`,
		"ChangeMessageVisibilityBatch": `{` + url + `,"Entries":[{"Id":"1","ReceiptHandle":"x","VisibilityTimeout":0}]}`,
		"StartMessageMoveTask":         `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:q","MaxNumberOfMessagesPerSecond":1}`,
		"ListMessageMoveTasks":         `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:q"}`,
		"CancelMessageMoveTask":        `{"TaskHandle":"eyJ0YXNrSWQiOiJ4Iiwic291cmNlQXJuIjoieCJ9"}`,
		"Nothing":                      `[{"a":null}]`,
	} {
		f.Add(targetPrefix+op, []byte(body))
	}
	f.Fuzz(func(t *testing.T, target string, body []byte) {
		synctest.Test(t, func(t *testing.T) { // so that a long poll takes no time
			s := open(t, "")
			for _, err := range []error{s.EnsureQueue("q", nil), s.Send("q", "x")} {
				if err != nil {
					t.Fatal(err)
				}
			}
			r := post(string(body))
			r.Header["X-Amz-Target"] = []string{target}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("status %d with a body that is not JSON: %s", w.Code, w.Body)
			}
			if w.Code != 200 && (w.Code < 400 || w.Code > 499) {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			if w.Code == 200 && !json.Valid(body) && len(strings.TrimSpace(string(body))) > 0 {
				t.Errorf("garbage was accepted: %s", w.Body)
			}
		})
	})
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
				if _, err := s.core.remove("q", []string{got[0].handle}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
