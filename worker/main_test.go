package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/worker/photo"
)

// asProgram makes this test binary the program itself.
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

func TestBadSettingsAreNamed(t *testing.T) {
	good := []string{"QUEUE_URL=http://127.0.0.1:1/1/q", "UPLOADS_BUCKET=u", "VARIANTS_BUCKET=v", "LISTEN_ADDR=127.0.0.1:0"}
	for name, tc := range map[string]struct {
		env  []string
		want string
	}{
		"no queue":           {good[1:], "--queue-url"},
		"not a duration":     {append(slices.Clone(good), "DRAIN_TIMEOUT=soon"), "DRAIN_TIMEOUT"},
		"a long poll":        {append(slices.Clone(good), "POLL_WAIT=1m"), "poll wait"},
		"bad specifications": {append(slices.Clone(good), `VARIANTS=[{"name":"x","width":0,"height":1,"fit":"fill"}]`), "specs[0].width"},
		"little memory":      {append(slices.Clone(good), "MEMORY_BUDGET=1000"), "memory"},
		"a bad level":        {append(slices.Clone(good), "LOG_LEVEL=loud"), "LOG_LEVEL"},
		"no region":          {append(slices.Clone(good), "AWS_REGION="), "AWS_REGION"},
		"a bad agent":        {append(slices.Clone(good), "ECS_AGENT_URI=here"), "agent URI"},
		"a long linger":      {append(slices.Clone(good), "ECS_AGENT_URI=http://127.0.0.1:1", "PROTECTION_LINGER=2h"), "linger"},
		"a bad address":      {append(slices.Clone(good), "LISTEN_ADDR=nowhere:x"), "nowhere:x"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr, status := worker(t, tc.env, "run")
			if status == 0 || !strings.Contains(stderr, tc.want) {
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
