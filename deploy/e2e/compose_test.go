package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/front"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/freeport"
)

// containers is a Compose project of its own.
type containers struct {
	*system
	project string
	compose []string // command of Compose
	env     []string
}

// run runs a Compose command at the top of the repository and returns its output.
func (c *containers) run(ctx context.Context, t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, c.compose[0], append(c.compose[1:], args...)...)
	cmd.Env = c.env
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", strings.Join(c.compose, " "), strings.Join(args, " "), err, out)
	}
	return string(out)
}

// running returns the ids of the running containers of a service.
func (c *containers) running(t *testing.T, service string) []string {
	t.Helper()
	return strings.Fields(runDocker(t.Context(), t, "ps", "-q", "--filter", "label=com.docker.compose.project="+c.project,
		"--filter", "label=com.docker.compose.service="+service))
}

// TestContainers runs docker-compose.yml as the README describes, with the client on the host and in a container, and
// then causes trouble.
func TestContainers(t *testing.T) {
	needDocker(t)
	// The engine gives each worker a port of the range.
	ports := append(freeport.Ports(t, 4), freeRange(t, 4))
	c := &containers{project: fmt.Sprintf("darkroom-test-%d", os.Getpid()), compose: composeCommand(t)}
	c.env = append(os.Environ(), "COMPOSE_PROJECT_NAME="+c.project, "VERSION="+imageVersion, "REVISION="+imageRevision,
		fmt.Sprintf("API_PORT=%d", ports[0]), fmt.Sprintf("ISSUER_PORT=%d", ports[1]), fmt.Sprintf("S3_PORT=%d", ports[2]),
		fmt.Sprintf("SQS_PORT=%d", ports[3]), fmt.Sprintf("METRICS_PORTS=%d-%d", ports[4], ports[4]+3))
	addr := func(i int) string { return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i])) }
	c.system = &system{Stack: &stack.Stack{Addresses: stack.Addresses{API: addr(0), Issuer: addr(1), S3: addr(2), SQS: addr(3),
		Events: fake.QueueURL(addr(3), fake.Events), Photos: fake.QueueURL(addr(3), fake.Photos),
		DeadLetters: []string{fake.QueueURL(addr(3), fake.EventDeadLetters), fake.QueueURL(addr(3), fake.PhotosDeadLetters)}}}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.run(context.Background(), t, "logs", "--no-color"))
		}
		c.takeDown(t)
	})
	if c.run(t.Context(), t, "up", "--build", "--detach"); t.Failed() {
		return
	}
	eventually(t, "the board page", func() bool { return healthy(addr(0) + "/") })
	c.wantAnnouncement(t)

	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for i, out := range c.upload(t, all) {
		c.check(t, all[i], out)
	}
	c.wantQueuesEmpty(t)
	var state front.State
	c.call(t, "", "GET", c.API+"/system.json", http.StatusOK, &state)
	if state.Workers != 1 || state.Queue == nil || state.InFlight == nil {
		t.Errorf("system state %+v", state)
	}
	c.call(t, "", "GET", c.API+"/", http.StatusOK, nil)
	for _, service := range []string{"aws", "token-lambda", "front", "worker"} {
		ids := c.running(t, service)
		if len(ids) != 1 {
			t.Fatalf("%d containers of %s", len(ids), service)
		}
		c.wantConfined(t, service, ids[0])
		eventually(t, "the health check of "+service, func() bool {
			return runDocker(t.Context(), t, "inspect", "--format", "{{.State.Health.Status}}", ids[0]) == "healthy"
		})
	}
	t.Run("client in a container", c.clientInAContainer)
	t.Run("unreadable folder", c.unreadableFolder)
	t.Run("wrong settings", c.wrongSettings)
	t.Run("burst", c.burst)
	t.Run("stops", c.wantQuickStop)
}

