package gifwrite

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

type shown struct {
	m *image.NRGBA
	d time.Duration
}

// play decodes a GIF with the standard library, and composes the frames as browsers do.
func play(t *testing.T, file []byte) (frames []shown, loops int) {
	t.Helper()
	g, err := gif.DecodeAll(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
	for i, m := range g.Image {
		draw.Draw(canvas, m.Rect, m, m.Rect.Min, draw.Over)
		copied := image.NewNRGBA(canvas.Rect)
		copy(copied.Pix, canvas.Pix)
		frames = append(frames, shown{copied, time.Duration(g.Delay[i]) * 10 * time.Millisecond})
		if g.Disposal[i] == gif.DisposalBackground {
			draw.Draw(canvas, m.Rect, image.Transparent, image.Point{}, draw.Src)
		}
	}
	return frames, g.LoopCount
}

func write(t *testing.T, frames []shown, loops int) []byte {
	t.Helper()
	w := New(frames[0].m.Rect.Dx(), frames[0].m.Rect.Dy(), loops)
	for _, f := range frames {
		m := image.NewNRGBA(f.m.Rect)
		copy(m.Pix, f.m.Pix)
		if err := w.Add(t.Context(), m, f.d); err != nil {
			t.Fatal(err)
		}
		clear(m.Pix)
	}
	file, err := w.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestExactFrames checks that frames of few colours are unchanged, whatever appears and vanishes.
func TestExactFrames(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		w, h := 1+random.IntN(40), 1+random.IntN(30)
		canvas := image.NewNRGBA(image.Rect(0, 0, w, h))
		var frames []shown
		for range 10 {
			for range random.IntN(3) {
				c := color.NRGBA{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256)), 255}
				if random.IntN(3) == 0 {
					c = color.NRGBA{}
				}
				draw.Draw(canvas, image.Rect(random.IntN(w), random.IntN(h), random.IntN(w+1), random.IntN(h+1)), image.NewUniform(c), image.Point{}, draw.Src)
			}
			m := image.NewNRGBA(canvas.Rect)
			copy(m.Pix, canvas.Pix)
			frames = append(frames, shown{m, time.Duration(2+random.IntN(30)) * 10 * time.Millisecond})
		}
		got, _ := play(t, write(t, frames, 0))
		i, left := 0, got[0].d
		for n, f := range frames {
			if !bytes.Equal(got[i].m.Pix, f.m.Pix) {
				t.Fatalf("seed %d: frame %d differs from frame %d of the file", seed, n, i)
			}
			if left -= f.d; left == 0 && i < len(got)-1 {
				i++
				left = got[i].d
			}
		}
		if left != 0 || i != len(got)-1 {
			t.Errorf("seed %d: %v are left of frame %d of %d", seed, left, i, len(got))
		}
	}
}

// TestLoops compares loop counts with image/gif, which counts repeats and has -1 for none.
func TestLoops(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	for plays, want := range map[int]int{0: 0, 1: -1, 2: 1, 7: 6, 65536: 65535} {
		if _, loops := play(t, write(t, []shown{{m, time.Second}}, plays)); loops != want {
			t.Errorf("%d plays: %d repeats, want %d", plays, loops, want)
		}
	}
}

// TestDelays checks that no frame is shorter than two hundredths of a second, and that the whole has the right length.
func TestDelays(t *testing.T) {
	for name, tc := range map[string]struct {
		frames int
		each   time.Duration
		count  int
		whole  time.Duration
	}{
		"a thirtieth":   {30, time.Second / 30, 30, time.Second},
		"a sixtieth":    {120, time.Second / 60, -1, 2 * time.Second},
		"11 ms":         {100, 11 * time.Millisecond, -1, 1100 * time.Millisecond},
		"long":          {2, 1400 * time.Second, 6, 2800 * time.Second},
		"a bit over":    {1, 655360 * time.Millisecond, 2, 655360 * time.Millisecond},
		"only too fast": {1, 11 * time.Millisecond, 1, 20 * time.Millisecond},
	} {
		var frames []shown
		for i := range tc.frames {
			m := image.NewNRGBA(image.Rect(0, 0, 3, 3))
			draw.Draw(m, m.Rect, image.NewUniform(color.NRGBA{uint8(i), 0, 0, 255}), image.Point{}, draw.Src)
			frames = append(frames, shown{m, tc.each})
		}
		got, _ := play(t, write(t, frames, 0))
		var whole time.Duration
		for i, f := range got {
			if whole += f.d; f.d < 20*time.Millisecond {
				t.Errorf("%s: frame %d takes %v", name, i, f.d)
			}
		}
		if off := whole - tc.whole; off < -10*time.Millisecond || off > 10*time.Millisecond || tc.count >= 0 && len(got) != tc.count {
			t.Errorf("%s: %d frames of %v, want %d of %v", name, len(got), whole, tc.count, tc.whole)
		}
	}
}

