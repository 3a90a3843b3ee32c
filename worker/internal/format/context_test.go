package format

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/png"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/ctxcheck"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// textured returns a picture with detail, opaque or not.
func textured(width, height int, opaque bool) *image.NRGBA {
	m, r := image.NewNRGBA(image.Rect(0, 0, width, height)), rand.New(rand.NewPCG(1, 2))
	for y := range height {
		for x := range width {
			c := color.NRGBA{uint8(x*x/900 + r.IntN(20)), uint8(y), uint8(x + y), 255}
			if !opaque {
				c.A = uint8(x)
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func TestDecodeEndsWithItsContext(t *testing.T) {
	const width, height = 320, 240
	opaque, clear := textured(width, height, true), textured(width, height, false)
	jpegOf := func(o jpegn.EncodeOptions) []byte {
		var b bytes.Buffer
		if err := jpegn.Encode(&b, opaque, &o); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	pngOf := func(m image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	deep := image.NewNRGBA64(opaque.Rect)
	draw.Draw(deep, deep.Rect, opaque, image.Point{}, draw.Src)
	indexed := image.NewPaletted(opaque.Rect, palette.Plan9)
	draw.Draw(indexed, indexed.Rect, opaque, image.Point{}, draw.Src)
	var still bytes.Buffer
	if err := gif.Encode(&still, indexed, nil); err != nil {
		t.Fatal(err)
	}
	heic := must(os.ReadFile("../heif/testdata/quadrants.heic"))
	encoded := func(f Format, m *image.NRGBA, o Options) []byte {
		return must(f.Encode(t.Context(), raster.FromRGBA(m), o))
	}
	rows := func(n int) int { return height / n }
	for name, tc := range map[string]struct {
		file  []byte
		least int // checks
	}{
		"JPEG, baseline": {jpegOf(jpegn.EncodeOptions{Quality: 80}), rows(16)},
		// Several scans.
		"JPEG, progressive":  {jpegOf(jpegn.EncodeOptions{Quality: 80, Progressive: true}), 5 * rows(16)},
		"PNG, opaque":        {pngOf(opaque), len(opaque.Pix) / 4 * 3 / (64 << 10)},
		"PNG, transparent":   {pngOf(clear), len(clear.Pix) / (64 << 10)},
		"PNG, 16 bits":       {pngOf(deep), len(deep.Pix) / 8 * 6 / (64 << 10)},
		"GIF":                {still.Bytes(), rows(1) + still.Len()/300},
		"WebP, lossy":        {encoded(webpFormat, opaque, Options{Quality: 80}), rows(1) + rows(16)},
		"WebP, lossy, alpha": {encoded(webpFormat, clear, Options{Quality: 80}), rows(1) + rows(16)},
		"WebP, lossless":     {encoded(webpFormat, opaque, Options{Lossless: true}), rows(1)},
		"HEIC":               {heic, 64},
		"AVIF":               {encoded(avifFormat, opaque, Options{Quality: 60}), rows(1)},
		"AVIF, with alpha":   {encoded(avifFormat, clear, Options{Quality: 60}), 2 * rows(1)},
	} {
		for _, damaged := range []bool{false, true} {
			h, err := Inspect(tc.file, Limits{Pixels: 1 << 20, Damaged: damaged})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, planar := range []bool{false, h.Planar} {
				t.Run(name, func(t *testing.T) {
					ctxcheck.Ends(t, tc.least, func(ctx context.Context) error {
						d, err := Decode(ctx, tc.file, h, Target{Size: h.Stored(), Planar: planar})
						if err != nil && d.Damage != nil {
							t.Errorf("damage with the error %v: %v", err, d.Damage)
						}
						return err
					})
				})
			}
		}
	}
}

func TestEncodeEndsWithItsContext(t *testing.T) {
	const width, height = 160, 120
	for _, m := range []*image.NRGBA{textured(width, height, true), textured(width, height, false)} {
		p := raster.FromRGBA(m)
		for name, tc := range map[string]struct {
			format photo.Format
			Options
			least int // checks
		}{
			"PNG":            {photo.PNG, Options{}, height},
			"JPEG":           {photo.JPEG, Options{Quality: 60}, height + height/16},
			"JPEG, in scans": {photo.JPEG, Options{Quality: 60, Progressive: true}, height + height/16},
			"AVIF":           {photo.AVIF, Options{Quality: 60}, height},
			"WebP, lossy":    {photo.WebP, Options{Quality: 60}, 4},
			"WebP, lossless": {photo.WebP, Options{Lossless: true}, 4},
		} {
			t.Run(name, func(t *testing.T) {
				ctxcheck.Ends(t, tc.least, func(ctx context.Context) error {
					_, err := Lookup(tc.format).Encode(ctx, p, tc.Options)
					return err
				})
			})
		}
	}
}

// lateContext ends soon after a given number of checks has passed.
type lateContext struct {
	context.Context
	cancel func()
	checks int
	last   int // the last check that it passes

	cancelling sync.WaitGroup
}

func (c *lateContext) Err() error {
	c.checks++
	if c.checks == c.last {
		c.cancelling.Go(c.cancel)
	}
	if c.checks <= c.last {
		return nil
	}
	return c.Context.Err()
}

// TestCodecEndsInMidWork ends the context of a codec in the sandbox while it encodes, which would take many seconds.
// The last check that passes is the one before the call.
func TestCodecEndsInMidWork(t *testing.T) {
	const height = 1500
	p := raster.FromRGBA(textured(2000, height, true))
	for name, last := range map[photo.Format]int{photo.AVIF: 1 + height + 3, photo.WebP: 1 + 3} {
		ctx, cancel := context.WithCancel(t.Context())
		late := &lateContext{Context: ctx, cancel: cancel, last: last}
		if _, err := Lookup(name).Encode(late, p, Options{Quality: 80}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		late.cancelling.Wait()
		if late.checks <= last {
			t.Errorf("%s: %d checks, want more than %d", name, late.checks, last)
		}
	}
}
