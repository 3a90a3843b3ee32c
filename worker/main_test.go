package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/worker/photo"
)

// asProgram is the variable that makes this test binary run as the program.
const asProgram = "WORKER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	fakes3test.Main(m)
}

// worker runs the program and returns its outputs and exit status.
func worker(t *testing.T, env []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append([]string{asProgram + "=1", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "HOME=" + t.TempDir()}, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func writeJPEG(t *testing.T, path string, width, height int) {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRender(t *testing.T) {
	in, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	writeJPEG(t, filepath.Join(in, "good.jpg"), 1000, 500)
	_, stderr, status := worker(t, []string{`VARIANTS=[{"name":"wide","width":100,"height":100,"fit":"inside"}]`}, "render", filepath.Join(in, "good.jpg"), "-o", out)
	if status != 0 || !strings.Contains(stderr, "good.jpg") {
		t.Fatalf("status %d: %s", status, stderr)
	}
	text, err := os.ReadFile(filepath.Join(out, "good", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m photo.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Variants) != 1 || m.Variants[0].Name != "wide" || m.Variants[0].Width != 100 || m.Variants[0].Height != 50 || m.Recipe == "" {
		t.Errorf("manifest %s", text)
	}
	if _, err := os.Stat(filepath.Join(out, "good", "wide.jpg")); err != nil {
		t.Error(err)
	}

	if err := os.WriteFile(filepath.Join(in, "bad.jpg"), []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr, status = worker(t, nil, "render", in, "-o", out)
	if status != 1 || !strings.Contains(stderr, "bad.jpg: rejected: unsupported") || !strings.Contains(stderr, "failed files: 1") {
		t.Errorf("with a bad file: status %d: %s", status, stderr)
	}
}

// TestFaultsOfTheMachineAreNamed: a start that fails although the settings are right is no usage error.
func TestFaultsOfTheMachineAreNamed(t *testing.T) {
	env := []string{"QUEUE_URL=" + queueURL, "UPLOADS_BUCKET=uploads", "VARIANTS_BUCKET=variants", "LISTEN_ADDR=127.0.0.1:0"}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, tc := range map[string]struct{ variable, want string }{
		"no region":        {"AWS_REGION=", "AWS_REGION"},
		"an address taken": {"LISTEN_ADDR=" + taken.Addr().String(), "set LISTEN_ADDR"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr, status := worker(t, append(slices.Clone(env), tc.variable), "run")
			if status != 1 || !strings.Contains(stderr, tc.want) {
				t.Errorf("status %d: %q does not name %s", status, stderr, tc.want)
			}
		})
	}
}

func TestVersionAndHelp(t *testing.T) {
	if out, _, status := worker(t, nil, "--version"); status != 0 || !strings.HasPrefix(out, "worker ") {
		t.Errorf("status %d: %q", status, out)
	}
	out, _, status := worker(t, nil, "run", "--help")
	for _, want := range []string{"$DRAIN_TIMEOUT", "Default: 20s", "$MEMORY_BUDGET", "/metrics"} {
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("status %d: help lacks %q", status, want)
		}
	}
}
