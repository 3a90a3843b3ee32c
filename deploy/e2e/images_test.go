package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/programs"
	"darkroom/deploy/testkit/tool"
)

// Build arguments of the images. The Compose file reads them from VERSION and REVISION.
const (
	imageVersion  = "1.2.3-test"
	imageRevision = "0123456789abcdef0123456789abcdef01234567"
)

// images are the images of the Dockerfiles.
var images = []struct {
	dockerfile, program string
	most                int64 // largest size in bytes, uncompressed
	arm64               bool  // also built for arm64; local takes minutes to compile, and no cloud runs it
}{
	{"worker/Dockerfile", "worker", 40e6, true},
	{"token-lambda/Dockerfile", "token-lambda", 30e6, true},
	{"deploy/local/Dockerfile", "local", 50e6, false},
}

func needDocker(t *testing.T) {
	t.Helper()
	if os.Getenv("DARKROOM_DOCKER") == "" {
		t.Skip("needs a Docker engine and Compose, and minutes for the images: set DARKROOM_DOCKER=1")
	}
	programs.VisitSources(t)
}

// runDocker runs a docker command at the top of the repository and returns its standard output. An error fails the test
// but does not end it.
func runDocker(ctx context.Context, t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("docker %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// buildImage builds an image and returns its id. The image is removed when the test ends; its layers stay in the cache.
func buildImage(t *testing.T, dockerfile string, more ...string) (id string) {
	t.Helper()
	id = runDocker(t.Context(), t, append([]string{"build", "-q", "-f", dockerfile,
		"--build-arg", "VERSION=" + imageVersion, "--build-arg", "REVISION=" + imageRevision, "."}, more...)...)
	if id == "" {
		t.FailNow()
	}
	t.Cleanup(func() { runDocker(context.Background(), t, "image", "rm", "--force", id) })
	return id
}

// TestImages checks the images of all Dockerfiles against the README.
func TestImages(t *testing.T) {
	needDocker(t)
	for _, image := range images {
		t.Run(image.program, func(t *testing.T) {
			id := buildImage(t, image.dockerfile)
			var inspected []struct {
				Size   int64
				Config struct {
					User        string
					Labels      map[string]string
					Entrypoint  []string
					Healthcheck struct{ Test []string }
				}
			}
			if err := json.Unmarshal([]byte(runDocker(t.Context(), t, "image", "inspect", id)), &inspected); err != nil || len(inspected) != 1 {
				t.Fatalf("%d images, %v", len(inspected), err)
			}
			config := inspected[0].Config
			t.Logf("%d bytes", inspected[0].Size)
			if inspected[0].Size > image.most {
				t.Errorf("%d bytes, want at most %d", inspected[0].Size, image.most)
			}
			const label = "org.opencontainers.image."
			if config.Labels[label+"version"] != imageVersion || config.Labels[label+"revision"] != imageRevision || config.Labels[label+"title"] != "darkroom-"+image.program {
				t.Errorf("labels %v", config.Labels)
			}
			program := "/" + image.program
			if config.User != "65532:65532" || config.Entrypoint[0] != program || len(config.Healthcheck.Test) < 2 || config.Healthcheck.Test[0] != "CMD" || config.Healthcheck.Test[1] != program {
				t.Errorf("user %s, entry point %v, health check %v", config.User, config.Entrypoint, config.Healthcheck.Test)
			}
			version := runDocker(t.Context(), t, "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", id, "--version")
			if !strings.HasPrefix(version, image.program+" "+imageVersion+" "+imageRevision+" go") {
				t.Errorf("--version prints %q", version)
			}
		})
		if !image.arm64 {
			continue
		}
		t.Run(image.program+" arm64", func(t *testing.T) {
			// The usual base image is empty for both platforms, but an engine without a registry may have it for one only.
			id := buildImage(t, image.dockerfile, "--platform", "linux/arm64", "--build-arg", "BASE=scratch")
			if arch := runDocker(t.Context(), t, "image", "inspect", "--format", "{{.Architecture}}", id); arch != "arm64" {
				t.Errorf("the image is for %s", arch)
			}
			container := runDocker(t.Context(), t, "create", "--platform", "linux/arm64", id)
			program := filepath.Join(t.TempDir(), image.program)
			runDocker(t.Context(), t, "cp", container+":/"+image.program, program)
			runDocker(t.Context(), t, "rm", container)
			version, err := exec.CommandContext(t.Context(), tool.Find(t, "qemu-aarch64"), program, "--version").CombinedOutput()
			if err != nil || !strings.HasPrefix(string(version), image.program+" "+imageVersion) || !strings.HasSuffix(strings.TrimSpace(string(version)), " linux/arm64") {
				t.Errorf("--version prints %q, %v", version, err)
			}
		})
	}
}
