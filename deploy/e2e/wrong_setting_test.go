package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/freeport"
	"darkroom/deploy/testkit/programs"
	"darkroom/worker/s3event"
)

// TestWrongSettingTakesNoMessage starts a worker for each setting that can be mistyped, all on one queue with messages.
func TestWrongSettingTakesNoMessage(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.DeferWorkers = true })
	const messages = 12
	for range messages {
		body := s3event.Format(s3event.Event{Name: "ObjectCreated:Put", Bucket: fake.Uploads, Key: "cats/0123456789abcdef0123456789abcdef"})
		if _, err := s.sqs().SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &s.Events, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	before := s.depth(t, s.Queues()...)
	program := filepath.Join(programs.Shared(t), "worker")
	wrong := []struct{ change, want string }{
		{"UPLOADS_BUCKET=darkroom-uplods", "UPLOADS_BUCKET"},
		{"VARIANTS_BUCKET=darkroom-varants", "VARIANTS_BUCKET"},
		{"QUEUE_URL=" + s.Events + "-none", "check QUEUE_URL"},
		{"PHOTOS_QUEUE_URL=" + s.Photos + "-none", "PHOTOS_QUEUE_URL"},
		{"PHOTOS_QUEUE_URL=" + s.DeadLetters[1], "redrive policy of the photos queue"},
		{"QUEUE_URL=" + s.DeadLetters[0], "redrive policy"}, // it has none
		{"QUEUE_URL=http://nowhere/queue", "QUEUE_URL"},
		{"DEAD_LETTER_QUEUE_URL=" + s.DeadLetters[0] + "-none", "DEAD_LETTER_QUEUE_URL"},
		{"AWS_SECRET_ACCESS_KEY=mistyped", "AWS credentials"},
		{"AWS_ACCESS_KEY_ID=mistyped", "AWS credentials"},
		{"AWS_REGION=eu-west-1", "AWS_REGION"},
		{"AWS_ENDPOINT_URL_S3=http://127.0.0.1:1", "AWS_ENDPOINT_URL_S3"},
	}
	addresses := freeport.Addresses(t, len(wrong))
	for i, w := range wrong {
		s.startWorker(t, "LISTEN_ADDR="+addresses[i], w.change)
	}
	for i, w := range wrong {
		eventually(t, "the health check fails and names "+w.want, func() bool {
			check := exec.CommandContext(t.Context(), program, "healthcheck")
			check.Env = []string{"LISTEN_ADDR=" + addresses[i]}
			text, err := check.CombinedOutput()
			return err != nil && strings.Contains(string(text), "check ") && strings.Contains(string(text), w.want)
		})
		if healthy("http://" + addresses[i] + "/readyz") {
			t.Errorf("%s: ready", w.change)
		}
	}
	if d := s.depth(t, s.Queues()...); d != before {
		t.Errorf("queue %+v, want it untouched: %+v", d, before)
	}
	if d := s.depth(t, s.DeadLetters...); d.Total() != 0 {
		t.Errorf("dead-letter queue %+v, want no messages", d)
	}
}

// TestBucketOfAnotherSystemLeavesTheQueueAlone has a worker expect the events of a bucket that exists, where its check
// cannot see whom the bucket notifies. A worker with the right setting follows.
func TestBucketOfAnotherSystemLeavesTheQueueAlone(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.DeferWorkers = true })
	if _, err := s.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: ptr("darkroom-other")}); err != nil {
		t.Fatal(err)
	}
	const messages = 30
	for i := range messages {
		body := s3event.Format(s3event.Event{Name: "ObjectCreated:Put", Bucket: fake.Uploads, Key: fmt.Sprintf("cats/%032x", i)})
		if _, err := s.sqs().SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &s.Events, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	address := freeport.Addresses(t, 1)[0]
	wrong := s.startWorker(t, "LISTEN_ADDR="+address, "UPLOADS_BUCKET=darkroom-other")
	eventually(t, "receives pause and the reason is told", func() bool {
		resp, err := http.Get("http://" + address + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		why, err := io.ReadAll(resp.Body)
		return err == nil && strings.Contains(string(why), "check QUEUE_URL and UPLOADS_BUCKET") && strings.Contains(string(why), "darkroom-other")
	})
	if !healthy("http://" + address + "/healthz") {
		t.Error("not healthy: a replacement would cost its messages another receive")
	}
	if err := wrong.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := wrong.Wait(); err != nil {
		t.Error(err)
	}
	// The event s3:TestEvent names the right bucket. It must not count as proof that the setting is right.
	if d := s.depth(t, s.Queues()...); d.Visible < messages || d.InFlight > 0 {
		t.Errorf("queue %+v, want all %d messages to be visible again", d, messages)
	}
	if err := s.StartWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantQueuesEmpty(t)
}

// startWorker runs a worker with changed settings until the test ends.
func (s *system) startWorker(t *testing.T, changes ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(programs.Shared(t), "worker"), "run")
	cmd.Env, cmd.Stderr = append(s.workerEnv(), changes...), s.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

// workerEnv returns the settings of a worker of the system, except its listen address.
func (s *system) workerEnv() []string {
	return []string{"AWS_REGION=" + fake.Region, "AWS_ACCESS_KEY_ID=" + fake.AccessKey, "AWS_SECRET_ACCESS_KEY=" + fake.SecretKey,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL_S3=" + s.S3, "AWS_ENDPOINT_URL_SQS=" + s.SQS, "QUEUE_URL=" + s.Events, "PHOTOS_QUEUE_URL=" + s.Photos,
		"UPLOADS_BUCKET=" + fake.Uploads, "VARIANTS_BUCKET=" + fake.Variants, "POLL_WAIT=1s", "DRAIN_TIMEOUT=2s"}
}
