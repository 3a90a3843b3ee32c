package engine

import (
	"bytes"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"slices"
	"testing"
	"time"

	"github.com/gen2brain/webp"

	"darkroom/worker/photo"
)

// movingGIF returns a GIF in which a disc crosses a gradient, and its frames as whole pictures. A frame lasts 50 ms,
// and the animation plays three times.
func movingGIF(t testing.TB, w, h, frames int) ([]byte, []*image.NRGBA) {
	t.Helper()
	g := &gif.GIF{Config: image.Config{Width: w, Height: h, ColorModel: color.Palette(palette.Plan9)}, LoopCount: 2}
	var whole []*image.NRGBA
	for i := range frames {
		m := image.NewPaletted(image.Rect(0, 0, w, h), palette.Plan9)
		for y := range h {
			for x := range w {
				c := color.RGBA{uint8(255 * x / w), uint8(255 * y / h), 128, 255}
				if dx, dy := x-w*(i+1)/(frames+1), y-h/2; dx*dx+dy*dy < h*h/25 {
					c = color.RGBA{255, 255, 255, 255}
				}
				m.Set(x, y, c)
			}
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, m), append(g.Delay, 5), append(g.Disposal, gif.DisposalNone)
		whole = append(whole, toNRGBA(m))
	}
	return toGIF(t, g), whole
}

// animatedSpec returns the Spec with Animate and these formats.
func animatedSpec(s Spec, formats ...Output) Spec {
	s.Formats, s.Animate = formats, true
	return s
}

// decodeFrames decodes an animated file with libwebp or the standard library. Both return whole frames of these files.
func decodeFrames(t testing.TB, img Image) (frames []*image.NRGBA, delays []time.Duration) {
	t.Helper()
	if img.Format == photo.GIF {
		g := must(gif.DecodeAll(bytes.NewReader(img.Data)))
		canvas := image.NewNRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
		for i, m := range g.Image {
			draw.Draw(canvas, m.Rect, m, m.Rect.Min, draw.Over)
			shown := image.NewNRGBA(canvas.Rect)
			copy(shown.Pix, canvas.Pix)
			frames, delays = append(frames, shown), append(delays, time.Duration(g.Delay[i])*10*time.Millisecond)
		}
		return frames, delays
	}
	g := must(webp.DecodeAll(bytes.NewReader(img.Data)))
	for i, m := range g.Image {
		frames, delays = append(frames, toNRGBA(m)), append(delays, time.Duration(g.Delay[i])*time.Millisecond)
	}
	return frames, delays
}

// TestAnimatedVariants compares the frames of variants with those of the photo, resized by a filter in floating point.
func TestAnimatedVariants(t *testing.T) {
	const w, h, count = 240, 160, 5
	file, whole := movingGIF(t, w, h, count)
	small := animatedSpec(boxSpec("small", 120, 0, Inside, 90), WebP, animatedOnly, JPEG)
	lossless := animatedSpec(boxSpec("lossless", 120, 0, Inside, 90), WebP)
	lossless.Lossless = true
	crop := animatedSpec(boxSpec("crop", 80, 80, Fill, 90), WebP)
	crop.Anchor = Left
	got := rendering(t, engine(t, Config{Specs: []Spec{small, lossless, crop}}), file)
	var list []string
	for _, img := range got.Images {
		list = append(list, img.Name+" "+string(img.Format))
	}
	if want := []string{"small webp", "small gif", "small jpeg", "lossless webp", "lossless jpeg", "crop webp", "crop jpeg"}; !slices.Equal(list, want) {
		t.Fatalf("files %q, want %q", list, want)
	}
	for _, img := range got.Images {
		if img.Animated != (img.Format != photo.JPEG) {
			t.Errorf("%s %s: animated is %v", img.Name, img.Format, img.Animated)
		}
		if !img.Animated {
			continue
		}
		if img.Duration != count*50*time.Millisecond || img.Loops != 3 {
			t.Errorf("%s %s: %v, %d loops", img.Name, img.Format, img.Duration, img.Loops)
		}
		frames, delays := decodeFrames(t, img)
		if len(frames) != count {
			t.Errorf("%s %s: %d frames, want %d", img.Name, img.Format, len(frames), count)
			continue
		}
		for i, m := range frames {
			to := dim(120, 80)
			want := newLights(whole[i]).resized(to, 1)
			least := 30.0 // limit for a dithered file, or a lossy one with colours of half the resolution
			if img.Name == "lossless" {
				least = 48
			}
			if img.Name == "crop" {
				want = shrink(toNRGBA(want.SubImage(image.Rect(0, 0, 80, 80))), dim(80, 80)) // no gaps between rows
			}
			if sizeOf(m) != sizeOf(want) || delays[i] != 50*time.Millisecond {
				t.Errorf("%s %s: frame %d has %v and %v", img.Name, img.Format, i, m.Rect, delays[i])
				continue
			}
			if db := psnr(t, m, want); db < least {
				t.Errorf("%s %s: frame %d has %.1f dB, want %.0f", img.Name, img.Format, i, db, least)
			}
		}
	}
}