// wantConfined checks the settings of a container in the engine.
func (c *containers) wantConfined(t *testing.T, service, id string) {
	t.Helper()
	var inspected []struct {
		Config     struct{ User string }
		HostConfig struct {
			ReadonlyRootfs       bool
			CapDrop, SecurityOpt []string
			Memory, NanoCpus     int64
			RestartPolicy        struct{ MaximumRetryCount int }
			PortBindings         map[string][]struct{ HostIP string }
		}
	}
	if err := json.Unmarshal([]byte(runDocker(t.Context(), t, "inspect", id)), &inspected); err != nil || len(inspected) != 1 {
		t.Fatalf("%d containers, %v", len(inspected), err)
	}
	is := inspected[0].HostConfig
	if user := inspected[0].Config.User; user != "65532:65532" || !is.ReadonlyRootfs || !slices.Equal(is.CapDrop, []string{"ALL"}) ||
		!slices.Contains(is.SecurityOpt, "no-new-privileges:true") || is.Memory == 0 || is.NanoCpus == 0 || is.RestartPolicy.MaximumRetryCount == 0 {
		t.Errorf("%s runs as %s with %+v", service, user, is)
	}
	for port, bindings := range is.PortBindings {
		for _, b := range bindings {
			if b.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is published on %q", service, port, b.HostIP)
			}
		}
	}
}

// clientInAContainer uploads from a container, where 127.0.0.1 of the presigned URLs is not this machine.
func (c *containers) clientInAContainer(t *testing.T) {
	sample, err := samples.Photo("a.jpg", 640, 480, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sample.Name), sample.Bytes, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out := c.run(t.Context(), t, "run", "--rm", "-T", "-v", dir+":/photos:ro", "upload", "--urls", "/photos"); !strings.Contains(out, "640x480") ||
		!strings.Contains(out, "1 photo, 1 ready: ") || !strings.Contains(out, " large 640x480 "+c.S3+"/") {
		t.Errorf("output:\n%s", out)
	}
	// The other name of S3 in .env.example works too.
	host := "s3.localhost"
	c.run(t.Context(), t, "run", "--rm", "-T", "--no-deps", "-e", "S3_ADDR="+host+strings.TrimPrefix(c.S3, "http://127.0.0.1"),
		"-e", "SQS_ADDR="+host+":9324", "-e", "ISSUER_ADDR="+host+":8081", "--entrypoint", "/local aws --healthcheck", "front")
}

// takeDown removes the project and checks that nothing is left.
func (c *containers) takeDown(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	c.run(ctx, t, "down", "--volumes", "--remove-orphans", "--rmi", "local")
	for _, kind := range [][]string{{"ps", "-a", "-q"}, {"network", "ls", "-q"}, {"volume", "ls", "-q"}} {
		if left := runDocker(ctx, t, append(kind, "--filter", "label=com.docker.compose.project="+c.project)...); left != "" {
			t.Errorf("docker %s: left %s", strings.Join(kind, " "), left)
		}
	}
	if left := runDocker(ctx, t, "image", "ls", "-q", "--filter", "reference="+c.project+"*"); left != "" {
		t.Errorf("images left: %s", left)
	}
}

// composeCommand returns the command of Compose v2 or, if it is missing, docker-compose.
func composeCommand(t *testing.T) []string {
	t.Helper()
	if exec.Command("docker", "compose", "version").Run() == nil {
		return []string{"docker", "compose"}
	}
	path, err := exec.LookPath("docker-compose")
	if err != nil {
		t.Fatal("neither `docker compose` nor docker-compose is installed")
	}
	return []string{path}
}

// freeRange returns the first of n consecutive free ports.
func freeRange(t *testing.T, n int) int {
	t.Helper()
	for range 100 {
		first := freeport.Ports(t, 1)[0]
		free := 0
		for ; free < n; free++ {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(first+free)))
			if err != nil {
				break
			}
			l.Close()
		}
		if free == n {
			return first
		}
	}
	t.Fatalf("found no %d consecutive free ports", n)
	return 0
}
