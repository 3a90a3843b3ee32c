package heif

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSystemLibrary: with libheif or libavif at hand, a program that was built without the tag nodynamic refuses, and
// one built with it decodes in the sandbox.
func TestSystemLibrary(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the libraries are looked for where Linux has them")
	}
	dir := t.TempDir()
	probe := func(tags string) string {
		path := filepath.Join(dir, "probe-"+tags)
		cmd := exec.Command("go", "build", "-tags", tags, "-o", path, "./testdata/probe")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build -tags %s: %v\n%s", tags, err, out)
		}
		return path
	}
	with, without := "", ""
	for _, library := range []struct{ name, versions string }{{"libheif", "libheif.so.1"}, {"libavif", "libavif.so.1[6-9]"}} {
		t.Run(library.name, func(t *testing.T) {
			found := installed(library.versions)
			if found == "" {
				if os.Getenv("DARKROOM_CI") != "" && library.name == "libheif" {
					t.Fatalf("%s is not installed (Debian: libheif1)", library.name)
				}
				t.Skipf("%s is not installed, of a version that the codec library would take", library.name)
			}
			if with == "" {
				with, without = probe("nodynamic"), probe("plain")
			}
			// The name that is loaded, which only development packages install.
			libraries := t.TempDir()
			if err := os.Symlink(found, filepath.Join(libraries, library.name+".so")); err != nil {
				t.Fatal(err)
			}
			if code, out := run(t, libraries, with); code != 0 || !strings.Contains(out, "decoded") {
				t.Errorf("with the tag: exit %d: %s", code, out)
			}
			if code, out := run(t, libraries, without); code != 3 || !strings.Contains(out, library.name) {
				t.Errorf("without the tag: exit %d: %s", code, out)
			}
		})
	}
}

// installed returns the path of a library that matches a pattern, or nothing.
func installed(pattern string) string {
	for _, dir := range []string{"/usr/lib", "/usr/lib64", "/usr/lib/" + map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH] + "-linux-gnu"} {
		if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// run runs a program on a seed with a directory in which it looks for libraries first.
func run(t *testing.T, libraries, program string) (code int, out string) {
	t.Helper()
	cmd := exec.Command(program, filepath.Join("testdata", "quadrants.heic"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}
