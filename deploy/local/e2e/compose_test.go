package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/local/aws"
	"darkroom/deploy/local/front"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
)

// TestContainers runs the same photos through the containers of docker-compose.yml, with the client on the host.
func TestContainers(t *testing.T) {
	if os.Getenv("DARKROOM_DOCKER") == "" {
		t.Skip("needs a Docker engine and Compose, and minutes for the images: set DARKROOM_DOCKER=1")
	}
	compose := composeCommand(t)
	ports := freePorts(t, 5)
	env := append(os.Environ(), "COMPOSE_PROJECT_NAME=darkroom-test",
		fmt.Sprintf("API_PORT=%d", ports[0]), fmt.Sprintf("ISSUER_PORT=%d", ports[1]), fmt.Sprintf("S3_PORT=%d", ports[2]),
		fmt.Sprintf("SQS_PORT=%d", ports[3]), fmt.Sprintf("METRICS_PORTS=%d", ports[4]))
	run := func(ctx context.Context, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(ctx, compose[0], append(compose[1:], args...)...)
		cmd.Env = env
		cmd.Dir = "../../.."
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s %s: %v\n%s", strings.Join(compose, " "), strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(run(context.Background(), "logs", "--no-color"))
		}
		run(context.Background(), "down", "--volumes", "--remove-orphans")
	})
	run(t.Context(), "up", "--build", "--detach")
	if t.Failed() {
		return
	}
	at := func(i int) string { return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i])) }
	s := &system{Stack: &stack.Stack{Addresses: stack.Addresses{API: at(0), Issuer: at(1), S3: at(2), SQS: at(3),
		Queue: aws.QueueURL(at(3), aws.Queue), DeadLetters: aws.QueueURL(at(3), aws.DeadLetters)}}}
	eventually(t, "a healthy API and worker", func() bool { return healthy(at(0)+"/healthz") && healthy(at(4)+"/readyz") })

	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for i, out := range s.upload(t, all) {
		s.check(t, all[i], out)
	}
	s.wantQueuesEmpty(t)
	var state front.State
	s.call(t, "", "GET", at(0)+"/system.json", http.StatusOK, &state)
	if state.Workers != 1 || state.Queue == nil || state.InFlight == nil {
		t.Errorf("the board is told %+v", state)
	}
	s.call(t, "", "GET", at(0)+"/", http.StatusOK, nil)
	for _, service := range []string{"aws", "token-lambda", "front", "worker"} {
		id := strings.TrimSpace(run(t.Context(), "ps", "-q", service))
		out, err := exec.CommandContext(t.Context(), "docker", "inspect", "--format", "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}", id).CombinedOutput()
		if want := "65532:65532 true [ALL]"; err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s runs as %q, %v, want %q", service, out, err, want)
		}
	}
	eventually(t, "the containers' own health checks", func() bool {
		healthy := strings.Count(run(t.Context(), "ps"), "(healthy)")
		return t.Failed() || healthy == 4
	})
}

// composeCommand is Compose v2 where there is one, and else the older docker-compose.
func composeCommand(t *testing.T) []string {
	t.Helper()
	if exec.Command("docker", "compose", "version").Run() == nil {
		return []string{"docker", "compose"}
	}
	path, err := exec.LookPath("docker-compose")
	if err != nil {
		t.Fatal("neither `docker compose` nor docker-compose is here")
	}
	return []string{path}
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // not before all are found, so that no two are the same
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
