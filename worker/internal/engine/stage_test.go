package engine

import (
	"slices"
	"testing"
)

// TestStages: for pictures in planes and in RGB, decoding is marked first and once, and each variant is resampled before
// it is encoded.
func TestStages(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{box("large", 30, 30, Inside, 80), box("small", 10, 10, Inside, 80)}})
	clear := scene(60, 40)
	clear.Pix[3] = 0
	for name, file := range map[string][]byte{"planes": toJPEG(t, scene(60, 40), nil), "RGB": toPNG(t, clear)} {
		h, err := e.Inspect(file)
		if err != nil {
			t.Fatal(err)
		}
		var got []Stage
		if _, err := e.Render(t.Context(), file, h, func(s Stage) { got = append(got, s) }); err != nil {
			t.Fatal(err)
		}
		if want := []Stage{Decode, Resample, Encode, Resample, Encode, Resample}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
