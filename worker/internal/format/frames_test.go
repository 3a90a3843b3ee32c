package format

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"slices"
	"testing"
	"time"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/internal/animation"
)

// shot is a copy of a frame.
type shot struct {
	image    *image.NRGBA
	duration time.Duration
}

// open inspects an animation and opens it.
func open(t testing.TB, data []byte, limits Limits) (Header, animation.Header, *FrameReader) {
	t.Helper()
	h, err := Inspect(data, limits)
	if err != nil {
		t.Fatal(err)
	}
	a, ok := Animation(data, h)
	if !ok {
		t.Fatalf("no animation: %+v", a)
	}
	r, err := Frames(data, h, a)
	if err != nil {
		t.Fatal(err)
	}
	return h, a, r
}

// shots reads all frames. It checks that nothing has changed outside of the part that a frame says has changed.
func shots(t testing.TB, r *FrameReader) ([]shot, error) {
	t.Helper()
	var all []shot
	for {
		f, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		m := &image.NRGBA{Pix: slices.Clone(f.Image.Pix), Stride: f.Image.Stride, Rect: f.Image.Rect}
		if len(all) == 0 && f.Changed != m.Rect {
			t.Errorf("the first frame changes %v", f.Changed)
		}
		for y := 0; y < m.Rect.Dy() && len(all) > 0; y++ {
			before, row := all[len(all)-1].image.Pix[y*m.Stride:][:m.Stride], m.Pix[y*m.Stride:][:m.Stride]
			if x := (image.Rectangle{Min: image.Pt(f.Changed.Min.X, y), Max: image.Pt(f.Changed.Max.X, y+1)}).Intersect(f.Changed); !x.Empty() {
				if !bytes.Equal(before[:4*x.Min.X], row[:4*x.Min.X]) || !bytes.Equal(before[4*x.Max.X:], row[4*x.Max.X:]) {
					t.Fatalf("frame %d: row %d differs outside of %v", len(all), y, f.Changed)
				}
			} else if !bytes.Equal(before, row) {
				t.Fatalf("frame %d: row %d differs outside of %v", len(all), y, f.Changed)
			}
		}
		all = append(all, shot{m, f.Duration})
	}
}

// compareWithBrowser compares an animation with what a browser decodes. Colours may differ by a few values, more where
// a pixel is nearly transparent: browsers keep some canvases with their colours multiplied by alpha.
func compareWithBrowser(t *testing.T, page *browser.Page, name, contentType string, data []byte, tolerance int) {
	t.Helper()
	want, trouble := page.Animation(contentType, data)
	if trouble != "" {
		t.Errorf("%s: the browser: %s", name, trouble)
		return
	}
	_, a, r := open(t, data, Limits{Pixels: 1 << 24})
	got, err := shots(t, r)
	if err != nil {
		t.Errorf("%s: frame %d: %v", name, len(got), err)
		return
	}
	if a.Loops != want.Plays || a.Frames != len(want.Frames) || len(got) != a.Frames {
		t.Errorf("%s: %d plays of %d frames, %d of them read, want %d plays of %d", name, a.Loops, a.Frames, len(got), want.Plays, len(want.Frames))
		return
	}
	var all time.Duration
	for i, w := range want.Frames {
		g := got[i]
		if all += g.duration; g.duration != animation.Delay(w.Duration) {
			t.Errorf("%s: frame %d is shown for %v, want %v", name, i, g.duration, w.Duration)
		}
		if g.image.Rect != w.Image.Rect {
			t.Errorf("%s: frame %d is %v, want %v", name, i, g.image.Rect, w.Image.Rect)
			return
		}
		if at, ok := comparePremultiplied(g.image, w.Image, tolerance); !ok {
			x, y := at%w.Image.Stride/4, at/w.Image.Stride
			t.Errorf("%s: frame %d at %d, %d: %v, want %v", name, i, x, y, g.image.NRGBAAt(x, y), w.Image.NRGBAAt(x, y))
			return
		}
	}
	if a.Duration != all {
		t.Errorf("%s: the header says %v, the frames %v", name, a.Duration, all)
	}
}

// comparePremultiplied reports whether two pictures differ by at most the tolerance, with colours multiplied by their
// alpha. If they do not, it returns the position of a pixel that differs by more.
func comparePremultiplied(a, b *image.NRGBA, tolerance int) (at int, ok bool) {
	for i := 0; i < len(a.Pix); i += 4 {
		p, q := a.Pix[i:i+4], b.Pix[i:i+4]
		alpha := int(max(p[3], q[3]))
		for k := range 4 {
			d := int(p[k]) - int(q[k])
			if k < 3 {
				d = d * alpha / 255
			}
			if max(d, -d) > tolerance {
				return i, false
			}
		}
	}
	return 0, true
}

// checkFirstFrame checks that the first frame is the picture that Decode returns.
func checkFirstFrame(t testing.TB, name string, data []byte) {
	t.Helper()
	h, _, r := open(t, data, Limits{Pixels: 1 << 24})
	f, err := r.Next(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	d, err := Decode(t.Context(), data, h, Target{Size: h.Stored()})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if m := must(d.NRGBA(t.Context())); m.Rect != f.Image.Rect || !bytes.Equal(m.Pix, f.Image.Pix) {
		t.Errorf("%s: the first frame is not the picture", name)
	}
}

// checkContext checks that Next returns no frame once the context has ended, nor later.
func checkContext(t testing.TB, name string, data []byte) {
	t.Helper()
	_, _, r := open(t, data, Limits{Pixels: 1 << 24})
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := r.Next(ctx); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%s: %v after the end of the context", name, err)
	}
	if _, err := r.Next(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("%s: %v after that", name, err)
	}
}
