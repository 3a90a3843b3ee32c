package heif

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"
)

// overlayOf returns an item that draws the items 2, 3 and so on over each other, each at the given point of a canvas.
func overlayOf(w, h int, fill color.NRGBA64, at ...image.Point) entry {
	u16 := binary.BigEndian.AppendUint16
	b := u16(u16(u16(u16([]byte{0, 0}, fill.R), fill.G), fill.B), fill.A)
	b = u16(u16(b, uint16(w)), uint16(h))
	e := entry{kind: "iovl", idat: true, properties: [][]byte{ispe(w, h)}, refs: []reference{{kind: "dimg"}}}
	for i, p := range at {
		b = u16(u16(b, uint16(p.X)), uint16(p.Y))
		e.refs[0].to = append(e.refs[0].to, uint32(i+2))
	}
	e.data = b
	return e
}

func identityOf(id uint32, w, h int, properties ...[]byte) entry {
	return entry{kind: "iden", properties: append([][]byte{ispe(w, h)}, properties...), refs: []reference{{kind: "dimg", to: []uint32{id}}}}
}

// gridOver returns an item that joins items of the same size in a row.
func gridOver(w, h int, tiles ...uint32) entry {
	b := binary.BigEndian.AppendUint16([]byte{0, 0, 0, byte(len(tiles) - 1)}, uint16(w))
	return entry{kind: "grid", data: binary.BigEndian.AppendUint16(b, uint16(h)), idat: true, properties: [][]byte{ispe(w, h)},
		refs: []reference{{kind: "dimg", to: tiles}}}
}

// alphaFor returns the alpha plane of the seed as the alpha of an item.
func alphaFor(t testing.TB, id uint32) entry {
	t.Helper()
	a := itemFrom(t, seed(t, "alpha.heic"), true)
	a.properties = append(a.properties, box("auxC", []byte("\x00\x00\x00\x00urn:mpeg:hevc:2015:auxid:1\x00")))
	a.refs = []reference{{kind: "auxl", to: []uint32{id}}}
	return a
}

// turnLeft returns a picture that is turned by 90 degrees anti-clockwise.
func turnLeft(img *image.NRGBA) *image.NRGBA {
	size := img.Bounds().Size()
	dst := image.NewNRGBA(image.Rect(0, 0, size.Y, size.X))
	for y := range size.Y {
		for x := range size.X {
			dst.SetNRGBA(y, size.X-1-x, img.NRGBAAt(x, y))
		}
	}
	return dst
}

