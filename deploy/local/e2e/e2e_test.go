package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/deploy/local/aws"
	"darkroom/deploy/local/client"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/worker/photo"
)

// binaries is a folder with the programs as a user builds them.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "darkroom-e2e-")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", dir, "darkroom/deploy/local", "darkroom/token-lambda", "darkroom/worker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("build: %w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := binaries(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// system is a running stack of the built programs.
type system struct {
	*stack.Stack
	log *logged
}

// startSystem starts the stack on free ports; it is stopped at the end of the test, which fails if a process had to
// be killed.
func startSystem(t *testing.T, change func(*stack.Config)) *system {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the whole system; not in short mode")
	}
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	log := &logged{}
	cfg := stack.Config{Data: t.TempDir(), Self: filepath.Join(bin, "local"), Bin: bin, Out: log, Verbose: true}
	if change != nil {
		change(&cfg)
	}
	st, err := stack.Start(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() {
		if err := st.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the programs' logs:\n%s", log)
		}
	})
	return &system{Stack: st, log: log}
}

// logged is a writer for several goroutines that keeps what it is given.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (s *system) token(t *testing.T, subject string, boards ...string) string {
	t.Helper()
	token, err := s.tokens(subject, boards...).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s *system) s3() *s3.Client {
	return s3.New(s3.Options{Region: aws.Region, BaseEndpoint: &s.S3, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(aws.AccessKey, aws.SecretKey, "")})
}

func (s *system) sqs() *sqs.Client {
	return sqs.New(sqs.Options{Region: aws.Region, BaseEndpoint: &s.SQS,
		Credentials: credentials.NewStaticCredentialsProvider(aws.AccessKey, aws.SecretKey, "")})
}

// waiting returns the messages of a queue: those that may be received, and those in flight.
func (s *system) waiting(t *testing.T, queue string) (visible, inFlight int) {
	t.Helper()
	out, err := s.sqs().GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	number := func(name types.QueueAttributeName) int {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	return number(types.QueueAttributeNameApproximateNumberOfMessages), number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
}

// eventually asks until done says yes, and fails the test if that takes longer than any machine should need.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never came: %s", what)
		}
	}
}

// wantQueuesEmpty waits for the messages in hand to be deleted.
func (s *system) wantQueuesEmpty(t *testing.T) {
	t.Helper()
	eventually(t, "an empty queue", func() bool {
		visible, inFlight := s.waiting(t, s.Queue)
		return visible+inFlight == 0
	})
	if visible, inFlight := s.waiting(t, s.DeadLetters); visible+inFlight != 0 {
		t.Errorf("%d messages in the dead-letter queue", visible+inFlight)
	}
}

func (s *system) keys(t *testing.T, bucket string) []string {
	t.Helper()
	var keys []string
	pages := s3.NewListObjectsV2Paginator(s.s3(), &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
	}
	return keys
}

func (s *system) client(t *testing.T, board photo.Board) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{API: s.API, Board: board, Tokens: s.tokens("ann", string(board))})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// upload sends every sample and returns the outcomes in the samples' order.
func (s *system) upload(t *testing.T, all []samples.Sample) []client.Outcome {
	t.Helper()
	c := s.client(t, "cats")
	outcomes := make([]client.Outcome, len(all))
	var wg sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				out, err := c.Upload(t.Context(), client.FromBytes(all[i].Name, all[i].ContentType, all[i].Bytes))
				if err != nil {
					t.Errorf("%s: %v", all[i].Name, err)
				}
				outcomes[i] = out
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	wg.Wait()
	return outcomes
}

// fits is the size of a w x h picture scaled down, if need be, to lie within a box, each side rounded to the nearest.
func fits(w, h, box int) image.Point {
	if w <= box && h <= box {
		return image.Pt(w, h)
	}
	if w >= h {
		return image.Pt(box, max(1, (2*h*box+w)/(2*w)))
	}
	return image.Pt(max(1, (2*w*box+h)/(2*h)), box)
}

