package heif

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestSystemLibrary: with libheif or libavif at hand, a program that was built without the tag nodynamic refuses, and
// one built with it decodes in the sandbox. One of the two is the program of these tests.
func TestSystemLibrary(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the libraries are looked for where Linux has them")
	}
	tests, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tagged := builtWith("nodynamic")
	probe := sync.OnceValue(func() string {
		path, tags := filepath.Join(t.TempDir(), "probe"), "nodynamic"
		if tagged {
			tags = "plain"
		}
		cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-tags", tags, "-o", path, "./testdata/probe")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build -tags %s: %v\n%s", tags, err, out)
		}
		return path
	})
	for _, library := range []struct{ name, versions string }{{"libheif", "libheif.so.1"}, {"libavif", "libavif.so.1[6-9]"}} {
		t.Run(library.name, func(t *testing.T) {
			found := installed(library.versions)
			if found == "" {
				if os.Getenv("DARKROOM_CI") != "" && library.name == "libheif" {
					t.Fatalf("%s is not installed (Debian: libheif1)", library.name)
				}
				t.Skipf("%s is not installed, of a version that the codec library would take", library.name)
			}
			// The name that is loaded, which only development packages install.
			libraries := t.TempDir()
			if err := os.Symlink(found, filepath.Join(libraries, library.name+".so")); err != nil {
				t.Fatal(err)
			}
			seed := filepath.Join("testdata", "quadrants.heic")
			if tagged {
				code, out := run(t, libraries, tests, "-test.run=^TestDecodeSeeds$", "-test.v")
				if code != 0 || !strings.Contains(out, "--- PASS: TestDecodeSeeds/quadrants.heic") {
					t.Errorf("with the tag: exit %d: %s", code, out)
				}
				if code, out := run(t, libraries, probe(), seed); code != 3 || !strings.Contains(out, library.name) {
					t.Errorf("without the tag: exit %d: %s", code, out)
				}
				return
			}
			if code, out := run(t, libraries, probe(), seed); code != 0 || !strings.Contains(out, "decoded") {
				t.Errorf("with the tag: exit %d: %s", code, out)
			}
			code, out := run(t, libraries, tests, "-test.run=^TestRefusal$", "-test.v")
			if code != 0 || !strings.Contains(out, "--- PASS: TestRefusal") || !strings.Contains(out, library.name) {
				t.Errorf("without the tag: exit %d: %s", code, out)
			}
		})
	}
}

// builtWith reports whether the program of these tests was built with a tag.
func builtWith(tag string) bool {
	info, _ := debug.ReadBuildInfo()
	return slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool {
		return s.Key == "-tags" && slices.Contains(strings.Split(s.Value, ","), tag)
	})
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

// run runs a program with a directory in which it looks for libraries first.
func run(t *testing.T, libraries, program string, args ...string) (code int, out string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}