// flat returns a picture of one colour.
func flat(w, h int, c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// drawReference draws pictures over a canvas with package draw, in 16 bits.
func drawReference(canvas *image.NRGBA, pictures []*image.NRGBA, at ...image.Point) *image.NRGBA {
	dst := image.NewNRGBA64(canvas.Bounds())
	draw.Draw(dst, dst.Bounds(), canvas, image.Point{}, draw.Src)
	for i, p := range pictures {
		draw.Draw(dst, p.Bounds().Add(at[i]), p, image.Point{}, draw.Over)
	}
	out := image.NewNRGBA(canvas.Bounds())
	draw.Draw(out, out.Bounds(), dst, image.Point{}, draw.Src)
	return out
}

// mixed holds the columns next to the border of two tiles. Colours are interpolated across it.
var mixed = map[string][]int{"an overlay of a grid": {119, 120}, "an identity of an identity of a grid": {159, 160},
	"a grid with alpha for each tile": {159, 160}}

// TestDerived draws derived images and compares them with their parts, each decoded separately.
func TestDerived(t *testing.T) {
	t.Parallel()
	q, a := itemFrom(t, seed(t, "quadrants.heic"), false), itemFrom(t, seed(t, "alpha.heic"), false)
	left := itemFrom(t, seed(t, "quadrants.heic"), false, irot(1))
	opaquePicture, _ := decode(t, buildFile(heicBrands, q))
	translucent, _ := decode(t, seed(t, "alpha.heic"))
	blue, half := color.NRGBA64{R: 0x2020, G: 0x4040, B: 0xc0c0, A: 0xffff}, color.NRGBA64{R: 0x2020, G: 0x4040, B: 0xc0c0, A: 0x8080}
	solid := flat(300, 200, color.NRGBA{0x20, 0x40, 0xc0, 255})
	at := []image.Point{{-20, -10}, {100, 80}}
	both := drawReference(solid, []*image.NRGBA{opaquePicture, opaquePicture}, at...)
	place := func(x, y int) []image.Point { return []image.Point{{x, y}} }
	row := drawReference(flat(320, 96, color.NRGBA{}), []*image.NRGBA{opaquePicture, translucent}, image.Pt(0, 0), image.Pt(160, 0))
	for _, test := range []struct {
		name  string
		data  []byte
		want  *image.NRGBA
		tiles int
	}{
		{"an overlay, partly outside", buildFile(heicBrands, overlayOf(300, 200, blue, at...), q, q), both, 2},
		{"an overlay of a turned image", buildFile(heicBrands, overlayOf(300, 200, blue, place(30, 10)...), left),
			drawReference(solid, []*image.NRGBA{turnLeft(opaquePicture)}, place(30, 10)...), 1},
		{"a turned overlay", func() []byte {
			o := overlayOf(300, 200, blue, at...)
			o.properties = append(o.properties, irot(1))
			return buildFile(heicBrands, o, q, q)
		}(), turnLeft(both), 2},
		{"an overlay with alpha", buildFile(heicBrands, overlayOf(300, 200, blue, place(50, 40)...), a, alphaFor(t, 2)),
			drawReference(solid, []*image.NRGBA{translucent}, place(50, 40)...), 1},
		{"alpha over a picture", buildFile(heicBrands, overlayOf(300, 200, blue, image.Pt(10, 10), image.Pt(50, 40)), q, a, alphaFor(t, 3)),
			drawReference(solid, []*image.NRGBA{opaquePicture, translucent}, image.Pt(10, 10), image.Pt(50, 40)), 2},
		{"a canvas with alpha", buildFile(heicBrands, overlayOf(300, 200, half, place(50, 40)...), a, alphaFor(t, 2)),
			drawReference(flat(300, 200, color.NRGBA{0x20, 0x40, 0xc0, 0x80}), []*image.NRGBA{translucent}, place(50, 40)...), 1},
		{"nothing of an image on the canvas", buildFile(heicBrands, overlayOf(300, 200, blue, image.Pt(400, 0), image.Pt(-160, 0)), q, q), solid, 2},
		{"an overlay of an overlay", buildFile(heicBrands, overlayOf(300, 200, blue, place(20, 30)...), func() entry {
			o := overlayOf(200, 120, color.NRGBA64{}, image.Pt(0, 0))
			o.refs[0].to = []uint32{3}
			return o
		}(), q), drawReference(solid, []*image.NRGBA{opaquePicture}, place(20, 30)...), 1},
		{"an overlay of a grid", buildFile(heicBrands, overlayOf(300, 200, blue, place(-40, 30)...), gridOver(320, 96, 3, 3), q),
			drawReference(solid, []*image.NRGBA{opaquePicture, opaquePicture}, image.Pt(-40, 30), image.Pt(120, 30)), 2},
		{"an identity", buildFile(heicBrands, identityOf(2, 160, 96), q), opaquePicture, 1},
		{"a turned identity of a turned image", buildFile(heicBrands, identityOf(2, 160, 96, irot(1)), left),
			turnLeft(turnLeft(opaquePicture)), 1},
		{"an identity of an identity of a grid", buildFile(heicBrands, identityOf(2, 320, 96, irot(1)), identityOf(3, 320, 96, irot(3)),
			gridOver(320, 96, 4, 4), q), drawReference(flat(320, 96, color.NRGBA{}), []*image.NRGBA{opaquePicture, opaquePicture}, image.Pt(0, 0), image.Pt(160, 0)), 2},
		{"an identity of an overlay", buildFile(heicBrands, identityOf(2, 200, 300, irot(1)), func() entry {
			o := overlayOf(300, 200, blue, at...)
			o.refs[0].to = []uint32{3, 3}
			return o
		}(), q), turnLeft(both), 2},
		{"an identity with alpha", buildFile(heicBrands, identityOf(2, 160, 96), a, alphaFor(t, 1)), translucent, 1},
		{"an identity of an image with alpha", buildFile(heicBrands, identityOf(2, 96, 160, irot(1)), a, alphaFor(t, 2)), turnLeft(translucent), 1},
		{"a grid of turned images", buildFile(heicBrands, gridOver(192, 160, 2, 2), left),
			drawReference(flat(192, 160, color.NRGBA{}), []*image.NRGBA{turnLeft(opaquePicture), turnLeft(opaquePicture)}, image.Pt(0, 0), image.Pt(96, 0)), 2},
		{"a grid with alpha for each tile", buildFile(heicBrands, gridOver(320, 96, 2, 2), a, alphaFor(t, 2)),
			drawReference(flat(320, 96, color.NRGBA{}), []*image.NRGBA{translucent, translucent}, image.Pt(0, 0), image.Pt(160, 0)), 2},
		{"a grid with alpha for one tile", buildFile(heicBrands, gridOver(320, 96, 2, 3), q, a, alphaFor(t, 3)), row, 2},
		{"a grid of an overlay", buildFile(heicBrands, gridOver(600, 200, 2, 2), func() entry {
			o := overlayOf(300, 200, blue, at...)
			o.refs[0].to = []uint32{3, 3}
			return o
		}(), q), drawReference(flat(600, 200, color.NRGBA{}), []*image.NRGBA{both, both}, image.Pt(0, 0), image.Pt(300, 0)), 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			img, h := decode(t, test.data)
			if img.Bounds() != test.want.Bounds() {
				t.Fatalf("%v, want %v", img.Bounds(), test.want.Bounds())
			}
			if h.Tiles != test.tiles || h.Codec != HEVC || h.Depth != 8 {
				t.Errorf("%d tiles of %v with %d bits", h.Tiles, h.Codec, h.Depth)
			}
			wrong := 0
			for i := 0; i < len(img.Pix); i += 4 {
				got, want := img.NRGBAAt(i/4%h.Width, i/4/h.Width), test.want.NRGBAAt(i/4%h.Width, i/4/h.Width)
				if x := i / 4 % h.Width; slices.Contains(mixed[test.name], x) && got.A == want.A {
					continue
				}
				if !isClose(got, want) {
					if wrong++; wrong < 4 {
						t.Errorf("pixel %d, %d is %v, want %v", i/4%h.Width, i/4/h.Width, got, want)
					}
				}
				if got.A < 255 && !h.Alpha {
					t.Fatal("the header says that the picture is opaque")
				}
			}
		})
	}
}

