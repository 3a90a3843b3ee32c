package engine

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"image"
	"image/color"
	"math/bits"
	"slices"
	"testing"
)

// gifDrawing is a GIF of one frame.
type gifDrawing struct {
	screen     image.Point
	frame      image.Rectangle
	colours    []color.NRGBA // colours, a power of two, or none
	indexes    []byte
	extensions []byte
	subBlocks  []byte // codes after those of the indexes
	tail       []byte // bytes instead of the trailer
}

func (d gifDrawing) encode(t testing.TB) []byte {
	t.Helper()
	out := put16([]byte("GIF89a"), d.screen.X, d.screen.Y)
	if len(d.colours) > 0 {
		out = append(out, 0x80|byte(bits.Len(uint(len(d.colours)))-2), 0, 0)
	} else {
		out = append(out, 0, 0, 0)
	}
	for _, c := range d.colours {
		out = append(out, c.R, c.G, c.B)
	}
	out = append(append(out, d.extensions...), 0x2c)
	out = put16(out, d.frame.Min.X, d.frame.Min.Y, d.frame.Dx(), d.frame.Dy())
	var coded bytes.Buffer
	w := lzw.NewWriter(&coded, lzw.LSB, 8)
	w.Write(d.indexes)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out = append(out, 0, 8)
	for b := range slices.Chunk(coded.Bytes(), 255) {
		out = append(append(out, byte(len(b))), b...)
	}
	out = append(append(out, d.subBlocks...), 0)
	if d.tail != nil {
		return append(out, d.tail...)
	}
	return append(out, 0x3b)
}

func put16(dst []byte, values ...int) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(v))
	}
	return dst
}

// oddGIFs returns a GIF of each odd kind.
func oddGIFs(t testing.TB) map[string]oddity {
	raw, m := quarters()
	var indexes []byte
	for row := range slices.Chunk(raw, 41) {
		indexes = append(indexes, row[1:]...)
	}
	whole := gifDrawing{screen: image.Pt(40, 30), frame: image.Rect(0, 0, 40, 30), indexes: indexes,
		colours: []color.NRGBA{{200, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 200, 255}, {250, 250, 250, 255}}}
	changed := func(want *image.NRGBA, change func(*gifDrawing)) oddity {
		d := whole
		change(&d)
		return oddity{file: d.encode(t), want: want, least: exact}
	}
	lower := func(c color.NRGBA) color.NRGBA { // the lower half of the GIF has no colours
		if c.B == 200 || c.R == 250 {
			return color.NRGBA{A: 255}
		}
		return c
	}
	twoTone := func(c color.NRGBA) color.NRGBA { // the GIF has no colours
		if c == whole.colours[1] {
			return color.NRGBA{255, 255, 255, 255}
		}
		return color.NRGBA{A: 255}
	}
	return map[string]oddity{
		"ordinary":                changed(m, func(*gifDrawing) {}),
		"frame beyond the screen": changed(placeOn(70, 50, 30, 20, m), func(d *gifDrawing) { d.frame = d.frame.Add(image.Pt(30, 20)) }),
		"frame over the edge":     changed(placeOn(45, 30, 5, 0, m), func(d *gifDrawing) { d.frame = d.frame.Add(image.Pt(5, 0)) }),
		"screen of 0x0":           changed(m, func(d *gifDrawing) { d.screen = image.Point{} }),
		"a pixel short":           changed(clearLast(m), func(d *gifDrawing) { d.indexes = d.indexes[:len(d.indexes)-1] }),
		"pixels too many":         changed(m, func(d *gifDrawing) { d.indexes = append(bytes.Clone(d.indexes), 1, 2, 3) }),
		"data after the end code": changed(m, func(d *gifDrawing) { d.subBlocks = []byte{3, 1, 2, 3} }),
		"indexes without colours": changed(mapped(m, lower), func(d *gifDrawing) { d.colours = d.colours[:2] }),
		"no colours":              changed(mapped(m, twoTone), func(d *gifDrawing) { d.colours = nil }),
		"no trailer":              changed(m, func(d *gifDrawing) { d.tail = []byte{} }),
		"rubbish after the end":   changed(m, func(d *gifDrawing) { d.tail = []byte("\x3brubbish") }),
		"rubbish and no trailer":  changed(m, func(d *gifDrawing) { d.tail = []byte("\x00\x01\x02") }),
		"unknown extension":       changed(m, func(d *gifDrawing) { d.extensions = []byte{0x21, 0x77, 2, 1, 2, 0} }),
	}
}

func TestOddGIFs(t *testing.T) {
	comparesPixels(t)
	checkOddities(t, oddGIFs(t))
}