// TestAnimateChangesNoStillFile checks that Animate changes no byte of the files of a photo that does not move, nor of
// the still files of one that does.
func TestAnimateChangesNoStillFile(t *testing.T) {
	moving, _ := movingGIF(t, 90, 60, 3)
	one, _ := movingGIF(t, 90, 60, 1)
	files := map[string][]byte{"moving": moving, "one frame": one, "PNG": quickPNG(t, noisy(90, 60)), "WebP": toWebP(t, noisy(90, 60), false)}
	plain := boxSpec("v", 40, 40, Fill, 80)
	plain.Anchor = Smart
	for name, file := range files {
		for _, formats := range [][]Output{{WebP}, {WebP, JPEG}, {Original}, {animatedOnly}} {
			without := plain
			without.Formats = slices.DeleteFunc(slices.Clone(formats), func(o Output) bool { return o == animatedOnly || o == WebP && name == "moving" })
			want := rendering(t, engine(t, Config{Specs: []Spec{without}}), file).Images
			got := slices.DeleteFunc(rendering(t, engine(t, Config{Specs: []Spec{animatedSpec(plain, formats...)}}), file).Images, func(i Image) bool { return i.Animated })
			if !slices.EqualFunc(got, want, func(a, b Image) bool { return a.Format == b.Format && bytes.Equal(a.Data, b.Data) }) {
				t.Errorf("%s in %v: %d still files, want the %d that it has without", name, formats, len(got), len(want))
			}
		}
	}
}

