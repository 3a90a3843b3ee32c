package animation

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	for ms, want := range map[int]int{0: 100, 1: 100, 10: 100, 11: 11, 20: 20, 16777215: 16777215, 65535000: 65535000, 86400001: 86400000} {
		if got := Delay(time.Duration(ms) * time.Millisecond); got != time.Duration(want)*time.Millisecond {
			t.Errorf("%d ms: %v, want %d ms", ms, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	l := Limits{Frames: 100, Pixels: 1000}
	for _, c := range []struct {
		h    Header
		want string
	}{
		{Header{Width: 2, Height: 5, Frames: 100}, ""},
		{Header{Width: 2, Height: 5, Frames: 101}, "the animation has 101 frames, more than the limit of 100"},
		{Header{Width: 2, Height: 6, Frames: 84}, "the animation has 1008 pixels in all frames, more than the limit of 1000"},
		{Header{Width: 65535, Height: 32767, Frames: 2}, "the animation has 4294770690 pixels in all frames, more than the limit of 1000"},
	} {
		err := l.Check(c.h)
		var limit *LimitError
		if (err == nil) != (c.want == "") || err != nil && (err.Error() != c.want || !errors.As(err, &limit)) {
			t.Errorf("%+v: %v, want %q", c.h, err, c.want)
		}
	}
}

// TestDisposal follows a canvas of 4 x 1 pixels through frames of one colour each.
func TestDisposal(t *testing.T) {
	type step struct {
		colour   byte
		x0, x1   int
		disposal Disposal
		want     string // colours of the canvas; a dot is transparent
		changed  [2]int
	}
	for name, steps := range map[string][]step{
		"keep":                     {{'a', 0, 4, Keep, "aaaa", [2]int{0, 4}}, {'b', 1, 2, Keep, "abaa", [2]int{1, 2}}, {'c', 3, 4, Keep, "abac", [2]int{3, 4}}},
		"background":               {{'a', 0, 4, Keep, "aaaa", [2]int{0, 4}}, {'b', 1, 2, Background, "abaa", [2]int{1, 2}}, {'c', 3, 4, Keep, "a.ac", [2]int{1, 4}}},
		"background of the first":  {{'a', 0, 2, Background, "aa..", [2]int{0, 4}}, {'b', 1, 3, Keep, ".bb.", [2]int{0, 3}}},
		"previous":                 {{'a', 0, 4, Keep, "aaaa", [2]int{0, 4}}, {'b', 1, 3, Previous, "abba", [2]int{1, 3}}, {'c', 3, 4, Keep, "aaac", [2]int{1, 4}}},
		"previous twice":           {{'a', 0, 4, Keep, "aaaa", [2]int{0, 4}}, {'b', 0, 3, Previous, "bbba", [2]int{0, 3}}, {'c', 1, 2, Previous, "acaa", [2]int{0, 3}}, {'d', 0, 1, Keep, "daaa", [2]int{0, 2}}},
		"previous of the first":    {{'a', 0, 3, Previous, "aaa.", [2]int{0, 4}}, {'b', 3, 4, Keep, "...b", [2]int{0, 4}}},
		"previous then background": {{'a', 0, 4, Background, "aaaa", [2]int{0, 4}}, {'b', 0, 1, Previous, "b...", [2]int{0, 4}}, {'c', 2, 3, Keep, "..c.", [2]int{0, 3}}},
		"over the edges":           {{'a', -2, 9, Keep, "aaaa", [2]int{0, 4}}, {'b', 3, 9, Background, "aaab", [2]int{3, 4}}, {'c', -5, 1, Keep, "caa.", [2]int{0, 4}}},
		"outside":                  {{'a', 0, 4, Keep, "aaaa", [2]int{0, 4}}, {'b', 4, 9, Previous, "aaaa", [2]int{0, 0}}, {'c', 9, 12, Background, "aaaa", [2]int{0, 0}}, {'d', 0, 1, Keep, "daaa", [2]int{0, 1}}},
	} {
		c := NewCanvas(4, 1)
		for i, s := range steps {
			m := image.NewNRGBA(image.Rect(0, 0, s.x1-s.x0, 1))
			draw.Draw(m, m.Rect, image.NewUniform(color.NRGBA{s.colour, 0, 0, 0xff}), image.Point{}, draw.Src)
			c.Begin(image.Rect(s.x0, 0, s.x1, 1), s.disposal)
			if err := c.Draw(t.Context(), m, image.Pt(s.x0, 0), true); err != nil {
				t.Fatal(err)
			}
			f, got := c.Frame(time.Second), ""
			for x := range 4 {
				if p := f.Image.NRGBAAt(x, 0); p.A == 0 {
					got += "."
				} else {
					got += string(p.R)
				}
			}
			if changed := [2]int{f.Changed.Min.X, f.Changed.Max.X}; got != s.want || changed != s.changed {
				t.Errorf("%s, frame %d: %s with %v changed, want %s with %v", name, i, got, changed, s.want, s.changed)
			}
		}
	}
}

// TestCompose compares compose with its formula in floating point.
func TestCompose(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	alphas := []byte{0, 1, 2, 127, 128, 254, 255}
	for range 20000 {
		pick := func() color.NRGBA {
			c := color.NRGBA{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())}
			if random.IntN(2) == 0 {
				c.A = alphas[random.IntN(len(alphas))]
			}
			return c
		}
		s, d := pick(), pick()
		got := []byte{d.R, d.G, d.B, d.A}
		compose(got, []byte{s.R, s.G, s.B, s.A})
		sa, da := float64(s.A)/255, float64(d.A)/255
		a := sa + da*(1-sa)
		if math.Abs(float64(got[3])-255*a) > 0.501 {
			t.Fatalf("%v over %v: %v, want alpha %.2f", s, d, got, 255*a)
		}
		for i, v := range [][2]byte{{s.R, d.R}, {s.G, d.G}, {s.B, d.B}} {
			if want := (float64(v[0])*sa + float64(v[1])*da*(1-sa)) / a; a > 0 && math.Abs(float64(got[i])-want) > 0.501 {
				t.Fatalf("%v over %v: %v, want %.2f in channel %d", s, d, got, want, i)
			}
		}
	}
}

func TestDrawEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := NewCanvas(4, 4)
	c.Begin(c.Image().Rect, Keep)
	if err := c.Draw(ctx, image.NewNRGBA(image.Rect(0, 0, 4, 4)), image.Point{}, false); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
