package format

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSystemLibrary checks programs on a system with the C libraries. One built without the tag nodynamic does not
// start, and one built with it runs its codecs in the sandbox.
func TestSystemLibrary(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the test looks for the libraries in the directories of Linux")
	}
	// The names under which the codec packages load them. Only development packages install these.
	libraries := map[string]map[string]string{
		"libwebp": {"libwebp.so": findLibrary("libwebp.so.7"), "libwebpdemux.so": findLibrary("libwebpdemux.so.2")},
		"libavif": {"libavif.so": findLibrary("libavif.so.1[6-9]")},
	}
	bin := t.TempDir()
	for name, files := range libraries {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for link, found := range files {
				if found == "" {
					if os.Getenv("DARKROOM_CI") == "1" && name == "libwebp" {
						t.Fatalf("%s is not installed (Debian: webp)", link)
					}
					t.Skipf("%s is not installed in a version that the codec package would load", link)
				}
				if err := os.Symlink(found, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			if code, out := run(t, dir, probe(t, bin, "nodynamic")); code != 0 || !strings.Contains(out, "decoded") {
				t.Errorf("with the tag: exit %d: %s", code, out)
			}
			if code, out := run(t, dir, probe(t, bin, "plain")); code != 3 || !strings.Contains(out, name) {
				t.Errorf("without the tag: exit %d: %s", code, out)
			}
		})
	}
}

// probe builds the program in testdata with a build tag, once.
func probe(t *testing.T, dir, tag string) string {
	t.Helper()
	path := filepath.Join(dir, tag)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-tags", tag, "-o", path, "./testdata/probe")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build -tags %s: %v\n%s", tag, err, out)
	}
	return path
}

// findLibrary returns the path of a library that matches a pattern, or "".
func findLibrary(pattern string) string {
	for _, dir := range []string{"/usr/lib", "/usr/lib64", "/usr/lib/" + map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH] + "-linux-gnu"} {
		if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// run runs a program that looks for libraries in a directory first.
func run(t *testing.T, libraries, program string) (code int, out string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}
