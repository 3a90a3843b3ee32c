package web

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// mostBytes is the limit for the client library, compressed.
const mostBytes = 6 << 10

func TestLibraryIsSmall(t *testing.T) {
	b, err := files.ReadFile("page/darkroom.js")
	if err != nil {
		t.Fatal(err)
	}
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("darkroom.js has %d bytes, %d compressed", len(b), compressed.Len())
	if compressed.Len() > mostBytes {
		t.Errorf("darkroom.js has %d bytes compressed, want at most %d", compressed.Len(), mostBytes)
	}
	if link.MatchString(string(b[bytes.Index(b, []byte("*/")):])) {
		t.Error("darkroom.js imports another file")
	}
}

// checked installs the packages of the checks beside a copy of the modules, and returns a function that changes a file
// of the copy, runs a check and restores the file.
func checked(t *testing.T) func(file, before, after string, check ...string) (report string, ok bool) {
	dir := tool.InstallNPM(t, os.DirFS("."))
	for _, folder := range []string{"page", "test"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"eslint.config.js", "tsconfig.json"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(file, before, after string, check ...string) (string, bool) {
		t.Helper()
		path := filepath.Join(dir, file)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), before) {
			t.Errorf("%s does not have %s", file, before)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(b), before, after, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "node_modules", ".bin", check[0]), check[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return string(out), err == nil
	}
}

// TestChecks checks the types of the client library with TypeScript and all modules with ESLint, and that both find
// faults.
func TestChecks(t *testing.T) {
	run := checked(t)
	for _, check := range [][]string{{"tsc", "-p", "."}, {"eslint", "."}} {
		if report, ok := run("page/darkroom.js", "", "", check...); !ok {
			t.Errorf("%s:\n%s", check[0], report)
		}
	}
	for want, c := range map[string]struct {
		file, before, after string
		check               []string
	}{
		"TS2345":         {"page/darkroom.js", "Date.parse(grant.expiresAt)", "Date.parse(5)", []string{"tsc", "-p", "."}},
		"TS2551":         {"page/darkroom.js", "grant.spent ||", "grant.spend ||", []string{"tsc", "-p", "."}},
		"no-unused-vars": {"page/store.js", "export class Store", "const unused = 1;\nexport class Store", []string{"eslint", "."}},
		"no-undef":       {"page/grid.js", "innerHeight", "innerHigh", []string{"eslint", "."}},
	} {
		if report, ok := run(c.file, c.before, c.after, c.check...); ok || !strings.Contains(report, want) {
			t.Errorf("%s is not reported:\n%s", want, report)
		}
	}
}
