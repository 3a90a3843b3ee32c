package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dependencies returns the import paths that a package links, without its tests.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./internal/"+pkg).Output()
	if err != nil {
		t.Fatalf("go list -deps ./internal/%s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// codecPaths matches the import paths that read or write pictures.
var codecPaths = regexp.MustCompile(`^darkroom/worker/internal/(c2pa|credit|exif|engine|develop|format|gainmap|raster|plane|heif|hevc|icc|jpegscan|jpegwrite|perceptualhash|pngscan|pngwrite|thumbhash)(/|$)` +
	`|^image/|/(jpegn|imaging|webp|gen2brain)|wazero`)

// awsPaths matches the import paths that belong to AWS.
var awsPaths = regexp.MustCompile(`^github\.com/aws/|^darkroom/worker/s3event$|/(s3store|sqsqueue|ecsservice|ecstask|purge/cloudfront)$`)

func TestDependencies(t *testing.T) {
	for _, tc := range []struct {
		name      string
		forbidden *regexp.Regexp
		packages  []string
	}{
		{"a codec", codecPaths, []string{"store", "store/s3store", "queue", "queue/sqsqueue", "pool", "repair", "deadletter", "purge", "purge/cloudfront"}},
		{"AWS", awsPaths, []string{"store", "queue", "pool", "reconcile", "develop", "purge"}},
	} {
		for _, pkg := range tc.packages {
			for _, path := range dependencies(t, pkg) {
				if tc.forbidden.MatchString(path) {
					t.Errorf("%s links %s: %s", pkg, tc.name, path)
				}
			}
		}
	}
}

// TestDependenciesSeesFaults checks that the test above can fail.
func TestDependenciesSeesFaults(t *testing.T) {
	for pkg, forbidden := range map[string]*regexp.Regexp{"reconcile": codecPaths, "store/s3store": awsPaths} {
		if !slices.ContainsFunc(dependencies(t, pkg), forbidden.MatchString) {
			t.Errorf("%s links nothing that matches %v", pkg, forbidden)
		}
	}
}

// TestCoreNamesNoAWSTerm looks for terms of AWS in the packages that must not know where they run, tests included.
func TestCoreNamesNoAWSTerm(t *testing.T) {
	term := regexp.MustCompile(`(?i)\b(aws|amazon|s3|sqs|sns|ecs|dynamodb|eventbridge|lambda)\b`)
	for _, pkg := range []string{"reconcile", "develop", "pool"} {
		files, err := filepath.Glob("internal/" + pkg + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("files of %s: %v, %v", pkg, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(text), "\n") {
				if found := term.FindString(line); found != "" {
					t.Errorf("%s:%d names %s: %s", file, i+1, found, strings.TrimSpace(line))
				}
			}
		}
	}
}
