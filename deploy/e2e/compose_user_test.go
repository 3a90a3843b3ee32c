package e2e

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/samples"
)

// runFailing runs a Compose command that must fail, with more variables, and returns its output.
func (c *containers) runFailing(ctx context.Context, t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, c.compose[0], append(c.compose[1:], args...)...)
	cmd.Env, cmd.Dir = append(slices.Clone(c.env), env...), "../.."
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("%s succeeded:\n%s", strings.Join(args, " "), out)
	}
	return string(out)
}

// wantAnnouncement checks that the log of the front has the board's address on a line of its own.
func (c *containers) wantAnnouncement(t *testing.T) {
	t.Helper()
	eventually(t, "the board's address in the log", func() bool {
		return regexp.MustCompile(`(?m)\| The board is ready: ` + regexp.QuoteMeta(c.API) + `/\s*$`).MatchString(c.run(t.Context(), t, "logs", "--no-color", "front"))
	})
}

// unreadableFolder uploads a folder that only its owner may read. The error says what to do, and that works.
func (c *containers) unreadableFolder(t *testing.T) {
	sample, err := samples.Photo("a.jpg", 64, 48, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sample.Name), sample.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	run := []string{"run", "--rm", "-T", "-v", dir + ":/photos:ro"}
	out := c.runFailing(t.Context(), t, nil, append(run, "upload", "/photos")...)
	if want := "local: error: user 65532 may not read /photos: let others read it (chmod -R o+rX FOLDER), or run this as its owner"; !strings.Contains(out, want) {
		t.Errorf("want %q in:\n%s", want, out)
	}
	owner, err := exec.CommandContext(t.Context(), "stat", "--format", "%u:%g", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	if out := c.run(t.Context(), t, append(run, "--user", strings.TrimSpace(string(owner)), "upload", "/photos")...); !strings.Contains(out, "1 photo, 1 ready") {
		t.Errorf("output as the owner:\n%s", out)
	}
}

// wrongSettings starts workers and an API with settings that a user of Compose gets wrong.
func (c *containers) wrongSettings(t *testing.T) {
	for _, w := range []struct{ service, setting, want string }{
		{"worker", "WORKER_MEMORY=64m", "this container has 64 MiB of memory, too little for originals of 64 MiB: want at least 427 MiB"},
		{"worker", "VARIANTS=[]", "VARIANTS (--variants): 0 specs: want 1 to 16"},
		{"worker", "KEEP=gps", `KEEP (--keep): "gps" is not a field that can be kept: want a list of`},
		{"worker", "DAMAGED=yes", `DAMAGED (--damaged) must be one of "reject","accept"`},
		{"token-lambda", "BOARD_LIMITS={", "BOARD_LIMITS (--board-limits): "},
		{"token-lambda", "ALLOW_FORM=perhaps", "ALLOW_FORM (--allow-form): "},
	} {
		out := c.runFailing(t.Context(), t, []string{w.setting}, "run", "--rm", "-T", "--no-deps", w.service)
		if !strings.Contains(out, w.service+": error: ") || !strings.Contains(out, w.want) {
			t.Errorf("%s: want %q in:\n%s", w.setting, w.want, out)
		}
	}
}

// wantQuickStop checks that every service stops within five seconds while a page is open, which has connections without a
// request. A service that takes longer is killed, and its status shows it.
func (c *containers) wantQuickStop(t *testing.T) {
	for _, service := range []string{"front", "token-lambda", "worker", "aws"} {
		for _, address := range []string{c.API, c.S3, c.SQS, c.Issuer} {
			if conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://")); err == nil { // else it has stopped
				defer conn.Close()
			}
		}
		for _, id := range c.running(t, service) {
			runDocker(t.Context(), t, "stop", "--time", "5", id)
			if status := runDocker(t.Context(), t, "inspect", "--format", "{{.State.ExitCode}}", id); status != "0" {
				t.Errorf("%s ended with status %s, want 0", service, status)
			}
		}
	}
}
