package format

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"testing"

	"darkroom/worker/photo"
)

// encodeGIFOf returns a GIF of grey pixels. Its header says w by h, however many pixels there are.
func encodeGIFOf(t testing.TB, w, h int, pix []byte) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, len(pix), 1), nil)
	for i := range 256 {
		m.Palette = append(m.Palette, color.Gray{byte(i)})
	}
	copy(m.Pix, pix)
	var b bytes.Buffer
	if err := gif.Encode(&b, m, &gif.Options{NumColors: 256}); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	frame := bytes.Index(data, []byte{0x2c, 0, 0, 0, 0})
	for _, at := range []int{6, frame + 5} {
		copy(data[at:], []byte{byte(w), byte(w >> 8), byte(h), byte(h >> 8)})
	}
	return data
}

// ramp returns the pixels of a picture of 40 x 30, each unlike its neighbours.
func ramp(n int) []byte {
	pix := make([]byte, n)
	for i := range pix {
		pix[i] = byte(i*7 + i/40*3)
	}
	return pix
}

// TestGIFDamage checks that a frame that lacks at most a row is shown. A frame that lacks more, or whose file is cut,
// is shown only if the limits accept damage and a row is there.
func TestGIFDamage(t *testing.T) {
	const w, h, all = 40, 30, 40 * 30
	whole := encodeGIFOf(t, w, h, ramp(all))
	type outcome struct {
		refused  photo.Reason // reason under limits that do not accept damage
		hopeless bool         // rejected even if the limits accept damage
	}
	none := outcome{}
	for name, c := range map[string]struct {
		file []byte
		n    int // pixels that are there
		want outcome
	}{
		"whole":              {whole, all, none},
		"no trailer":         {whole[:len(whole)-1], all, none},
		"a pixel too many":   {encodeGIFOf(t, w, h, ramp(all+1)), all, none},
		"a pixel short":      {encodeGIFOf(t, w, h, ramp(all-1)), all - 1, none},
		"a row short":        {encodeGIFOf(t, w, h, ramp(all-w)), all - w, none},
		"over a row short":   {encodeGIFOf(t, w, h, ramp(all-w-1)), all - w - 1, outcome{refused: photo.ReasonCorrupt}},
		"a row there":        {encodeGIFOf(t, w, h, ramp(w)), w, outcome{refused: photo.ReasonCorrupt}},
		"less than a row":    {encodeGIFOf(t, w, h, ramp(w-1)), 0, outcome{photo.ReasonCorrupt, true}},
		"one row, half":      {encodeGIFOf(t, w, 1, ramp(w/2)), w / 2, none},
		"one row, too few":   {encodeGIFOf(t, w, 1, ramp(w/2-1)), 0, outcome{photo.ReasonCorrupt, true}},
		"cut":                {whole[:len(whole)/2+400], -1, outcome{refused: photo.ReasonTruncated}},
		"cut in the table":   {whole[:500], 0, outcome{photo.ReasonTruncated, true}},
		"cut at the picture": {whole[:bytes.Index(whole, []byte{0x2c, 0, 0, 0, 0})+11], 0, outcome{photo.ReasonTruncated, true}},
	} {
		for _, accepted := range []bool{false, true} {
			h, err := Inspect(c.file, Limits{Pixels: all, Damaged: accepted})
			var d Decoded
			if err == nil {
				d, err = Decode(t.Context(), c.file, h, Target{Size: h.Stored()})
			}
			if c.want.refused != "" && (!accepted || c.want.hopeless) {
				var r *Rejection
				if !errors.As(err, &r) || r.Reason() != c.want.refused {
					t.Errorf("%s, damage accepted %v: %v, want %s", name, accepted, err, c.want.refused)
				}
				continue
			}
			if err != nil || (d.Damage != nil) != (c.want.refused != "") {
				t.Errorf("%s, damage accepted %v: %v, damage %v", name, accepted, err, d.Damage)
				continue
			}
			m, there := must(d.NRGBA(t.Context())), 0
			for i, v := range ramp(m.Rect.Dx() * m.Rect.Dy()) {
				switch got := m.NRGBAAt(i%m.Rect.Dx(), i/m.Rect.Dx()); {
				case got == (color.NRGBA{v, v, v, 255}):
					there++
				case got != color.NRGBA{}:
					t.Fatalf("%s: pixel %d is %v", name, i, got)
				}
			}
			if there != c.n && (c.n >= 0 || there < w || there > all-w) {
				t.Errorf("%s: %d pixels, want %d", name, there, c.n)
			}
		}
	}
}

// TestGIFScreen checks that the screen is enlarged to hold the first frame, and that the limit applies to the result.
func TestGIFScreen(t *testing.T) {
	file := encodeGIFOf(t, 4, 3, ramp(12))
	frame := bytes.Index(file, []byte{0x2c, 0, 0, 0, 0})
	file[frame+1], file[frame+3] = 200, 100 // its corner
	h, err := Inspect(file, Limits{Pixels: 204 * 103})
	if err != nil || h.Width != 204 || h.Height != 103 || h.Animated || !h.MayBeTransparent() {
		t.Fatalf("%+v, %v", h, err)
	}
	d, err := Decode(t.Context(), file, h, Target{Size: h.Stored()})
	if err != nil || d.Damage != nil {
		t.Fatal(err, d.Damage)
	}
	if a, b := must(d.NRGBA(t.Context())).NRGBAAt(203, 102), must(d.NRGBA(t.Context())).NRGBAAt(199, 102); a.A != 255 || b.A != 0 {
		t.Errorf("%v and %v", a, b)
	}
	_, err = Inspect(file, Limits{Pixels: 204*103 - 1})
	if r, ok := errors.AsType[*Rejection](err); !ok || r.Reason() != photo.ReasonTooManyPixels {
		t.Errorf("%v", err)
	}
}
