package engine

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// goldenVersion records which Version of the engine rendered which goldens.
var goldenVersion = filepath.Join("testdata", "golden", "version.txt")

// TestGoldenVersion fails if variants have changed but Version has not. Photos that are already rendered would keep
// their old variants, and no backfill would find them.
func TestGoldenVersion(t *testing.T) {
	sum := sha256.New()
	for _, name := range []string{"planes.txt", "rgb.txt"} {
		text, err := os.ReadFile(filepath.Join("testdata", "golden", name))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	digest := fmt.Sprintf("%x", sum.Sum(nil))

	text, err := os.ReadFile(goldenVersion)
	if err != nil {
		t.Fatal(err)
	}
	var version int
	var recorded string
	if _, err := fmt.Sscanf(string(text), "engine %d\ngoldens %s\n", &version, &recorded); err != nil {
		t.Fatalf("%s: %v", goldenVersion, err)
	}
	switch {
	case Version < version:
		t.Errorf("engine.Version is %d; it was %d already", Version, version)
	case Version > version && *update:
		if err := os.WriteFile(goldenVersion, fmt.Appendf(nil, "engine %d\ngoldens %s\n", Version, digest), 0o644); err != nil {
			t.Fatal(err)
		}
	case Version > version:
		t.Errorf("engine.Version is %d, the goldens were made by %d: run this test with -update", Version, version)
	case digest != recorded:
		t.Errorf("the goldens changed and engine.Version did not: raise engine.Version and run this test with -update, "+
			"or, if the variants of existing photos stay as they are (only new files were added, say), "+
			"write %s and an explanation below it into %s", digest, goldenVersion)
	}
}
