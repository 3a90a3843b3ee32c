package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"testing"

	"github.com/gen2brain/jpegn"
)

// store returns how a camera lays down an upright picture that it gives this orientation: by the definition of each
// value in the EXIF standard, pixel by pixel.
func store(m *image.NRGBA, orientation int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	s := upright(size{w, h}, orientation)
	dst := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	for y := range h {
		for x := range w {
			at := map[int][2]int{
				1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {y, w - 1 - x}, 7: {h - 1 - y, w - 1 - x}, 8: {h - 1 - y, x},
			}[orientation]
			dst.SetNRGBA(at[0], at[1], m.NRGBAAt(x, y))
		}
	}
	return dst
}

func TestOrientTurnsUpright(t *testing.T) {
	want := scene(5, 3)
	for o := 1; o <= 8; o++ {
		got := orient(store(want, o), o)
		if got.Rect != want.Rect || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("orientation %d: not the upright picture", o)
		}
	}
}

func TestRenderIsUpright(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{
		box("same", 400, 400, Inside, 95), box("half", 100, 100, Inside, 95), box("fill", 60, 60, Fill, 95)}})
	files := map[string][]byte{}
	for o := 1; o <= 8; o++ {
		stored := store(scene(240, 160), o)
		jpeg := toJPEG(t, stored, &jpegn.EncodeOptions{Quality: 95})
		files[fmt.Sprint("JPEG II ", o)] = withEXIF(jpeg, exifBlock(binary.LittleEndian, uint16(o)))
		files[fmt.Sprint("JPEG MM ", o)] = withEXIF(jpeg, exifBlock(binary.BigEndian, uint16(o)))
		files[fmt.Sprint("PNG ", o)] = insert(toPNG(t, stored), 33, chunk("eXIf", exifBlock(binary.BigEndian, uint16(o))))
		files[fmt.Sprint("WebP ", o)] = riff("VP8X", vp8x(0, stored.Rect.Dx(), stored.Rect.Dy()), "VP8L", vp8l(stored),
			"EXIF", string(exifBlock(binary.LittleEndian, uint16(o))))
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			h, err := e.Inspect(file)
			if err != nil {
				t.Fatal(err)
			}
			if info := h.Info(); info.Width != 240 || info.Height != 160 {
				t.Errorf("Info says %dx%d", info.Width, info.Height)
			}
			imgs := render(t, e, file)
			for i, want := range []size{{240, 160}, {100, 67}, {60, 60}} {
				if got := (size{imgs[i].Width, imgs[i].Height}); got != want {
					t.Errorf("%s: %v, want %v", imgs[i].Name, got, want)
				}
			}
			wantUpright(t, open(t, imgs[0]))
			wantUpright(t, open(t, imgs[1]))
		})
	}
}

func TestBrokenEXIFIsUpright(t *testing.T) {
	good := exifBlock(binary.LittleEndian, 6)
	if got := orientation(good); got != 6 {
		t.Fatalf("the good block: %d", got)
	}
	spoil := func(at int, b ...byte) []byte {
		s := bytes.Clone(good)
		copy(s[at:], b)
		return s
	}
	for name, tiff := range map[string][]byte{
		"empty":             {},
		"no byte order":     spoil(0, 'X'),
		"no 42":             spoil(2, 41),
		"directory outside": spoil(4, 0xff, 0xff, 0xff, 0xff),
		"directory at end":  spoil(4, byte(len(good)-1)),
		"value 0":           exifBlock(binary.LittleEndian, 0),
		"value 9":           exifBlock(binary.LittleEndian, 9),
		"wrong type":        spoil(12, 4),
		"two values":        spoil(14, 2),
		"no entries":        spoil(8, 0),
		"cut in the entry":  good[:20],
	} {
		if got := orientation(tiff); got != 1 {
			t.Errorf("%s: %d, want 1", name, got)
		}
		jpeg := withEXIF(toJPEG(t, scene(16, 8), nil), tiff)
		if imgs := render(t, engine(t, one(16, 16, Inside)), jpeg); imgs[0].Width != 16 {
			t.Errorf("%s: the picture is turned", name)
		}
	}
	// More entries than there are: those that are there count.
	if got := orientation(spoil(8, 0xff, 0xff)); got != 6 {
		t.Errorf("too large a count: %d, want 6", got)
	}
}
