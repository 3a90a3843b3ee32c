package heif

import (
	"encoding/binary"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// quadrants are the colours of the seed pictures.
var quadrants = [4]color.NRGBA{{200, 40, 40, 255}, {40, 180, 60, 255}, {40, 60, 200, 255}, {220, 200, 120, 255}}

func seed(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func drawQuadrants(width, height int, alpha [4]uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			i := 2*(2*y/height) + 2*x/width
			c := quadrants[i]
			c.A = alpha[i]
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

var opaque = [4]uint8{255, 255, 255, 255}

// needSandbox skips a test that decodes if a system library is in use.
func needSandbox(t testing.TB) {
	t.Helper()
	if err := Check(); err != nil {
		t.Skipf("the codec library has loaded a system library; run with -tags nodynamic (%v)", err)
	}
}

// avifSeed returns the quadrants as AVIF. Each variant is encoded only once.
func avifSeed(t testing.TB, width, height int, alpha [4]uint8) []byte {
	t.Helper()
	needSandbox(t)
	type key struct {
		width, height int
		alpha         [4]uint8
	}
	encode, _ := avifSeeds.LoadOrStore(key{width, height, alpha}, sync.OnceValues(func() ([]byte, error) {
		return EncodeAVIF(t.Context(), drawQuadrants(width, height, alpha), 90)
	}))
	data, err := encode.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(data)
}

var avifSeeds sync.Map // functions that return a file and an error, by seed

// entry is an item of a file that a test makes.
type entry struct {
	kind       string
	data       []byte
	properties [][]byte // boxes marked as essential
	optional   [][]byte // boxes not marked as essential
	refs       []reference
	idat       bool
	beyond     int // bytes by which its extent exceeds its data
}

// form selects one of the ways of writing a file that the standard allows.
type form struct {
	wide  bool   // box versions with item numbers of 32 bits and associations of 16
	data  uint16 // entry of the data reference box that holds the data; 0 is the file itself
	boxes []byte // further boxes in the meta box
}

// buildFile returns a file of items, which are numbered from 1. The first is the primary one.
func buildFile(ftyp string, entries ...entry) []byte { return form{}.file(ftyp, entries...) }

func (f form) file(ftyp string, entries ...entry) []byte {
	u16, u32 := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	version := func(narrow, wide byte) []byte {
		if f.wide {
			return []byte{wide, 0, 0, 0}
		}
		return []byte{narrow, 0, 0, 0}
	}
	number := func(b []byte, n int) []byte {
		if f.wide {
			return u32(b, uint32(n))
		}
		return u16(b, uint16(n))
	}
	var ipco [][]byte
	var infes, refs, idat, mdat []byte
	ipma := u32(version(0, 1), uint32(len(entries)))
	if f.wide {
		ipma[3] = 1
	}
	associate := func(properties [][]byte, essential byte) {
		for _, p := range properties {
			ipco = append(ipco, p)
			if f.wide {
				ipma = append(ipma, essential, byte(len(ipco)))
			} else {
				ipma = append(ipma, byte(len(ipco))|essential)
			}
		}
	}
	for i, e := range entries {
		infes = append(infes, box("infe", number(version(2, 3), i+1), []byte{0, 0}, []byte(e.kind), []byte{0})...)
		ipma = append(number(ipma, i+1), byte(len(e.properties)+len(e.optional)))
		associate(e.properties, 0x80)
		associate(e.optional, 0)
		for _, r := range e.refs {
			b := u16(number(nil, i+1), uint16(len(r.to)))
			for _, to := range r.to {
				b = number(b, int(to))
			}
			refs = append(refs, box(r.kind, b)...)
		}
		if e.idat {
			idat = append(idat, e.data...)
		} else {
			mdat = append(mdat, e.data...)
		}
	}
	meta := func(offset int) []byte {
		iloc := number(append(version(1, 2), 0x44, 0), len(entries))
		inIdat := 0
		for i, e := range entries {
			iloc = number(iloc, i+1)
			at := &offset
			if e.idat {
				at = &inIdat
				iloc = u16(iloc, 1)
			} else {
				iloc = u16(iloc, 0)
			}
			iloc = u32(u32(u16(u16(iloc, f.data), 1), uint32(*at)), uint32(len(e.data)+e.beyond))
			*at += len(e.data)
		}
		return box("meta", make([]byte, 4), box("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)), f.boxes,
			box("pitm", number(version(0, 1), 1)), box("iloc", iloc),
			box("iinf", number(version(0, 1), len(entries)), infes), boxUnlessEmpty("iref", version(0, 1), refs),
			box("iprp", box("ipco", ipco...), box("ipma", ipma)), boxUnlessEmpty("idat", nil, idat))
	}
	head := box("ftyp", []byte(ftyp))
	offset := len(head) + len(meta(0)) + 8
	return slices.Concat(head, meta(offset), box("mdat", mdat))
}

// boxUnlessEmpty returns a box, or nil if the box would only hold its version.
func boxUnlessEmpty(kind string, version, body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	return box(kind, version, body)
}

const (
	heicBrands = "heic\x00\x00\x00\x00mif1heic"
	avifBrands = "avif\x00\x00\x00\x00avifmif1"
)

func ispe(w, h int) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 4), uint32(w))
	return box("ispe", binary.BigEndian.AppendUint32(b, uint32(h)))
}

func irot(n byte) []byte { return box("irot", []byte{n}) }
func imir(n byte) []byte { return box("imir", []byte{n}) }

func clap(n ...uint32) []byte {
	var b []byte
	for _, v := range n {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return box("clap", b)
}

func colourBox(primaries, transfer, matrix byte, full bool) []byte {
	b := []byte{'n', 'c', 'l', 'x', 0, primaries, 0, transfer, 0, matrix, 0}
	if full {
		b[10] = 0x80
	}
	return box("colr", b)
}

// itemFrom returns the primary picture of a file, or its alpha, as an item for another file.
func itemFrom(t testing.TB, data []byte, alpha bool, properties ...[]byte) entry {
	t.Helper()
	h, err := ReadHeader(data)
	if err != nil {
		t.Fatal(err)
	}
	p := &h.colour
	if alpha {
		p = h.alpha
	}
	e := entry{kind: "hvc1", data: slices.Concat(p.tiles[0].extents...)}
	config := "hvcC"
	if p.codec == AV1 {
		e.kind, config = "av01", "av1C"
	}
	e.properties = append([][]byte{box(config, p.tiles[0].config), ispe(p.width, p.height)}, properties...)
	return e
}

// gridOf returns a file with a grid that shows one picture in every tile.
func gridOf(t testing.TB, ftyp string, data []byte, rows, columns, w, h int, properties ...[]byte) []byte {
	t.Helper()
	tile := itemFrom(t, data, false)
	body := binary.BigEndian.AppendUint16([]byte{0, 0, byte(rows - 1), byte(columns - 1)}, uint16(w))
	body = binary.BigEndian.AppendUint16(body, uint16(h))
	g := entry{kind: "grid", data: body, idat: true, properties: append([][]byte{ispe(w, h)}, properties...)}
	g.refs = []reference{{kind: "dimg", to: slices.Repeat([]uint32{2}, rows*columns)}}
	return buildFile(ftyp, g, tile)
}

// corners returns the colours in the middle of the quadrants of a picture.
func corners(img *image.NRGBA) (c [4]color.NRGBA) {
	size := img.Bounds().Size()
	for i := range c {
		c[i] = img.NRGBAAt(size.X*(1+2*(i%2))/4, size.Y*(1+2*(i/2))/4)
	}
	return c
}

// isClose reports whether two colours differ by at most 4 in each channel. Two transparent colours are always close.
func isClose(a, b color.NRGBA) bool {
	d := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 4 }
	return d(a.A, b.A) && (b.A == 0 || d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B))
}