// check compares an outcome, and the variants that it leads to, with what the sample should become.
func (s *system) check(t *testing.T, sample samples.Sample, out client.Outcome) {
	t.Helper()
	if out.State != sample.State || out.Reason != sample.Reason {
		t.Errorf("%s: %s %s %s, want %s %s", sample.Name, out.State, out.Reason, out.Detail, sample.State, sample.Reason)
		return
	}
	if sample.State == photo.Rejected {
		if out.Detail == "" || len(out.Variants) != 0 {
			t.Errorf("%s: rejected with detail %q and %d variants", sample.Name, out.Detail, len(out.Variants))
		}
		return
	}
	if out.Width != sample.Width || out.Height != sample.Height {
		t.Errorf("%s: %dx%d, want %dx%d", sample.Name, out.Width, out.Height, sample.Width, sample.Height)
	}
	want := map[string]image.Point{
		"large":  fits(sample.Width, sample.Height, 1600),
		"medium": fits(sample.Width, sample.Height, 800),
		"small":  fits(sample.Width, sample.Height, 320),
	}
	if sample.Width >= 256 && sample.Height >= 256 {
		want["thumb"] = image.Pt(256, 256)
	}
	var names []string
	for _, v := range out.Variants {
		names = append(names, v.Name)
		body := s.download(t, v)
		if sum := sha256.Sum256(body); int64(len(body)) != v.Bytes || hex.EncodeToString(sum[:]) != v.SHA256 {
			t.Errorf("%s %s: %d bytes with another digest than the manifest's, which has %d bytes", sample.Name, v.Name, len(body), v.Bytes)
		}
		size, err := sample.Check(body)
		if err != nil {
			t.Errorf("%s %s: %v", sample.Name, v.Name, err)
		}
		if size != image.Pt(v.Width, v.Height) {
			t.Errorf("%s %s: is %v, the manifest says %dx%d", sample.Name, v.Name, size, v.Width, v.Height)
		}
		if w, ok := want[v.Name]; ok && size != w {
			t.Errorf("%s %s: is %v, want %v", sample.Name, v.Name, size, w)
		}
		if size.X > sample.Width || size.Y > sample.Height {
			t.Errorf("%s %s: %v is larger than the photo", sample.Name, v.Name, size)
		}
	}
	if !slices.Equal(names, []string{"large", "medium", "small", "thumb"}) {
		t.Errorf("%s: variants %v", sample.Name, names)
	}
}

func (s *system) download(t *testing.T, v client.Variant) []byte {
	t.Helper()
	resp, err := http.Get(v.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != v.ContentType {
		t.Fatalf("variant %s: %s, %s, %v", v.Name, resp.Status, resp.Header.Get("Content-Type"), err)
	}
	return body
}

func TestFortyMixedPhotos(t *testing.T) {
	s := startSystem(t, nil)
	all, err := samples.Mixed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 40 {
		t.Fatalf("%d samples, want 40", len(all))
	}
	outcomes := s.upload(t, all)
	variants := 0
	for i, out := range outcomes {
		s.check(t, all[i], out)
		variants += len(out.Variants) + 1 // and the manifest
	}
	s.wantQueuesEmpty(t)
	if n := len(s.keys(t, aws.Uploads)); n != 40 {
		t.Errorf("%d originals, want 40", n)
	}
	if n := len(s.keys(t, aws.Variants)); n != variants {
		t.Errorf("%d objects in the variants bucket, want the %d of the answers", n, variants)
	}
	for _, secret := range []string{"X-Amz-Signature", aws.SecretKey, "eyJ", "Bearer "} {
		if log := s.log.String(); strings.Contains(log, secret) {
			t.Errorf("the logs hold %q", secret)
		}
	}
}

// TestAPhotoThatIsRemoved follows the other half of the flow: what the bucket no longer has, nothing was made of.
func TestAPhotoThatIsRemoved(t *testing.T) {
	s := startSystem(t, nil)
	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	out := s.upload(t, all[1:2])[0]
	s.check(t, all[1], out)
	if _, err := s.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: ptr(aws.Uploads), Key: ptr("cats/" + string(out.ID))}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an empty variants bucket", func() bool { return len(s.keys(t, aws.Variants)) == 0 })
	s.wantQueuesEmpty(t)
}

