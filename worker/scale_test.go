package main

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/scaler/ecsservice/ecsservicetest"
)

// TestScale runs the command on a queue with a backlog, against an ECS with one service.
func TestScale(t *testing.T) {
	emulator, endpoint := fakesqstest.Start(t)
	if err := emulator.EnsureQueue("photos", nil); err != nil {
		t.Fatal(err)
	}
	url := endpoint + "/000000000000/photos"
	for i := range 60 {
		body := fmt.Sprint(i)
		if _, err := fakesqstest.Client(endpoint).SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	ecs := &ecsservicetest.Server{}
	server := httptest.NewServer(ecs)
	defer server.Close()
	env := []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test-secret", "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL_SQS=" + endpoint, "AWS_ENDPOINT_URL_ECS=" + server.URL,
		"QUEUE_URL=" + url, "ECS_CLUSTER=" + ecsservicetest.Cluster, "ECS_SERVICE=" + ecsservicetest.Service, "MAX_TASKS=10", "SECONDS_PER_PHOTO=1", "RENDERS=2"}
	start := func(want string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"scale"}, args...)...)
		cmd.Env = append([]string{asProgram + "=1", "HOME=" + t.TempDir()}, env...)
		stderr, err := cmd.StderrPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		found, all := false, ""
		for lines := bufio.NewScanner(stderr); lines.Scan(); all += lines.Text() + "\n" {
			if !found && strings.Contains(lines.Text(), want) {
				found = true
				if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
					t.Error(err)
				}
			}
		}
		if err := cmd.Wait(); err != nil || !found {
			t.Fatalf("%v: %v, logged %q: %v\n%s", args, err, want, found, all)
		}
	}
	// 60 photos of a second, two at once, within the 15 s that are left.
	start("would add workers", "--dry-run")
	if n := ecs.Desired(); n != 0 {
		t.Errorf("a dry run sets %d workers", n)
	}
	start("added workers")
	if n := ecs.Desired(); n != 2 {
		t.Errorf("%d workers, want 2", n)
	}
}
