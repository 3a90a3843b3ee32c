package heif

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"slices"
	"testing"

	"darkroom/worker/internal/hevc"
)

func TestBrand(t *testing.T) {
	t.Parallel()
	for ftyp, want := range map[string]Codec{
		"heic\x00\x00\x00\x00mif1heic": HEVC, "mif1\x00\x00\x00\x00mif1heic": HEVC, "mif1\x00\x00\x00\x00mif1miafavif": AV1,
		"avif\x00\x00\x00\x00mif1": AV1, "avis\x00\x00\x00\x00avifmsf1": AV1, "msf1\x00\x00\x00\x00hevc": HEVC,
		"mif1\x00\x00\x00\x00miaf": HEVC, "isom\x00\x00\x00\x00mp42": 0, "qt  \x00\x00\x00\x00": 0,
	} {
		if got := Brand(append(box("ftyp", []byte(ftyp)), 0, 0, 0, 0)); got != want {
			t.Errorf("%q: %v, want %v", ftyp, got, want)
		}
	}
	if Brand(nil) != 0 || Brand([]byte("\x00\x00\x00\x0cftypheic")) != 0 {
		t.Error("an empty file has a brand")
	}
}

// TestTruncated cuts a file at every position. Something is always missing.
func TestTruncated(t *testing.T) {
	t.Parallel()
	data := seed(t, "alpha.heic")
	for n := 24; n < len(data); n++ {
		if _, err := ReadHeader(data[:n]); !errors.Is(err, ErrTruncated) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(data), err)
		}
	}
	e := itemFrom(t, data, false)
	e.beyond = 1
	if _, err := ReadHeader(buildFile(heicBrands, e)); !errors.Is(err, ErrTruncated) {
		t.Errorf("an extent beyond the file: %v", err)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	data := buildFile(heicBrands, itemFrom(t, seed(t, "quadrants.heic"), false, box("colr", []byte("profa profile")), colourBox(9, 16, 9, true)))
	h, err := ReadHeader(data)
	if err != nil {
		t.Fatal(err)
	}
	if string(h.ICC) != "a profile" || h.Colour != (Colour{9, 16}) {
		t.Errorf("profile %q, colours %+v", h.ICC, h.Colour)
	}
}

func TestAnimated(t *testing.T) {
	t.Parallel()
	data := buildFile("msf1\x00\x00\x00\x00heicmif1", itemFrom(t, seed(t, "quadrants.heic"), false))
	if h, err := ReadHeader(append(data, box("moov")...)); err != nil || !h.Animated {
		t.Errorf("animated %v, %v", h.Animated, err)
	}
	if _, err := ReadHeader(slices.Concat(data[:24], box("moov"))); !errors.Is(err, ErrUnsupported) {
		t.Errorf("without a picture: %v", err)
	}
}

// withSize changes the size that an entry announces.
func withSize(e entry, w, h int) entry {
	e.properties = slices.Clone(e.properties)
	e.properties[1] = ispe(w, h)
	return e
}

