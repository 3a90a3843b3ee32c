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

// What the images are told to be. The Compose file takes them from variables of these names.
const (
	imageVersion  = "1.2.3-test"
	imageRevision = "0123456789abcdef0123456789abcdef01234567"
)

// images are what the Dockerfiles make.
var images = []struct {
	dockerfile, program string
	most                int64 // bytes, uncompressed
	arm64               bool  // is tried too; the third takes minutes to compile, and no cloud runs it
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

// docker runs the command at the top of the repository and returns what it says on standard output. A failure is the
// test's, which goes on.
func docker(ctx context.Context, t *testing.T, args ...string) string {
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

// buildImage returns the image's id. The image is gone at the end of the test; what it is built from stays in the cache.
func buildImage(t *testing.T, dockerfile string, more ...string) (id string) {
	t.Helper()
	id = docker(t.Context(), t, append([]string{"build", "-q", "-f", dockerfile,
		"--build-arg", "VERSION=" + imageVersion, "--build-arg", "REVISION=" + imageRevision, "."}, more...)...)
	if id == "" {
		t.FailNow()
	}
	t.Cleanup(func() { docker(context.Background(), t, "image", "rm", "--force", id) })
	return id
}

// TestImages holds what every Dockerfile makes to what the README says of it.
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
			if err := json.Unmarshal([]byte(docker(t.Context(), t, "image", "inspect", id)), &inspected); err != nil || len(inspected) != 1 {
				t.Fatalf("%d images, %v", len(inspected), err)
			}
			it := inspected[0].Config
			t.Logf("%d bytes", inspected[0].Size)
			if inspected[0].Size > image.most {
				t.Errorf("%d bytes, want %d at most", inspected[0].Size, image.most)
			}
			const label = "org.opencontainers.image."
			if it.Labels[label+"version"] != imageVersion || it.Labels[label+"revision"] != imageRevision || it.Labels[label+"title"] != "darkroom-"+image.program {
				t.Errorf("labels %v", it.Labels)
			}
			program := "/" + image.program
			if it.User != "65532:65532" || it.Entrypoint[0] != program || len(it.Healthcheck.Test) < 2 || it.Healthcheck.Test[0] != "CMD" || it.Healthcheck.Test[1] != program {
				t.Errorf("user %s, entry point %v, health check %v", it.User, it.Entrypoint, it.Healthcheck.Test)
			}
			says := docker(t.Context(), t, "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", id, "--version")
			if !strings.HasPrefix(says, image.program+" "+imageVersion+" "+imageRevision+" go") {
				t.Errorf("--version says %q", says)
			}
		})
		if !image.arm64 {
			continue
		}
		t.Run(image.program+" arm64", func(t *testing.T) {
			// The usual base has nothing of either platform, but an engine without a registry may have it for its own only.
			id := buildImage(t, image.dockerfile, "--platform", "linux/arm64", "--build-arg", "BASE=scratch")
			if arch := docker(t.Context(), t, "image", "inspect", "--format", "{{.Architecture}}", id); arch != "arm64" {
				t.Errorf("the image is for %s", arch)
			}
			container := docker(t.Context(), t, "create", "--platform", "linux/arm64", id)
			program := filepath.Join(t.TempDir(), image.program)
			docker(t.Context(), t, "cp", container+":/"+image.program, program)
			docker(t.Context(), t, "rm", container)
			says, err := exec.CommandContext(t.Context(), tool.Find(t, "qemu-aarch64"), program, "--version").CombinedOutput()
			if err != nil || !strings.HasPrefix(string(says), image.program+" "+imageVersion) || !strings.HasSuffix(strings.TrimSpace(string(says)), " linux/arm64") {
				t.Errorf("--version says %q, %v", says, err)
			}
		})
	}
}
