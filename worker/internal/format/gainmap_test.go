package format

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFindGainMap reads the gain maps of HEICs. Those of JPEGs are tested with the engine.
func TestFindGainMap(t *testing.T) {
	for name, tc := range map[string]struct {
		orientation int // 0 for no gain map
		limit       int64
	}{
		"tone-map.heic":  {8, 1 << 20},
		"apple.heic":     {8, 160*96 + 80*64},
		"quadrants.heic": {0, 1 << 20},
		"alpha.avif":     {0, 1 << 20},
	} {
		data, err := os.ReadFile(filepath.Join("..", "heif", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		h, err := Inspect(data, Limits{Pixels: tc.limit})
		if err != nil {
			t.Fatal(err)
		}
		g, err := FindGainMap(data, h, Limits{Pixels: tc.limit})
		if _, err := FindGainMap(data, h, Limits{Pixels: 160*96 + 80*64 - 1}); (err != nil) != (g != nil) {
			t.Errorf("%s: with a pixel too many: %v", name, err)
		}
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case (g == nil) != (tc.orientation == 0):
			t.Errorf("%s: gain map %v", name, g != nil)
		case g != nil && (g.Orientation() != tc.orientation || g.Stored().Width != 80 || g.Stored().Height != 48 || !g.Grey() || g.Profile() != nil):
			t.Errorf("%s: orientation %d, %v, grey %v", name, g.Orientation(), g.Stored(), g.Grey())
		}
	}
}
