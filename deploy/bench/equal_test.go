package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/bench/internal/photoset"
)

// TestEqual checks that each size of a photo gets a line and a mean, and that Darkroom's file is smaller.
func TestEqual(t *testing.T) {
	dir := t.TempDir()
	photos, err := photoset.Draw(dir, []photoset.Drawing{{Name: "small.jpg", Width: 820, Height: 300, Kind: photoset.Baseline}})
	if err != nil {
		t.Fatal(err)
	}
	out, errs, status := program(t, os.Environ(), "--equal", photos[0].Path)
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	means := regexp.MustCompile(`(?m)^mean of 1 +(\d+) +0\.\d{4}`).FindAllStringSubmatch(out, -1)
	if len(means) != 2 || means[0][1] != "800" || means[1][1] != "320" || strings.Count(out, "small.jpg") != 2 {
		t.Errorf("want means below 1 of 800 and 320 pixels, got\n%s", out)
	}
	if _, errs, status := program(t, os.Environ(), "--equal", filepath.Join(dir, "none.jpg")); status == 0 || !strings.Contains(errs, "none.jpg") {
		t.Errorf("no such photo: status %d, %s", status, errs)
	}
}

func TestEqualDrawings(t *testing.T) {
	for _, name := range equalDrawings {
		if !slices.ContainsFunc(photoset.Drawings, func(d photoset.Drawing) bool { return d.Name == name }) {
			t.Errorf("there is no drawing %s", name)
		}
	}
}
