package heif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"testing"

	"darkroom/deploy/testkit/race"
)

// twoTiles returns a grid of two pictures side by side, and where the data of each end in the file.
func twoTiles(t *testing.T) (file []byte, width, height int, ends [2]int) {
	t.Helper()
	e := itemFrom(t, seed(t, "quadrants.heic"), false)
	data := e.data
	file = buildFile(heicBrands, gridOver(320, 96, 2, 3), e, e)
	for i, at := 0, 0; i < 2; i++ {
		next := bytes.Index(file[at:], data)
		if next < 0 {
			t.Fatal("the data of the tiles are not in the file")
		}
		at += next + len(data)
		ends[i] = at
	}
	return file, 320, 96, ends
}

func decodedPart(t *testing.T, data []byte, planar bool) (*image.NRGBA, error, error) {
	t.Helper()
	h, err := ReadPart(data)
	if err != nil {
		return nil, nil, err
	}
	p, damage, err := h.Part(t.Context(), planar)
	if err != nil {
		return nil, nil, err
	}
	return must(p.NRGBA(t.Context())), damage, nil
}

// TestPart cuts off or overwrites a file within its second tile. Part must return the first tile, and the second as far
// as it decodes before the fault. The rest is grey.
func TestPart(t *testing.T) {
	t.Parallel()
	needSandbox(t)
	file, width, height, ends := twoTiles(t)
	for _, planar := range []bool{false, true} {
		whole, damage, err := decodedPart(t, file, planar)
		if err != nil || damage != nil {
			t.Fatalf("planar %v: %v, %v", planar, damage, err)
		}
		for name, c := range map[string]struct {
			data []byte
			grey image.Rectangle
		}{
			"without the second tile":     {file[:ends[0]], image.Rect(width/2+1, 0, width, height)},
			"to the middle of its header": {file[:ends[0]+5], image.Rect(width/2+1, 0, width, height)},
			"to the middle of it":         {file[:(ends[0]+ends[1])/2], image.Rect(width-16, height-16, width, height)},
		} {
			got, damage, err := decodedPart(t, c.data, planar)
			if err != nil || damage == nil {
				t.Errorf("%s, planar %v: damage %v, %v", name, planar, damage, err)
				continue
			}
			for y := range height {
				for x := range width {
					same := got.NRGBAAt(x, y) == whole.NRGBAAt(x, y)
					if x < width/2-1 && !same { // colours next to the second tile are interpolated with samples in it
						t.Fatalf("%s, planar %v: %d, %d of the first tile is %v", name, planar, x, y, got.NRGBAAt(x, y))
					}
					if g := got.NRGBAAt(x, y); image.Pt(x, y).In(c.grey) && (g.R < 126 || g.R > 132 || g.G != g.R || g.B != g.R || g.A != 255) {
						t.Fatalf("%s, planar %v: %d, %d is %v, want grey", name, planar, x, y, g)
					}
				}
			}
		}
	}
	// A wrong length alone loses nothing.
	whole, _, _ := decodedPart(t, file, true)
	if got, damage, err := decodedPart(t, overwrite(file, ends[0], 0x7f), true); err != nil || damage != nil || !bytes.Equal(got.Pix, whole.Pix) {
		t.Errorf("length overwritten: damage %v, %v, or other pixels", damage, err)
	}
	if _, _, err := decodedPart(t, file[:ends[0]-len(itemFrom(t, seed(t, "quadrants.heic"), false).data)], true); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTruncated) {
		t.Errorf("no tile: %v", err)
	}
}

func overwrite(file []byte, at int, b byte) []byte {
	file = bytes.Clone(file)
	binary.BigEndian.PutUint32(file[at:], uint32(b)*0x01010101)
	return file
}

// TestPartOfAnything cuts off a file anywhere, or changes a byte. Part must return an error or a picture of the
// announced size. For a whole file it must return the picture that Decode returns.
func TestPartOfAnything(t *testing.T) {
	t.Parallel()
	needSandbox(t)
	for _, name := range []string{"quadrants.heic", "alpha.heic", "large-alpha.heic", "alpha.avif"} {
		data := seed(t, name)
		want, h := decode(t, data)
		got, damage, err := decodedPart(t, data, false)
		if err != nil || damage != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: damage %v, %v, or other pixels", name, damage, err)
		}
		step := race.Every(7)
		if h.Sandboxed() {
			step = 97 // each step takes a while
		}
		for n := 0; n < len(data); n += step {
			changed := bytes.Clone(data)
			changed[n] ^= 0x55
			for _, d := range [][]byte{data[:n], changed} {
				if got, _, err := decodedPart(t, d, n%2 == 0); err == nil && got.Rect.Empty() {
					t.Errorf("%s at %d: no pixels", name, n)
				}
			}
		}
	}
}
