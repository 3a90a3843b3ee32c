package render

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"darkroom/worker/photo"
)

// TestDamageIsPrinted checks that a damaged photo does not count as a failure, and that its line says what is wrong,
// also next to a progress bar.
func TestDamageIsPrinted(t *testing.T) {
	m := &photo.Manifest{Photo: &photo.Info{Format: photo.JPEG, Width: 60, Height: 40}, Variants: make([]photo.Variant, 2)}
	in := input{path: "cut.jpg", folder: "out/cut"}
	const want = "cut.jpg: 60 x 40 jpeg, 2 variants in out/cut\ncut.jpg: damaged: the file ends in row 9\n" +
		"cut.jpg: rendered without its gain map: it ends in row 3\n"
	for _, terminal := range []bool{false, true} {
		var lines bytes.Buffer
		p := newProgress(Config{Progress: &lines, Terminal: terminal}, 3)
		p.reportDone(in, m, errors.New("the file ends in row 9"), nil, errors.New("it ends in row 3"))
		p.close()
		if got := lines.String(); !strings.Contains(got, want) || p.failures() != 0 {
			t.Errorf("terminal %v: %q, %d failures, want %q and none", terminal, got, p.failures(), want)
		}
	}
}
