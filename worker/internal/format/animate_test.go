package format

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gen2brain/webp"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// shownFrame is a whole frame and its duration.
type shownFrame struct {
	m *image.NRGBA
	d time.Duration
}

// scribbles returns an animation in which each frame changes a few rectangles of the one before, or nothing.
func scribbles(w, h, frames int, transparent bool, seed uint64) []shownFrame {
	random := rand.New(rand.NewPCG(seed, 2))
	canvas := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(canvas, canvas.Rect, image.NewUniform(color.NRGBA{200, 220, 240, 255}), image.Point{}, draw.Src)
	var all []shownFrame
	for range frames {
		for range random.IntN(4) {
			r := image.Rect(random.IntN(w), random.IntN(h), random.IntN(w+1), random.IntN(h+1))
			c := color.NRGBA{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256)), 255}
			if transparent && random.IntN(3) == 0 {
				c = color.NRGBA{}
			}
			draw.Draw(canvas, r, image.NewUniform(c), image.Point{}, draw.Src)
		}
		all = append(all, shownFrame{cut(canvas, canvas.Rect), time.Duration(20+random.IntN(200)) * time.Millisecond})
	}
	return all
}

func writeAnimation(t *testing.T, f photo.Format, o AnimationOptions, frames []shownFrame) []byte {
	t.Helper()
	w, err := Lookup(f).Animate(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		m := cut(f.m, f.m.Rect)
		if err := w.Add(t.Context(), m, f.d); err != nil {
			t.Fatal(err)
		}
		clear(m.Pix) // overwrites the frame, which the writer must not keep
	}
	file, err := w.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestAnimatedWebP compares frames with those of libwebp's animation decoder.
func TestAnimatedWebP(t *testing.T) {
	for name, tc := range map[string]struct {
		w, h        int
		transparent bool
		lossless    bool
		drawn       bool
	}{
		"lossless":              {w: 31, h: 17, lossless: true},
		"lossless, transparent": {w: 32, h: 21, transparent: true, lossless: true},
		"drawn, transparent":    {w: 40, h: 30, transparent: true, drawn: true},
		"lossy":                 {w: 61, h: 43},
		"lossy, transparent":    {w: 60, h: 43, transparent: true},
		"a pixel":               {w: 1, h: 1, lossless: true},
	} {
		frames := scribbles(tc.w, tc.h, 12, tc.transparent, 7)
		file := writeAnimation(t, photo.WebP, AnimationOptions{Options: Options{Quality: 95}, Size: raster.Size{Width: tc.w, Height: tc.h}, Loops: 3, Lossless: tc.lossless, Drawn: tc.drawn}, frames)
		if at := bytes.Index(file, []byte("ANIM")); file[at+12] != 3 || file[at+13] != 0 {
			t.Errorf("%s: loops % x", name, file[at+12:at+14])
		}
		got, err := webp.DecodeAll(bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var shown []shownFrame
		for i, m := range got.Image {
			d := time.Duration(got.Delay[i]) * time.Millisecond
			n := image.NewNRGBA(m.Bounds())
			draw.Draw(n, n.Rect, m, image.Point{}, draw.Src)
			shown = append(shown, shownFrame{n, d})
		}
		most := 0.0
		if !tc.lossless {
			most = 16 // edges of flat rectangles share their colours with their neighbours
		}
		compareShown(t, name, frames, shown, most)
	}
}

// compareShown compares what two animations show at the middle of each frame of the first.
func compareShown(t *testing.T, name string, want, got []shownFrame, most float64) {
	t.Helper()
	var total, length time.Duration
	for _, f := range got {
		length += f.d
	}
	for i, f := range want {
		at := total + f.d/2
		total += f.d
		j := 0
		for begun := time.Duration(0); j < len(got)-1 && begun+got[j].d <= at; j++ {
			begun += got[j].d
		}
		if off := difference(f.m, got[j].m); off > most {
			t.Errorf("%s: frame %d differs by %.1f from frame %d of the file", name, i, off, j)
			return
		}
	}
	if off := length - total; off < -10*time.Millisecond || off > 10*time.Millisecond {
		t.Errorf("%s: takes %v, want %v", name, length, total)
	}
}

// difference returns the root mean square of the differences of samples, where transparent pixels have no colour.
func difference(a, b *image.NRGBA) float64 {
	sum := 0
	for i := 0; i < len(a.Pix); i += 4 {
		for c := range 4 {
			if c < 3 && a.Pix[i+3] == 0 && b.Pix[i+3] == 0 {
				continue
			}
			d := int(a.Pix[i+c]) - int(b.Pix[i+c])
			sum += d * d
		}
	}
	return math.Sqrt(float64(sum) / float64(len(a.Pix)))
}

// TestAnimationDurations checks that rounding errors do not add up, and that a frame that changes nothing extends the
// one before.
func TestAnimationDurations(t *testing.T) {
	frames := scribbles(8, 8, 1, false, 1)
	var all []shownFrame
	for i := range 90 {
		m := cut(frames[0].m, frames[0].m.Rect)
		m.Pix[0] = byte(i / 2) // two alike, one after the other
		all = append(all, shownFrame{m, time.Second / 60})
	}
	file := writeAnimation(t, photo.WebP, AnimationOptions{Size: raster.Size{Width: 8, Height: 8}, Lossless: true}, all)
	got, err := webp.DecodeAll(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for i, d := range got.Delay {
		if sum += d; d < 33 || d > 34 {
			t.Errorf("frame %d: %d ms", i, d)
		}
	}
	if len(got.Delay) != 45 || sum != 1500 {
		t.Errorf("%d frames, %d ms in all, want 45 and 1500", len(got.Delay), sum)
	}
}

// TestLongAnimatedWebP writes a frame whose duration does not fit into the 24 bits of one frame.
func TestLongAnimatedWebP(t *testing.T) {
	frames := scribbles(9, 7, 2, false, 3)
	frames[0].d = 12 * time.Hour
	file := writeAnimation(t, photo.WebP, AnimationOptions{Size: raster.Size{Width: 9, Height: 7}, Lossless: true}, frames)
	got, err := webp.DecodeAll(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	sum := time.Duration(0)
	for _, d := range got.Delay {
		sum += time.Duration(d) * time.Millisecond
	}
	if want := frames[0].d + frames[1].d; sum != want || len(got.Delay) < 3 {
		t.Errorf("%d frames of %v, want %v", len(got.Delay), sum, want)
	}
}

func TestAnimationEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	frame := scribbles(64, 64, 1, true, 1)[0]
	for _, f := range []photo.Format{photo.WebP, photo.GIF} {
		w, err := Lookup(f).Animate(AnimationOptions{Size: raster.Size{Width: 64, Height: 64}, Options: Options{Quality: 80}})
		if err != nil {
			t.Fatal(err)
		}
		if err = w.Add(ctx, frame.m, time.Second); err == nil {
			_, err = w.Finish(ctx)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// TestAnimatedFormats checks that only the formats that can be animated have a writer, and that a writer needs a frame.
func TestAnimatedFormats(t *testing.T) {
	var can []photo.Format
	for _, f := range table {
		w, err := f.Animate(AnimationOptions{Size: raster.Size{Width: 1, Height: 1}})
		if err != nil {
			continue
		}
		can = append(can, f.Name)
		if _, err := w.Finish(t.Context()); err == nil {
			t.Errorf("%s: a file without a frame", f.Name)
		}
	}
	if !slices.Equal(can, []photo.Format{photo.GIF, photo.WebP}) {
		t.Errorf("animations are written as %v", can)
	}
}