func TestContradictions(t *testing.T) {
	t.Parallel()
	data := seed(t, "quadrants.heic")
	e := itemFrom(t, data, false)
	grid := func(rows, columns byte, w, h uint16, tiles int, announced []byte) []byte {
		body := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{0, 0, rows - 1, columns - 1}, w), h)
		return buildFile(heicBrands, entry{kind: "grid", data: body, properties: [][]byte{announced},
			refs: []reference{{kind: "dimg", to: slices.Repeat([]uint32{2}, tiles)}}}, e)
	}
	without := e
	without.properties = e.properties[1:]
	unknown := e
	unknown.properties = append(slices.Clone(e.properties), box("iscl", make([]byte, 8)))
	loop := entry{kind: "grid", data: []byte{0, 0, 0, 0, 0, 160, 0, 96}, properties: [][]byte{ispe(160, 96)}, refs: []reference{{kind: "dimg", to: []uint32{1}}}}
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"too many pixels", buildFile(heicBrands, withSize(e, 65535, 65535)), ErrTooLarge},
		{"a side too long", buildFile(heicBrands, withSize(e, 1<<20, 1)), ErrTooLarge},
		{"no pixels", buildFile(heicBrands, withSize(e, 0, 96)), ErrCorrupt},
		{"no configuration", buildFile(heicBrands, without), ErrCorrupt},
		{"an unknown essential property", buildFile(heicBrands, unknown), ErrUnsupported},
		{"an unknown codec", buildFile(heicBrands, entry{kind: "vvc1", data: e.data, properties: e.properties}), ErrUnsupported},
		{"a grid of itself", buildFile(heicBrands, loop), ErrCorrupt},
		{"a grid larger than announced", grid(1, 2, 320, 96, 2, ispe(300, 96)), ErrCorrupt},
		{"a grid that its tiles do not cover", grid(1, 2, 321, 96, 2, ispe(321, 96)), ErrCorrupt},
		{"a grid with tiles outside", grid(2, 2, 320, 96, 4, ispe(320, 96)), ErrCorrupt},
		{"a grid that lacks a tile", grid(1, 2, 320, 96, 1, ispe(320, 96)), ErrCorrupt},
		{"too many tiles", grid(64, 64, 10000, 6000, 4096, ispe(10000, 6000)), ErrUnsupported},
	} {
		if _, err := ReadHeader(test.data); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

// FuzzReadHeader checks for panics and for headers that contradict themselves.
func FuzzReadHeader(f *testing.F) {
	for _, name := range []string{"quadrants.heic", "alpha.heic", "odd.heic", "deep.heic", "alpha.avif"} {
		f.Add(seed(f, name))
	}
	f.Add(gridOf(f, heicBrands, seed(f, "quadrants.heic"), 2, 2, 300, 150, irot(1), imir(0), clap(80, 1, 48, 1, 10, 1, 3, 2)))
	q := itemFrom(f, seed(f, "quadrants.heic"), false)
	f.Add(buildFile(heicBrands, overlayOf(300, 200, color.NRGBA64{A: 0x8000}, image.Pt(-20, -10), image.Pt(100, 80)), q, alphaFor(f, 2)))
	f.Add(buildFile(heicBrands, identityOf(2, 200, 300, irot(1)), gridOver(320, 96, 3, 4), q, q, alphaFor(f, 4)))
	f.Add(seed(f, "large-alpha.heic"))
	f.Add(buildFile(avifBrands, entry{kind: "av01", data: seed(f, "layers.obu"), properties: [][]byte{layersConfig, ispe(160, 96), lsel(0)}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ReadHeader(data)
		if err != nil {
			if !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		if h.Width < 1 || h.Height < 1 || h.overlay == nil && h.Width*h.Height > h.StoredWidth*h.StoredHeight || h.StoredWidth*h.StoredHeight > MaxPixels ||
			h.Orientation < 1 || h.Orientation > 8 || h.Tiles < 1 || h.Tiles > maxTiles || h.Memory(true) < int64(h.Width*h.Height) {
			t.Fatalf("%+v", h)
		}
		if h.StoredHeight <= 4096 && h.overlay == nil {
			for _, p := range h.pictures() {
				if p != h.alpha || !h.scaledAlpha() {
					checkCover(t, h, p)
				}
			}
		}
		h.check()
		checkPlaces(t, &h.layer, identityLayout(h.Width, h.Height))
		if h.Width*h.Height <= 1<<16 {
			h.paint(t.Context(), image.NewNRGBA(image.Rect(0, 0, h.Width, h.Height)), identityLayout(h.Width, h.Height), greyTiles{})
		}
	})
}

// greyTiles returns tiles of the right size without decoding anything. A position outside the canvas would panic.
type greyTiles struct{}

func (greyTiles) incomplete() bool { return false }

func (greyTiles) decode(_ context.Context, _ *picture, t tile, use func(tilePixels) error) error {
	if t.coded.width*t.coded.height > 1<<20 {
		return nil
	}
	m := newWhole(t.coded.width, t.coded.height, colour{chroma: t.coded.chroma})
	if t.coded.chroma == hevc.Grey {
		m.Planes = m.Planes[:1]
	}
	for i := range m.Planes {
		m.Planes[i].Depth = min(max(t.coded.depth, 8), 12)
	}
	return use(tilePixels{width: m.Width, height: m.Height, samples: m})
}

// checkPlaces checks that no tile of a layer lies beyond the canvas of a layout.
func checkPlaces(t *testing.T, l *layer, to layout) {
	t.Helper()
	to = l.layout.followedBy(to)
	if l.overlay != nil {
		for i := range l.overlay.layers {
			checkPlaces(t, &l.overlay.layers[i], to)
		}
	}
	for _, p := range []*picture{&l.colour, l.alpha} {
		if p == nil {
			continue
		}
		for _, tile := range p.tiles {
			if at := tile.layout.followedBy(to); !at.visible.In(image.Rect(0, 0, to.width, to.height)) {
				t.Fatalf("a tile in %v of a canvas of %d x %d", at.visible, to.width, to.height)
			}
		}
	}
}

// checkCover checks that the tiles of a picture cover the result and do not reach outside it.
func checkCover(t *testing.T, h Header, p *picture) {
	t.Helper()
	seen := 0
	for _, tile := range p.tiles {
		out := canvas{&image.NRGBA{Stride: 4 * h.Width}, tile.layout.followedBy(h.layout)}
		for y := range tile.coded.height {
			at, step, from, to := out.row(y, tile.coded.width)
			if from >= to {
				continue
			}
			seen += to - from
			if last := at + (to-1)*step; at+from*step < 0 || last < 0 || max(at+from*step, last) >= 4*h.Width*h.Height {
				t.Fatalf("row %d maps to %d to %d of %d", y, at+from*step, last, 4*h.Width*h.Height)
			}
			if from < 0 || to > tile.coded.width {
				t.Fatalf("row %d: %d to %d of %d", y, from, to, tile.coded.width)
			}
		}
	}
	if seen != h.Width*h.Height {
		t.Fatalf("%d pixels of %d are drawn", seen, h.Width*h.Height)
	}
}
