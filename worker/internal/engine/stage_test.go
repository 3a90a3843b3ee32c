package engine

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"

	"darkroom/deploy/testkit/ctxcheck"
	"darkroom/worker/internal/jpegwrite"
)

// TestStages checks that, for pictures in planes and in RGB, decoding is marked first and once, and that each variant
// is resampled before it is encoded.
func TestStages(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{boxSpec("large", 30, 30, Inside, 80), boxSpec("small", 10, 10, Inside, 80)}})
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

// TestRenderEndsWithItsContext ends the context in every step of a rendering.
func TestRenderEndsWithItsContext(t *testing.T) {
	smart := boxSpec("smart", 40, 40, Fill, 80)
	smart.Anchor, smart.Sharpen = Smart, 50
	large := boxSpec("large", 90, 90, Inside, 80)
	large.Upscale, large.Formats, large.Background, large.HDR = true, []Output{JPEG, PNG, WebP}, "#102030", KeepHDR
	e := engine(t, Config{Specs: []Spec{smart, large, boxSpec("small", 10, 10, Inside, 80)}})
	clear := scene(60, 40)
	clear.Pix[3] = 0
	for name, file := range map[string][]byte{
		"gain map": ultraHDR(t, scene(60, 40), gainJPEG(t, scene(30, 20), false, jpegwrite.Options{}), 6, phoneGain()),
		"planes":   withEXIF(insert(toJPEG(t, scene(60, 40), nil), 2, iccSegment(1, 1, displayP3())), exifBlock(binary.BigEndian, 6)),
		"RGB":      toPNG(t, clear),
	} {
		t.Run(name, func(t *testing.T) {
			h, err := e.Inspect(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Render(t.Context(), file, h, nil); err != nil { // fills the cache of the filter's weights
				t.Fatal(err)
			}
			ctxcheck.Ends(t, 200, func(ctx context.Context) error {
				r, err := e.Render(ctx, file, h, nil)
				if err != nil && len(r.Images) > 0 {
					t.Errorf("%d images with the error %v", len(r.Images), err)
				}
				return err
			})
		})
	}
}