func TestAMessageThatIsNoEventEndsInTheDeadLetterQueue(t *testing.T) {
	s := startSystem(t, nil)
	if _, err := s.sqs().SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &s.Queue, Attributes: map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:` + aws.DeadLetters + `","maxReceiveCount":"1"}`}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.sqs().SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &s.Queue, MessageBody: ptr("hello")}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the message in the dead-letter queue", func() bool {
		visible, _ := s.waiting(t, s.DeadLetters)
		return visible == 1
	})
}

// TestWorkersThatAreStoppedInMidJob stops one worker after the other while photos come in, with the signal that ECS
// sends and with the one that nothing can catch.
func TestWorkersThatAreStoppedInMidJob(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			s := startSystem(t, func(c *stack.Config) {
				c.Workers = 2
				// A killed worker's messages come back when its leases end.
				c.WorkerEnv = append(c.WorkerEnv, "VISIBILITY_TIMEOUT=3s")
			})
			all, err := samples.Demo()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, append(slices.Clone(all), all...)...)
			ctx, cancel := context.WithCancel(t.Context())
			var killer sync.WaitGroup
			kills := 0
			killer.Go(func() {
				for ctx.Err() == nil && kills < 6 {
					// Only a worker that has a message in hand is in mid-job.
					if _, inFlight := s.waiting(t, s.Queue); inFlight > 0 {
						pids := s.WorkerPIDs()
						if err := syscall.Kill(pids[kills%len(pids)], signal); err == nil {
							kills++
						} else if !errors.Is(err, syscall.ESRCH) {
							t.Error(err)
						}
					}
					select {
					case <-ctx.Done():
					case <-time.After(100 * time.Millisecond):
					}
				}
			})
			outcomes := s.upload(t, all)
			cancel()
			killer.Wait()
			for i, out := range outcomes {
				s.check(t, all[i], out)
			}
			if kills == 0 {
				t.Error("no worker was in mid-job when it was stopped")
			}
			s.wantQueuesEmpty(t)
		})
	}
}

// TestDataFolderSurvivesARestart stops the system while a photo waits in the queue.
func TestDataFolderSurvivesARestart(t *testing.T) {
	data := t.TempDir()
	here := func(c *stack.Config) { c.Data = data }
	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	first := startSystem(t, here)
	done := first.upload(t, all[1:2])[0]
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	// This worker looks at another queue, so the photo's message waits.
	second := startSystem(t, func(c *stack.Config) {
		here(c)
		c.WorkerEnv = append(c.WorkerEnv, "QUEUE_URL="+aws.QueueURL("http://127.0.0.1", aws.DeadLetters))
	})
	body := all[2].Bytes
	g := second.ask(t, second.token(t, "ann", "cats"), "cats", map[string]any{"contentType": all[2].ContentType, "contentLength": len(body)}, http.StatusCreated)
	if status, answer := g.put(t, body, nil); status != http.StatusOK {
		t.Fatalf("PUT: %d %s", status, answer)
	}
	if visible, _ := second.waiting(t, second.Queue); visible != 1 {
		t.Fatalf("%d messages wait, want 1", visible)
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	third := startSystem(t, here)
	for _, id := range []photo.ID{done.ID, photo.ID(g.ID)} {
		manifest := photo.Ref{Board: "cats", ID: id}.ManifestKey()
		eventually(t, manifest, func() bool { return slices.Contains(third.keys(t, aws.Variants), manifest) })
	}
	third.wantQueuesEmpty(t)
}

func (s *system) tokens(subject string, boards ...string) client.TokenSource {
	return &client.Issuer{URL: s.Issuer, Subject: subject, Boards: boards}
}

func healthy(url string) bool {
	resp, err := http.Get(url)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
