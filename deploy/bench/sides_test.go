package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/bench/internal/side"
)

func TestWorkerSide(t *testing.T) {
	c := side.WorkerSide("/bin/worker").Command([]string{"in/000.jpg", "in/001.jpg"}, side.ToJPEG, "out")
	if diff := cmp.Diff([]string{"/bin/worker", "render", "-o", "out", "in/000.jpg", "in/001.jpg"}, c.Args); diff != "" {
		t.Error(diff)
	}
	want := `VARIANTS=[{"name":"large","width":1600,"height":1600,"fit":"inside","formats":["jpeg"],"quality":80},` +
		`{"name":"medium","width":800,"height":800,"fit":"inside","formats":["jpeg"],"quality":80},` +
		`{"name":"small","width":320,"height":320,"fit":"inside","formats":["jpeg"],"quality":80}]`
	for _, v := range []string{want, "RENDERS=1", "GOMAXPROCS=1"} {
		if !slices.Contains(c.Env, v) {
			t.Errorf("environment without %s: %q", v, c.Env)
		}
	}
}

// TestSharpSideJob checks the job that the script gets, with a fake node that records its arguments.
func TestSharpSideJob(t *testing.T) {
	tools, dir := t.TempDir(), t.TempDir()
	log := filepath.Join(dir, "log")
	writeScript(t, tools, "node", `for a in "$@"; do echo "$a"; done > `+log)
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	c := side.SharpSide("/cache/sharp.mjs", "best").Command([]string{"/in/000.jpg", "/in/001.jpg", "/in/002.jpg"}, side.ToJPEG, "/out")
	if _, err := c.Measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(readFile(t, log)), "\n")
	if len(lines) != 2 || lines[0] != "/cache/sharp.mjs" {
		t.Fatalf("arguments %q", lines)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[1]), &got); err != nil {
		t.Fatal(err)
	}
	box := func(name string, n float64) any { return map[string]any{"name": name, "width": n, "height": n} }
	want := map[string]any{"way": "best", "file": "/in/000.jpg", "count": 3.0, "out": "/out", "format": "jpeg", "quality": 80.0,
		"sizes": []any{box("large", 1600), box("medium", 800), box("small", 320)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if c = side.SharpSide("/cache/sharp.mjs", "best").Command([]string{"/in/000.png"}, side.ToPNG, "/out"); !strings.Contains(c.Args[2], `"format":"png"`) {
		t.Errorf("job of a picture with alpha: %s", c.Args[2])
	}
	for field := range want {
		if !strings.Contains(string(side.Script), "job."+field) {
			t.Errorf("the script does not read %s", field)
		}
	}
}

// install runs InstallSharp with fakes of node and npm. After npm has run, sharp has this version.
func install(t *testing.T, cache, version string) (said []string, npmRuns int, err error) {
	t.Helper()
	tools := t.TempDir()
	writeScript(t, tools, "node", `dir=${1%/*}; test -f "$dir/package.json" || exit 9
test -f "$dir/installed" || { echo "Cannot find package 'sharp'" >&2; exit 1; }
read -r line < "$dir/installed" && echo "$line"`)
	log := filepath.Join(tools, "log")
	writeScript(t, tools, "npm", `echo "$@" >> `+log+`
test "`+version+`" = none && { echo "network is unreachable" >&2; exit 1; }
echo '{"sharp":"`+version+`","vips":"8.0.0"}' > installed`)
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	sides, versions, err := side.InstallSharp(t.Context(), cache, func(s string) { said = append(said, s) })
	if err == nil && (len(sides) != 3 || versions["vips"] != "8.0.0") {
		t.Errorf("sides %v, versions %v", sides, versions)
	}
	if b, readErr := os.ReadFile(log); readErr == nil {
		npmRuns = strings.Count(string(b), "install")
	}
	return said, npmRuns, err
}

func pinnedVersion(t *testing.T) string {
	t.Helper()
	var p struct{ Dependencies map[string]string }
	if err := json.Unmarshal(side.PackageJSON, &p); err != nil {
		t.Fatal(err)
	}
	v := p.Dependencies["sharp"]
	if v == "" || strings.Trim(v, "0123456789.") != "" {
		t.Fatalf("sharp %q is not pinned to one version", v)
	}
	return v
}

func TestInstallSharpOnce(t *testing.T) {
	cache, version := t.TempDir(), pinnedVersion(t)
	said, runs, err := install(t, cache, version)
	if err != nil || runs != 1 || len(said) != 1 || !strings.Contains(said[0], version) {
		t.Fatalf("first time: said %q, npm ran %d times, %v", said, runs, err)
	}
	if got := readFile(t, filepath.Join(cache, "sharp-"+version, "sharp.mjs")); got != string(side.Script) {
		t.Error("the installed script differs")
	}
	if said, runs, err = install(t, cache, version); err != nil || runs != 0 || len(said) != 0 {
		t.Fatalf("second time: said %q, npm ran %d times, %v", said, runs, err)
	}
}

func TestInstallSharpFails(t *testing.T) {
	if _, _, err := install(t, t.TempDir(), "none"); err == nil || !strings.Contains(err.Error(), "network is unreachable") {
		t.Errorf("npm fails: %v", err)
	}
	if _, _, err := install(t, t.TempDir(), "0.0.1"); err == nil || !strings.Contains(err.Error(), "not the pinned") {
		t.Errorf("another version: %v", err)
	}
}

func TestFindWorker(t *testing.T) {
	tools := t.TempDir()
	t.Setenv("PATH", tools)
	if _, _, err := side.FindWorker(t.Context(), "", t.TempDir(), func(string) {}); err == nil || !strings.Contains(err.Error(), "build worker") {
		t.Errorf("without go: error %v", err)
	}
	writeScript(t, tools, "other", `test "$1" = --version && echo worker v2`)
	if _, version, err := side.FindWorker(t.Context(), filepath.Join(tools, "other"), "", func(s string) { t.Error(s) }); err != nil || version != "worker v2" {
		t.Errorf("a program that is there: %q, %v", version, err)
	}
}

// TestGrids checks the commands that encode files at several qualities.
func TestGrids(t *testing.T) {
	to := side.Target{Name: "webp", Extension: ".webp", Quality: 80, Grid: []int{30, 60}}
	c := side.WorkerSide("/bin/worker").Encode([]string{"large.png", "small.png"}, to, "out")
	want := `VARIANTS=[{"name":"q30","width":1600,"height":1600,"fit":"inside","formats":["webp"],"quality":30},` +
		`{"name":"q60","width":1600,"height":1600,"fit":"inside","formats":["webp"],"quality":60}]`
	if !slices.Contains(c.Env, want) || !slices.Equal(c.Args, []string{"/bin/worker", "render", "-o", "out", "large.png", "small.png"}) {
		t.Errorf("%q with %q", c.Args, c.Env)
	}
	c = side.SharpSide("/sharp.mjs", "mozjpeg").Encode([]string{"large.png"}, to, "out")
	if want := `{"way":"mozjpeg","out":"out","format":"webp","files":["large.png"],"grid":[30,60]}`; c.Args[2] != want {
		t.Errorf("job %s", c.Args[2])
	}
	for _, field := range []string{"files", "grid"} {
		if !strings.Contains(string(side.Script), "job."+field) {
			t.Errorf("the script does not read %s", field)
		}
	}
}
