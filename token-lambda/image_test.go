package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestImageOnLambda runs the container image under Lambda's runtime API. As on Lambda, the image does not know the
// user, and the file system is read-only.
func TestImageOnLambda(t *testing.T) {
	if os.Getenv("DARKROOM_DOCKER") == "" {
		t.Skip("needs a Docker engine: set DARKROOM_DOCKER=1")
	}
	builtProgram(t) // reads the files that the image is built from
	docker := func(ctx context.Context, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(ctx, "docker", args...)
		cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	// The label makes this an image of its own, so that the cleanup removes nobody else's.
	image := docker(t.Context(), "build", "-q", "--label", "darkroom.test="+t.Name(), "-f", "Dockerfile", "..")
	t.Cleanup(func() { docker(context.Background(), "image", "rm", image) })
	asLambda(t, func(env []string) *child {
		args := []string{"create", "--network", "host", "--read-only", "--cap-drop", "ALL", "--user", "993:990"}
		for _, kv := range env {
			args = append(args, "--env", kv)
		}
		id := docker(t.Context(), append(args, image)...)
		t.Cleanup(func() { docker(context.Background(), "rm", "--force", id) })
		return startCommand(t, exec.CommandContext(t.Context(), "docker", "start", "--attach", id))
	})
}
