package tool

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// InstallNPM installs the npm packages that package.json and package-lock.json in files pin into a folder of the test,
// and returns its path. It runs no scripts of the packages.
func InstallNPM(t testing.TB, files fs.FS) string {
	t.Helper()
	npm := Find(t, "npm")
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}
