package engine

import (
	"encoding/binary"
	"fmt"
	"image"
	"testing"

	"github.com/gen2brain/jpegn"
)

// store returns an upright picture as a camera stores it with this orientation. It moves each pixel by the definition
// of the orientation in the EXIF standard.
func store(m *image.NRGBA, orientation int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	s := dim(w, h).Upright(orientation)
	dst := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
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

func TestRenderIsUpright(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{
		boxSpec("same", 400, 400, Inside, 95), boxSpec("half", 100, 100, Inside, 95), boxSpec("fill", 60, 60, Fill, 95)}})
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
			for i, want := range []size{dim(240, 160), dim(100, 67), dim(60, 60)} {
				if got := dim(imgs[i].Width, imgs[i].Height); got != want {
					t.Errorf("%s: %v, want %v", imgs[i].Name, got, want)
				}
			}
			wantUpright(t, openImage(t, imgs[0]))
			wantUpright(t, openImage(t, imgs[1]))
		})
	}
}
