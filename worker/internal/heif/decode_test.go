package heif

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"
	"testing"
)

func decode(t *testing.T, data []byte) (*image.NRGBA, Header) {
	t.Helper()
	needSandbox(t)
	h, err := ReadHeader(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := h.Decode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size.X != h.Width || size.Y != h.Height {
		t.Fatalf("decoded to %v, the header says %d x %d", size, h.Width, h.Height)
	}
	return img, h
}

func sameCorners(t *testing.T, img *image.NRGBA, want [4]color.NRGBA) {
	t.Helper()
	for i, got := range corners(img) {
		if !isClose(got, want[i]) {
			t.Errorf("quadrant %d is %v, want %v", i, got, want[i])
		}
	}
}

func TestDecodeSeeds(t *testing.T) {
	t.Parallel()
	translucent := quadrants
	translucent[2].A, translucent[3].A = 0, 128
	for name, want := range map[string]Header{
		"quadrants.heic": {Width: 160, Height: 96, Depth: 8},
		"odd.heic":       {Width: 161, Height: 97, Depth: 8},
		"deep.heic":      {Width: 160, Height: 96, Depth: 10},
		"yuv444.heic":    {Width: 160, Height: 96, Depth: 8},
		"yuv422.heic":    {Width: 160, Height: 96, Depth: 8},
		"alpha.heic":     {Width: 160, Height: 96, Depth: 8, Alpha: true},
	} {
		t.Run(name, func(t *testing.T) {
			img, h := decode(t, seed(t, name))
			got := Header{Width: h.Width, Height: h.Height, Depth: h.Depth, Alpha: h.Alpha}
			if got.Width != want.Width || got.Height != want.Height || got.Depth != want.Depth || got.Alpha != want.Alpha {
				t.Errorf("header %+v, want %+v", got, want)
			}
			if h.Codec != HEVC || h.Tiles != 1 || h.Orientation != 1 || h.Animated || h.ICC != nil {
				t.Errorf("header %+v", h)
			}
			if want.Alpha {
				sameCorners(t, img, translucent)
			} else {
				sameCorners(t, img, quadrants)
			}
		})
	}
}

func TestDecodeAVIF(t *testing.T) {
	t.Parallel()
	for _, alpha := range [][4]uint8{opaque, {255, 255, 0, 128}} {
		img, h := decode(t, avifSeed(t, 64, 48, alpha))
		if h.Codec != AV1 || h.Alpha != (alpha != opaque) || h.Depth != 8 {
			t.Errorf("header %+v", h)
		}
		want := quadrants
		for i := range want {
			want[i].A = alpha[i]
		}
		sameCorners(t, img, want)
	}
}

// turnedQuadrants returns the quadrants of a picture that was turned n times by 90 degrees anti-clockwise and then
// mirrored: '-' not at all, '|' left and right, '=' top and bottom.
func turnedQuadrants(n byte, mirror rune) []int {
	q := []int{0, 1, 2, 3}
	for range n {
		q = []int{q[1], q[3], q[0], q[2]}
	}
	switch mirror {
	case '|':
		q = []int{q[1], q[0], q[3], q[2]}
	case '=':
		q = []int{q[2], q[3], q[0], q[1]}
	}
	return q
}

func TestOrientation(t *testing.T) {
	t.Parallel()
	heicFile, avifFile := seed(t, "quadrants.heic"), avifSeed(t, 160, 96, opaque)
	exif := map[string]int{"0-": 1, "0|": 2, "2-": 3, "0=": 4, "1-": 8, "3-": 6, "1=": 5, "3|": 5, "1|": 7, "3=": 7, "2|": 4, "2=": 2}
	for n := range byte(4) {
		for _, mirror := range "-|=" {
			for brand, data := range map[string][]byte{heicBrands: heicFile, avifBrands: avifFile} {
				t.Run(fmt.Sprintf("%s irot %d imir %c", brand[:4], n, mirror), func(t *testing.T) {
					properties := [][]byte{irot(n)}
					switch mirror {
					case '|':
						properties = append(properties, imir(1))
					case '=':
						properties = append(properties, imir(0))
					}
					img, h := decode(t, buildFile(brand, itemFrom(t, data, false, properties...)))
					if turnedSide := n%2 == 1; turnedSide != (h.Width == 96) || h.Width+h.Height != 256 || h.StoredWidth != 160 {
						t.Errorf("%d x %d", h.Width, h.Height)
					}
					var want [4]color.NRGBA
					for i, q := range turnedQuadrants(n, mirror) {
						want[i] = quadrants[q]
					}
					sameCorners(t, img, want)
					if want := exif[fmt.Sprintf("%d%c", n, mirror)]; h.Orientation != want {
						t.Errorf("orientation %d, want %d", h.Orientation, want)
					}
				})
			}
		}
	}
}

// TestMirrorFirst checks that properties apply in their order.
func TestMirrorFirst(t *testing.T) {
	t.Parallel()
	img, _ := decode(t, buildFile(heicBrands, itemFrom(t, seed(t, "quadrants.heic"), false, imir(1), irot(1))))
	sameCorners(t, img, [4]color.NRGBA{quadrants[0], quadrants[2], quadrants[1], quadrants[3]})
}

func TestAperture(t *testing.T) {
	t.Parallel()
	// 80 x 48 pixels around the centre, moved by a quarter of the picture to the right and down: the last quadrant.
	img, h := decode(t, buildFile(heicBrands, itemFrom(t, seed(t, "quadrants.heic"), false, clap(80, 1, 48, 1, 40, 1, 24, 1), irot(1))))
	if h.Width != 48 || h.Height != 80 {
		t.Fatalf("%d x %d", h.Width, h.Height)
	}
	for _, p := range []image.Point{{3, 3}, {44, 3}, {3, 76}, {44, 76}} {
		if got := img.NRGBAAt(p.X, p.Y); !isClose(got, quadrants[3]) {
			t.Errorf("%v is %v", p, got)
		}
	}
	for name, c := range map[string][]byte{
		"outside":   clap(10, 1, 10, 1, 200, 1, 0, 1),
		"divided":   clap(10, 0, 10, 1, 0, 1, 0, 1),
		"empty":     clap(0, 1, 10, 1, 0, 1, 0, 1),
		"too short": clap(10, 1),
	} {
		if _, err := ReadHeader(buildFile(heicBrands, itemFrom(t, seed(t, "quadrants.heic"), false, c))); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGrid(t *testing.T) {
	t.Parallel()
	for brand, data := range map[string][]byte{heicBrands: seed(t, "quadrants.heic"), avifBrands: avifSeed(t, 160, 96, opaque)} {
		img, h := decode(t, gridOf(t, brand, data, 2, 3, 440, 170, irot(2)))
		if h.Tiles != 6 || h.Width != 440 || h.Height != 170 {
			t.Fatalf("%d tiles, %d x %d", h.Tiles, h.Width, h.Height)
		}
		for y := range 170 {
			for x := range 440 {
				sx, sy := (439-x)%160, (169-y)%96
				if sx%80 < 8 || sx%80 > 72 || sy%48 < 8 || sy%48 > 40 {
					continue // the codecs ring at edges
				}
				if want := quadrants[sx/80+sy/48*2]; !isClose(img.NRGBAAt(x, y), want) {
					t.Fatalf("%s: (%d, %d) is %v, want %v", brand[:4], x, y, img.NRGBAAt(x, y), want)
				}
			}
		}
	}
}

// TestFirstPixels checks the first pixels, which would hold pointers if a codec freed a tile before it is read.
func TestFirstPixels(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"HEIC": seed(t, "quadrants.heic"), "deep HEIC": seed(t, "deep.heic"), "4:4:4 HEIC": seed(t, "yuv444.heic"), "AVIF": avifSeed(t, 160, 96, opaque),
	} {
		img, _ := decode(t, data)
		for x := range 40 {
			if got := img.NRGBAAt(x, 0); !isClose(got, quadrants[0]) {
				t.Errorf("%s: (%d, 0) is %v, want %v", name, x, got, quadrants[0])
				break
			}
		}
	}
}

// TestGrey decodes a picture of one channel: the alpha plane of the seed.
func TestGrey(t *testing.T) {
	t.Parallel()
	img, _ := decode(t, buildFile(heicBrands, itemFrom(t, seed(t, "alpha.heic"), true)))
	sameCorners(t, img, [4]color.NRGBA{{255, 255, 255, 255}, {255, 255, 255, 255}, {0, 0, 0, 255}, {128, 128, 128, 255}})
}

// TestMatrix decodes the same luma and chroma with another matrix and range.
func TestMatrix(t *testing.T) {
	t.Parallel()
	data := buildFile(heicBrands, itemFrom(t, seed(t, "quadrants.heic"), false, colourBox(12, 13, 1, false)))
	img, h := decode(t, data)
	if !h.Colour.DisplayP3() || h.Colour.Transfer != 13 {
		t.Errorf("colour %+v", h.Colour)
	}
	var want [4]color.NRGBA
	for i, q := range quadrants {
		y, cb, cr := color.RGBToYCbCr(q.R, q.G, q.B)
		l, u, v := (float64(y)-16)*255/219, (float64(cb)-128)*255/224, (float64(cr)-128)*255/224
		clip := func(x float64) uint8 { return uint8(min(max(x+0.5, 0), 255)) }
		want[i] = color.NRGBA{clip(l + 1.5748*v), clip(l - 0.1873*u - 0.4681*v), clip(l + 1.8556*u), 255}
	}
	sameCorners(t, img, want)
}

func TestPremultiplied(t *testing.T) {
	t.Parallel()
	colour, alpha := itemFrom(t, seed(t, "quadrants.heic"), false), itemFrom(t, seed(t, "alpha.heic"), true)
	alpha.properties = append(alpha.properties, box("auxC", []byte("\x00\x00\x00\x00urn:mpeg:hevc:2015:auxid:1\x00")))
	alpha.refs = []reference{{kind: "auxl", to: []uint32{1}}}
	colour.refs = []reference{{kind: "prem", to: []uint32{2}}}
	img, _ := decode(t, buildFile(heicBrands, colour, alpha))
	sameCorners(t, img, [4]color.NRGBA{quadrants[0], quadrants[1], {}, {255, 255, 239, 128}})
}

// TestDamage changes bytes of the coded picture. It expects an error or a picture of the right size, and no panic. The
// AV1 library reports success for data that it could not decode, so cut AV1 data must be an error.
func TestDamage(t *testing.T) {
	t.Parallel()
	for brand, data := range map[string][]byte{heicBrands: seed(t, "quadrants.heic"), avifBrands: avifSeed(t, 160, 96, opaque)} {
		e := itemFrom(t, data, false)
		for i := 4; i < len(e.data); i += len(e.data)/24 + 1 {
			bad := e
			bad.data = slices.Clone(e.data)
			bad.data[i] ^= 0x55
			h, err := ReadHeader(buildFile(brand, bad))
			if err != nil {
				t.Fatal(err)
			}
			img, err := h.Decode(t.Context())
			if err == nil && img.Bounds() != image.Rect(0, 0, 160, 96) {
				t.Errorf("%s with byte %d changed: %v", brand[:4], i, img.Bounds())
			}
			if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("%s with byte %d changed: %v", brand[:4], i, err)
			}
		}
	}
}
