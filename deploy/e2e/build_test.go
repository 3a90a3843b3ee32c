package e2e

import (
	"debug/buildinfo"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"

	"darkroom/deploy/local/build"
	"darkroom/deploy/testkit/programs"
)

// TestBuild checks that the programs are static and built with the sandboxed codecs.
func TestBuild(t *testing.T) {
	bin := programs.Shared(t)
	for _, name := range build.All() {
		info, err := buildinfo.ReadFile(filepath.Join(bin, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []debug.BuildSetting{{Key: "-tags", Value: "nodynamic"}, {Key: "CGO_ENABLED", Value: "0"}} {
			if !slices.Contains(info.Settings, want) {
				t.Errorf("%s: built without %s=%s", name, want.Key, want.Value)
			}
		}
	}
}
