package main

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/scaler/ecsservice/ecsservicetest"
)

// TestScale runs the command on two queues with a backlog, against an ECS with one service.
func TestScale(t *testing.T) {
	emulator, endpoint := fakesqstest.Start(t)
	for _, name := range []string{"photos", "events"} {
		if err := emulator.EnsureQueue(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	urls := []string{endpoint + "/000000000000/photos", endpoint + "/000000000000/events"}
	for i := range 60 {
		body, url := fmt.Sprint(i), urls[i%2]
		if _, err := fakesqstest.Client(endpoint).SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	ecs := &ecsservicetest.Server{}
	server := httptest.NewServer(ecs)
	defer server.Close()
	env := []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test-secret", "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL_SQS=" + endpoint, "AWS_ENDPOINT_URL_ECS=" + server.URL,
		"QUEUE_URL=" + urls[1], "PHOTOS_QUEUE_URL=" + urls[0], "ECS_CLUSTER=" + ecsservicetest.Cluster, "ECS_SERVICE=" + ecsservicetest.Service, "MAX_TASKS=10", "SECONDS_PER_PHOTO=1", "RENDERS=2"}
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
	// 60 photos of 1 s each, two at once, within the 15 s that are left of the objective.
	start("would add workers", "--dry-run")
	if n := ecs.Desired(); n != 0 {
		t.Errorf("a dry run sets %d workers", n)
	}
	start("added workers")
	if n := ecs.Desired(); n != 2 {
		t.Errorf("%d workers, want 2", n)
	}

	// As a Lambda function, it answers an invocation before its deadline, and adds workers in each.
	api := newFunctionAPI(t)
	env = append(env, "AWS_LAMBDA_RUNTIME_API="+api.addr, "SCALE_INTERVAL=1s")
	ecs.Set(0, 0)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "scale")
	cmd.Env = append([]string{asProgram + "=1", "HOME=" + t.TempDir()}, env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill() // Lambda ends a function that waits for its next invocation
		_ = cmd.Wait()
	}()
	for range 2 {
		if path := api.invoke(t, 500*time.Millisecond); !strings.HasSuffix(path, "/response") {
			t.Errorf("the function answers %s", path)
		}
		if n := ecs.Desired(); n != 2 {
			t.Errorf("%d workers, want 2", n)
		}
		ecs.Set(0, 0)
	}
	server.Close() // nothing to count the workers with
	if path := api.invoke(t, 500*time.Millisecond); !strings.HasSuffix(path, "/error") {
		t.Errorf("the function answers %s though it cannot count the workers", path)
	}
}

// functionAPI is the API that AWS Lambda offers to the program of a function, for one invocation after the other:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type functionAPI struct {
	addr    string
	invoked chan time.Duration // timeouts
	answers chan string        // paths
}

func newFunctionAPI(t *testing.T) *functionAPI {
	api := &functionAPI{invoked: make(chan time.Duration), answers: make(chan string, 1)}
	const prefix = "/2018-06-01/runtime/invocation/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case timeout := <-api.invoked:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "one")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(timeout).UnixMilli()))
			fmt.Fprint(w, `{"source": "aws.events"}`)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST "+prefix+"one/{kind}", func(w http.ResponseWriter, r *http.Request) {
		api.answers <- r.URL.Path
		w.WriteHeader(http.StatusAccepted)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	api.addr = strings.TrimPrefix(server.URL, "http://")
	return api
}

func (api *functionAPI) invoke(t *testing.T, timeout time.Duration) string {
	t.Helper()
	select {
	case api.invoked <- timeout:
		return <-api.answers
	case <-time.After(20 * time.Second):
		t.Fatal("the function does not ask for an invocation")
		return ""
	}
}