// TestLongFrames shows frames of noise for hours each, and then makes them vanish. Their repeats must take only a few
// bytes.
func TestLongFrames(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var frames []shown
	for i := range 4 {
		m := image.NewNRGBA(image.Rect(0, 0, 100, 100))
		for j := 0; i < 3 && j < len(m.Pix); j += 4 {
			copy(m.Pix[j:], []byte{byte(random.IntN(5)), byte(random.IntN(5)), byte(i), 255})
		}
		frames = append(frames, shown{m, 18 * time.Hour})
	}
	long := write(t, frames, 0)
	got, _ := play(t, long)
	var whole time.Duration
	for _, f := range got {
		want := frames[whole/(18*time.Hour)].m
		if !bytes.Equal(f.m.Pix, want.Pix) {
			t.Fatalf("the frame shown after %v is wrong", whole)
		}
		whole += f.d
	}
	if whole != 72*time.Hour {
		t.Errorf("the whole takes %v, want 72 h", whole)
	}
	for i := range frames {
		frames[i].d = time.Second
	}
	if short, repeats := write(t, frames, 0), len(got)-len(frames); len(long) > len(short)+40*repeats+2000 {
		t.Errorf("%d bytes, and %d with %d repeats", len(short), len(long), repeats)
	}
}

// TestManyColours checks that the local means of a dithered frame, which the eye sees, are those of the original.
func TestManyColours(t *testing.T) {
	const side = 128
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.SetNRGBA(x, y, color.NRGBA{uint8(2 * x), uint8(2 * y), uint8(255 - x - y), 255})
		}
	}
	got, _ := play(t, write(t, []shown{{m, time.Second}}, 0))
	squares, n := 0.0, 0
	for y := 4; y < side-4; y += 4 {
		for x := 4; x < side-4; x += 4 {
			for c := range 3 {
				sum := 0
				for dy := range 4 {
					for dx := range 4 {
						at := m.PixOffset(x+dx, y+dy) + c
						sum += int(got[0].m.Pix[at]) - int(m.Pix[at])
					}
				}
				squares, n = squares+math.Pow(float64(sum)/16, 2), n+1
			}
		}
	}
	if psnr := 10 * math.Log10(255*255/(squares/float64(n))); psnr < 38 {
		t.Errorf("the means of 4 x 4 pixels have %.1f dB, want 38", psnr)
	}
}

func FuzzWriter(f *testing.F) {
	f.Add(uint8(3), uint8(2), []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 254, 253, 0, 0, 0, 0, 9, 9, 9, 255})
	f.Fuzz(func(t *testing.T, w, h uint8, data []byte) {
		size := image.Rect(0, 0, int(w%20)+1, int(h%20)+1)
		var frames []shown
		for len(data) > 0 && len(frames) < 5 {
			m := image.NewNRGBA(size)
			d := time.Duration(data[0]) * 7 * time.Millisecond
			data = data[copy(m.Pix, data):]
			frames = append(frames, shown{m, d})
		}
		if len(frames) == 0 {
			return
		}
		got, _ := play(t, write(t, frames, 1))
		for i := 3; i < len(got[0].m.Pix); i += 4 {
			if opaque := frames[0].m.Pix[i] >= 128; opaque != (got[0].m.Pix[i] == 255) {
				t.Fatalf("pixel %d: alpha %d became %d", i/4, frames[0].m.Pix[i], got[0].m.Pix[i])
			}
		}
	})
}