// TestDerivedRefused covers images derived in a circle, too deeply or too often, and contradictions.
func TestDerivedRefused(t *testing.T) {
	t.Parallel()
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	chain := func(n int) []byte {
		var all []entry
		for i := range n {
			all = append(all, identityOf(uint32(i+2), 160, 96))
		}
		return buildFile(heicBrands, append(all, q)...)
	}
	if _, err := ReadHeader(chain(maxDepth - 1)); err != nil {
		t.Errorf("a chain: %v", err)
	}
	// Each refers to the next one sixteen times: 16^6 images from seven items.
	var many []entry
	for i := range 6 {
		o := overlayOf(160, 96, color.NRGBA64{}, make([]image.Point, 16)...)
		o.refs[0].to = slices.Repeat([]uint32{uint32(i + 2)}, 16)
		many = append(many, o)
	}
	// Each picture may have MaxPixels. Together they may have three times as many, including the canvas.
	huge := withSize(itemFrom(t, seed(t, "alpha.avif"), false), 1<<14, 1<<14)
	pictures := func(n int) []byte {
		o := overlayOf(160, 96, color.NRGBA64{}, make([]image.Point, n)...)
		return buildFile(avifBrands, append([]entry{o}, slices.Repeat([]entry{huge}, n)...)...)
	}
	if h, err := ReadHeader(pictures(2)); err != nil || h.CodedPixels != 2<<28+160*96 {
		t.Errorf("two large pictures: %d pixels, %v", h.CodedPixels, err)
	}
	short := overlayOf(160, 96, color.NRGBA64{}, image.Pt(0, 0), image.Pt(0, 0))
	short.data = short.data[:len(short.data)-1]
	none := identityOf(2, 160, 96)
	none.refs = nil
	large := overlayOf(65535, 65535, color.NRGBA64{}, image.Pt(0, 0))
	large.properties = nil
	loop := overlayOf(160, 96, color.NRGBA64{}, image.Pt(0, 0))
	loop.refs[0].to = []uint32{1}
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"a chain too deep", chain(maxDepth), ErrUnsupported},
		{"an identity of itself", buildFile(heicBrands, identityOf(1, 160, 96)), ErrCorrupt},
		{"a circle", buildFile(heicBrands, identityOf(2, 160, 96), identityOf(1, 160, 96)), ErrCorrupt},
		{"an overlay of itself", buildFile(heicBrands, loop), ErrCorrupt},
		{"too many images", buildFile(heicBrands, append(many, q)...), ErrUnsupported},
		{"three large pictures and a canvas", pictures(3), ErrUnsupported},
		{"an overlay that lacks a position", buildFile(heicBrands, short, q, q), ErrCorrupt},
		{"an overlay of a missing image", buildFile(heicBrands, overlayOf(160, 96, color.NRGBA64{}, image.Pt(0, 0))), ErrCorrupt},
		{"an overlay of nothing", buildFile(heicBrands, overlayOf(160, 96, color.NRGBA64{})), ErrCorrupt},
		{"a canvas too large", buildFile(heicBrands, large, q), ErrTooLarge},
		{"an identity of nothing", buildFile(heicBrands, none, q), ErrCorrupt},
	} {
		if _, err := ReadHeader(test.data); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

// TestAVIFTiles decodes a grid of AVIF whose tiles each have an alpha plane of their own.
func TestAVIFTiles(t *testing.T) {
	t.Parallel()
	var entries []entry
	var pictures []*image.NRGBA
	for i, alpha := range [][4]uint8{{255, 200, 100, 0}, {10, 255, 255, 90}} {
		data := avifSeed(t, 160, 96, alpha)
		img, _ := decode(t, data)
		pictures = append(pictures, img)
		a := itemFrom(t, data, true, box("auxC", []byte("\x00\x00\x00\x00urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")))
		a.refs = []reference{{kind: "auxl", to: []uint32{uint32(2*i + 2)}}}
		entries = append(entries, itemFrom(t, data, false), a)
	}
	img, h := decode(t, buildFile(avifBrands, append([]entry{gridOver(320, 96, 2, 4)}, entries...)...))
	want := drawReference(flat(320, 96, color.NRGBA{}), pictures, image.Pt(0, 0), image.Pt(160, 0))
	if h.Tiles != 2 || !h.Alpha || h.overlay != nil {
		t.Errorf("%d tiles, alpha %v", h.Tiles, h.Alpha)
	}
	for y := range 96 {
		for x := range 320 {
			if !isClose(img.NRGBAAt(x, y), want.NRGBAAt(x, y)) {
				t.Fatalf("%d, %d is %v, want %v", x, y, img.NRGBAAt(x, y), want.NRGBAAt(x, y))
			}
		}
	}
}
