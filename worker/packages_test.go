package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// mostFiles is the largest number of files, without tests, of a package that needs no reason.
const mostFiles = 10

// largePackages are the packages with more files, each with its reason.
var largePackages = map[string]string{
	"worker":                         "a file for each command and for each group of settings",
	"worker/photo":                   "a file for each type of the contract with S3",
	"worker/internal/engine":         "a file for each step of a rendering",
	"worker/internal/format":         "files for each format, which share one table",
	"worker/internal/gainmap":        "a file for each of the standards that describe a gain map",
	"worker/internal/heif":           "a file for each part of the container, and for what its codecs need",
	"worker/internal/hevc":           "a file for each part of the standard; the parts share the state of one decoder",
	"worker/internal/jpegscan":       "a file for each part of the standard; the parts share the state of one decoder",
	"worker/internal/jpegwrite":      "a file for each part of the standard; the parts share the state of one encoder",
	"worker/internal/pngscan":        "a file for each part of the standard; the parts share the state of one decoder",
	"worker/internal/vp8":            "a file for each part of the standard; the parts share the state of one decoder",
	"worker/internal/vp8l":           "a file for each part of the standard; the parts share the state of one decoder",
	"worker/internal/pool":           "a file for each phase of a message",
	"worker/internal/raster":         "a file for each operation on pixels, with its kernels",
	"worker/internal/reconcile":      "a file for each step of a reconciliation",
	"token-lambda/internal/api":      "a file for each route, and for what the routes share",
	"deploy/local/fake/fakesqs":      "a file for each action of SQS",
	"deploy/sim/internal/simulation": "a file for each simulated part of AWS",
}

// TestPackagesAreSmall counts the files of each package. A reason that is no longer needed is a failure too.
func TestPackagesAreSmall(t *testing.T) {
	files := map[string]int{}
	for _, root := range []string{"worker", "token-lambda", "deploy"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				folder, relErr := filepath.Rel("..", filepath.Dir(path))
				files[filepath.ToSlash(folder)]++
				return relErr
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 100 {
		t.Fatalf("found only %d packages", len(files))
	}
	for pkg, n := range files {
		if _, ok := largePackages[pkg]; ok != (n > mostFiles) {
			t.Errorf("%s has %d files: split it above %d, or say in largePackages why it has more", pkg, n, mostFiles)
		}
	}
	for pkg := range largePackages {
		if files[pkg] == 0 {
			t.Errorf("%s has a reason, and no files", pkg)
		}
	}
}