// TestAnimationLimits checks that the variants of an animation that exceeds a limit, or is damaged, show its first
// frame.
func TestAnimationLimits(t *testing.T) {
	file, _ := movingGIF(t, 100, 80, 4)
	cut := file[:len(file)*7/8]
	spec := animatedSpec(boxSpec("v", 50, 50, Inside, 80), WebP)
	still := spec
	still.Animate = false
	want := rendering(t, engine(t, Config{Specs: []Spec{still}}), file).Images
	for name, tc := range map[string]struct {
		file   []byte
		limits AnimationLimits
		reason photo.AnimationLost
	}{
		"none":       {file, AnimationLimits{}, ""},
		"at most":    {file, AnimationLimits{Frames: 4, Pixels: 4 * 100 * 80, Work: 4 * (100*80*frameWork + 50*40*variantWork)}, ""},
		"frames":     {file, AnimationLimits{Frames: 3}, photo.AnimationTooManyFrames},
		"pixels":     {file, AnimationLimits{Pixels: 4*100*80 - 1}, photo.AnimationTooManyPixels},
		"work":       {file, AnimationLimits{Work: 4*(100*80*frameWork+50*40*variantWork) - 1}, photo.AnimationTooExpensive},
		"damaged":    {cut, AnimationLimits{}, photo.AnimationDamaged},
		"small work": {file, AnimationLimits{Work: time.Millisecond}, photo.AnimationTooExpensive},
	} {
		e := engine(t, Config{Specs: []Spec{spec}, Animations: tc.limits})
		h := must(e.Inspect(tc.file))
		if tc.reason.IsLimit() == h.Moves() {
			t.Errorf("%s: moves is %v before anything is decoded", name, h.Moves())
		}
		got := must(e.Render(t.Context(), tc.file, h, nil))
		var info photo.Info
		got.Describe(&info)
		if info.AnimationLost != tc.reason || info.Duration != 200 {
			t.Errorf("%s: %+v, want %q", name, info, tc.reason)
		}
		if tc.reason == "" {
			if len(got.Images) != 2 || !got.Images[0].Animated || got.Images[1].Format != photo.JPEG {
				t.Errorf("%s: %d files", name, len(got.Images))
			}
			continue
		}
		if len(got.Images) != 1 || got.Images[0].Animated || !bytes.Equal(got.Images[0].Data, want[0].Data) {
			t.Errorf("%s: %d files, want the still one", name, len(got.Images))
		}
	}
	for want, l := range map[string]AnimationLimits{"frames: -1": {Frames: -1}, "pixels: -1": {Pixels: -1}, "work: 2h": {Work: 2 * time.Hour}} {
		if err := (Config{Animations: l}).Validate(); err == nil || !bytes.Contains([]byte(err.Error()), []byte("animation "+want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestDamagedAnimationIsAccepted checks that with Damaged, the animation ends before the damaged frame.
func TestDamagedAnimationIsAccepted(t *testing.T) {
	file, _ := movingGIF(t, 100, 80, 4)
	e := engine(t, Config{Specs: []Spec{animatedSpec(boxSpec("v", 50, 50, Inside, 80), WebP)}, Damaged: true})
	got := rendering(t, e, file[:len(file)*5/8])
	if frames, _ := decodeFrames(t, got.Images[0]); got.Damage == nil || len(frames) < 2 || len(frames) > 3 || got.Lost != nil {
		t.Errorf("%d frames, damage %v, lost %v", len(frames), got.Damage, got.Lost)
	}
}

// TestAnimationWithoutRenderedSpec checks that a spec whose files exist is not animated again, and that the other
// variants stay the same.
func TestAnimationWithoutRenderedSpec(t *testing.T) {
	file, _ := movingGIF(t, 100, 80, 3)
	specs := []Spec{animatedSpec(boxSpec("a", 50, 50, Inside, 80), WebP), animatedSpec(boxSpec("b", 40, 40, Inside, 80), WebP), boxSpec("c", 30, 30, Inside, 80)}
	e := engine(t, Config{Specs: specs})
	want := rendering(t, e, file).Images
	h := must(e.Inspect(file)).WithoutSpecs([]string{"a"})
	got := must(e.Render(t.Context(), file, h, nil)).Images
	if !slices.EqualFunc(got, want[2:], func(a, b Image) bool { return a.Name == b.Name && a.Format == b.Format && a.Animated == b.Animated }) {
		t.Errorf("%d files, want the last %d", len(got), len(want)-2)
	}
	if h.WithoutSpecs([]string{"a", "b"}).Moves() {
		t.Error("nothing is animated, but the header moves")
	}
	if all, some := e.Effort(must(e.Inspect(file))), e.Effort(h.WithoutSpecs([]string{"a", "b"})); some > all {
		t.Errorf("effort %v with animations and %v without", all, some)
	}
}

// TestAnimationMemory compares the estimate with what rendering takes.
func TestAnimationMemory(t *testing.T) {
	countsAllocations(t)
	file, _ := movingGIF(t, 800, 600, 6)
	e := engine(t, Config{Specs: []Spec{animatedSpec(boxSpec("v", 640, 0, Inside, 80), WebP, animatedOnly)}})
	rendering(t, e, file) // compiles the codec
	h := must(e.Inspect(file))
	most, estimate := peak(t, func() { rendering(t, e, file) }), e.Memory(h)
	t.Logf("estimate %d MB, takes %d MB", estimate>>20, most>>20)
	if estimate < most {
		t.Errorf("it takes %d bytes, more than the estimate of %d", most, estimate)
	}
	without, ok := h.WithoutAnimation(photo.AnimationTooManyPixels, nil)
	if plain := e.Memory(without); !ok || plain >= estimate {
		t.Errorf("%d bytes without the animation, %d with it", plain, estimate)
	}
}
