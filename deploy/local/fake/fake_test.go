package fake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/supervise"
	"darkroom/deploy/testkit/freeport"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const child = "AWS_TEST_CHILD" // set in a child process: its configuration as JSON

type addresses struct {
	Dir, S3, SQS, Issuer string
	FaultyS3, FaultySQS  string
	Faults               string
}

func (a addresses) config() fake.Config {
	c := fake.Config{Dir: a.Dir, S3Addr: a.S3, SQSAddr: a.SQS, IssuerAddr: a.Issuer, FaultyS3Addr: a.FaultyS3, FaultySQSAddr: a.FaultySQS}
	if err := c.Faults.UnmarshalText([]byte(a.Faults)); err != nil {
		panic(err)
	}
	return c
}

func TestMain(m *testing.M) {
	text := os.Getenv(child)
	if text == "" {
		os.Exit(m.Run())
	}
	var a addresses
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c := a.config()
	c.Ready = func() { fmt.Println("ready") }
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if err := fake.Run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func newAddresses(t *testing.T, dir string) addresses {
	t.Helper()
	a := freeport.Addresses(t, 5)
	return addresses{Dir: dir, S3: a[0], SQS: a[1], Issuer: a[2], FaultyS3: a[3], FaultySQS: a[4]}
}

func start(t *testing.T, a addresses) *supervise.Process {
	t.Helper()
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	p, err := supervise.Start(supervise.Command{
		Name: "aws", Path: os.Args[0], Env: []string{child + "=" + string(b), "TMPDIR=" + os.TempDir()}, Healthy: a.config().HealthURLs(),
		Line: func(l string) {
			if l != "ready" {
				t.Errorf("unexpected output: %s", l)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

var static = credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, "")

func receive(t *testing.T, a addresses, want int) []string {
	t.Helper()
	c := sqs.New(sqs.Options{BaseEndpoint: new("http://" + a.SQS), Region: fake.Region, Credentials: static})
	url := new(fake.QueueURL("http://"+a.SQS, fake.Events))
	var bodies []string
	for len(bodies) < want {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
		if err != nil || len(out.Messages) == 0 {
			t.Fatalf("receive after %q: %v", bodies, err)
		}
		for _, m := range out.Messages {
			bodies = append(bodies, *m.Body)
			if _, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return bodies
}

func put(t *testing.T, a addresses, key string) {
	t.Helper()
	if _, err := s3At(a.S3).PutObject(t.Context(), &s3.PutObjectInput{Bucket: new(fake.Uploads), Key: &key, Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
}

func TestUploadBecomesMessage(t *testing.T) {
	a := newAddresses(t, t.TempDir())
	p := start(t, a)
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, a, "cats/one")
	if got := receive(t, a, 2); !strings.Contains(got[0]+got[1], "s3:TestEvent") || !strings.Contains(got[0]+got[1], `"key":"cats/one"`) {
		t.Errorf("messages: %q", got)
	}

	queues := sqs.New(sqs.Options{BaseEndpoint: new("http://" + a.SQS), Region: fake.Region, Credentials: static})
	for name, deadLetters := range map[string]string{fake.Events: fake.EventDeadLetters, fake.Photos: fake.PhotosDeadLetters} {
		attrs, err := queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: new(fake.QueueURL("http://"+a.SQS, name)), AttributeNames: []types.QueueAttributeName{"All"},
		})
		if err != nil || !strings.Contains(attrs.Attributes["RedrivePolicy"], deadLetters) || attrs.Attributes["VisibilityTimeout"] != "60" {
			t.Errorf("attributes of %s: %v, %v", name, attrs, err)
		}
	}
	resp, err := http.Post("http://"+a.Issuer+"/token", "application/json", strings.NewReader(`{"subject":"ann","boards":["*"]}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("token: %s", resp.Status)
	}

	// A second process must not use the same folder, even at other addresses.
	second := newAddresses(t, a.Dir)
	b, _ := json.Marshal(second)
	rival, err := supervise.Start(supervise.Command{Name: "rival", Path: os.Args[0], Env: []string{child + "=" + string(b)}})
	if err != nil {
		t.Fatal(err)
	}
	<-rival.Done()
	if err := rival.Err(); !strings.Contains(err.Error(), "another process") || !strings.Contains(err.Error(), a.Dir) {
		t.Errorf("the rival: %v", err)
	}

	// A long poll does not delay the stop, and messages that were not received survive a restart.
	put(t, a, "cats/two")
	polling := make(chan struct{})
	go func() {
		defer close(polling)
		queues.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: new(fake.QueueURL("http://"+a.SQS, fake.PhotosDeadLetters)), WaitTimeSeconds: 20},
			func(o *sqs.Options) { o.RetryMaxAttempts = 1 })
	}()
	if err := p.Stop(15 * time.Second); err != nil {
		t.Error(err)
	}
	<-polling
	p = start(t, a)
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, a, 1); !strings.Contains(got[0], `"key":"cats/two"`) {
		t.Errorf("messages after the restart: %q", got)
	}
	if err := p.Stop(15 * time.Second); err != nil {
		t.Error(err)
	}
}

func TestTakenPorts(t *testing.T) {
	for _, which := range []string{"S3", "SQS", "Issuer"} {
		a := newAddresses(t, t.TempDir())
		taken := map[string]string{"S3": a.S3, "SQS": a.SQS, "Issuer": a.Issuer}[which]
		l, err := net.Listen("tcp", taken)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(a)
		p, err := supervise.Start(supervise.Command{Name: "aws", Path: os.Args[0], Env: []string{child + "=" + string(b)}})
		if err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		l.Close()
		if err := p.Err(); !strings.Contains(err.Error(), "exit status 1") || !strings.Contains(err.Error(), taken) {
			t.Errorf("%s taken: %v", which, err)
		}
	}
}

func TestValidate(t *testing.T) {
	good := addresses{Dir: "data", S3: "127.0.0.1:1", SQS: "127.0.0.1:2", Issuer: "127.0.0.1:3"}
	if err := good.config().Validate(); err != nil {
		t.Error(err)
	}
	for what, spoil := range map[string]func(*addresses){
		"folder": func(a *addresses) { a.Dir = "" }, "S3": func(a *addresses) { a.S3 = "x" }, "SQS": func(a *addresses) { a.SQS = "x" },
		"issuer": func(a *addresses) { a.Issuer = "x" }, "faulty S3": func(a *addresses) { a.FaultyS3 = "x" }, "faulty SQS": func(a *addresses) { a.FaultySQS = "x" },
	} {
		a := good
		spoil(&a)
		if err := a.config().Validate(); err == nil {
			t.Errorf("invalid %s: accepted", what)
		}
	}
}

// The faulty addresses lead to the same S3 and SQS, which check signatures. In this test every answer is lost.
func TestFaultyAddresses(t *testing.T) {
	a := newAddresses(t, t.TempDir())
	a.Faults = "s3-lost=100%,sqs-lost=100%"
	p := start(t, a)
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	faulty, clean := s3At(a.FaultyS3), s3At(a.S3)
	in := &s3.PutObjectInput{Bucket: new(fake.Uploads), Key: new("cats/one"), Body: strings.NewReader("x")}
	if _, err := faulty.PutObject(t.Context(), in); err == nil {
		t.Error("the answer of a PUT came")
	}
	if _, err := clean.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key}); err != nil {
		t.Errorf("the PUT had no effect: %v", err)
	}
	if _, err := faulty.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: in.Bucket, Key: new("cats/none")}); err == nil || !strings.Contains(err.Error(), "NotFound") {
		t.Errorf("HEAD of no object: %v", err)
	}
	resp, err := http.Get("http://" + a.FaultyS3 + faults.CountsPath)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var counts faults.Counts
	if err := json.NewDecoder(resp.Body).Decode(&counts); err != nil {
		t.Fatal(err)
	}
	o := counts.Objects[fake.Uploads+"/cats/one"]
	if o.Stored == 0 || o.Stored != o.Lost || o.Stored != counts.Injected[faults.Lost] {
		t.Errorf("counts %+v", counts)
	}
	receive(t, a, 1+o.Stored) // s3:TestEvent, and one event for each PUT

	put(t, a, "cats/two")
	queues := sqs.New(sqs.Options{BaseEndpoint: new("http://" + a.SQS), Region: fake.Region, Credentials: static})
	url := new(fake.QueueURL("http://"+a.SQS, fake.Events))
	got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, VisibilityTimeout: 0})
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	faultyQueues := sqs.New(sqs.Options{BaseEndpoint: new("http://" + a.FaultySQS), Region: fake.Region, Credentials: static})
	if _, err := faultyQueues.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got.Messages[0].ReceiptHandle}); err == nil {
		t.Error("the delete got an answer")
	}
	left, err := queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || left.Attributes["ApproximateNumberOfMessages"] != "0" || left.Attributes["ApproximateNumberOfMessagesNotVisible"] != "0" {
		t.Errorf("the delete had no effect: %v, %v", left.Attributes, err)
	}
	if err := p.Stop(20 * time.Second); err != nil {
		t.Error(err)
	}
}

func s3At(addr string) *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: new("http://" + addr), Region: fake.Region, Credentials: static, UsePathStyle: true})
}
