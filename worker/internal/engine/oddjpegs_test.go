package engine

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"darkroom/deploy/testkit/jpegfile"
)

// drawnSize is the size of the pictures that the tests of odd JPEGs draw.
var drawnSize = image.Pt(72, 48)

// tone returns the value of component c of a smooth picture at a position in pixels, from 0 to 1. It is different in
// all corners.
func tone(c int, x, y float64) float64 {
	x, y = x/float64(drawnSize.X), y/float64(drawnSize.Y)
	switch c {
	case 0:
		return 0.5 + 0.3*math.Sin(4*x+y)*math.Cos(3*y)
	case 1:
		return 0.35 + 0.3*x
	case 2:
		return 0.4 + 0.25*y
	}
	return 0.9 - 0.3*x*y
}

// drawnPicture returns the picture whose components are the tones, converted by colour.
func drawnPicture(colour func(c [4]float64) (r, g, b float64)) *image.NRGBA {
	m := image.NewNRGBA(image.Rectangle{Max: drawnSize})
	for y := range drawnSize.Y {
		for x := range drawnSize.X {
			var c [4]float64
			for i := range c {
				c[i] = tone(i, float64(x), float64(y))
			}
			r, g, b := colour(c)
			m.SetNRGBA(x, y, color.NRGBA{clamped(255 * r), clamped(255 * g), clamped(255 * b), 255})
		}
	}
	return m
}

func ycc(c [4]float64) (r, g, b float64) { // JFIF
	u, v := c[1]-128.0/255, c[2]-128.0/255
	return c[0] + 1.402*v, c[0] - 0.344136*u - 0.714136*v, c[0] + 1.772*u
}

func rgb(c [4]float64) (r, g, b float64)  { return c[0], c[1], c[2] }
func grey(c [4]float64) (r, g, b float64) { return c[0], c[0], c[0] }

// inks treats samples as Adobe and browsers do: 0 means full ink.
func inks(c [4]float64) (r, g, b float64) { return c[0] * c[3], c[1] * c[3], c[2] * c[3] }

// drawnJPEG returns a JPEG of the tones in a single scan.
func drawnJPEG(samplings []byte, change func(*jpegfile.File)) []byte {
	f := jpegfile.Draw(drawnSize.X, drawnSize.Y, 8, samplings, tone)
	if change != nil {
		change(f)
	}
	all := make([]int, len(samplings))
	for i := range all {
		all[i] = i
	}
	return f.Encode(jpegfile.Sequential(all...))
}

// orientationBlock returns a TIFF block with an orientation of a type (TIFF 6.0, section 2) that has this many bytes.
func orientationBlock(order binary.AppendByteOrder, kind uint16, bytes int, value byte) []byte {
	b := exifBlock(order, 0)
	field := b[10:22]
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		field[2], field[3] = byte(kind), 0
		field[8] = value
		return b
	}
	field[2], field[3] = 0, byte(kind)
	field[8] = 0
	field[8+bytes-1] = value
	return b
}

// oddJPEGs returns a JPEG of each odd kind.
func oddJPEGs(t testing.TB) map[string]oddity {
	colour := []byte{0x22, 0x11, 0x11}
	plain := drawnJPEG(colour, nil)
	restarts := drawnJPEG(colour, func(f *jpegfile.File) { f.Interval = 5 })
	firstRestart := bytes.Index(restarts, []byte{0xff, 0xd0})
	scan := bytes.Index(plain, []byte{0xff, markerSOS})
	whole := drawnPicture(ycc)
	oddityOf := func(file []byte) oddity { return oddity{file: file, want: whole, least: 36} }
	blemished := func(file []byte, least float64) oddity {
		return oddity{file: file, want: whole, least: least, damaged: true}
	}
	edited := func(file []byte, at int, with ...byte) []byte {
		file = bytes.Clone(file)
		copy(file[at:], with)
		return file
	}
	end := len(plain) - 2
	adobeGrey := func(transform byte) oddity {
		return oddity{file: drawnJPEG([]byte{0x11}, func(f *jpegfile.File) { f.Segments = jpegfile.Adobe(transform) }), want: drawnPicture(grey), least: 40}
	}
	sampled := func(want *image.NRGBA, samplings []byte, change func(*jpegfile.File)) oddity {
		return oddity{file: drawnJPEG(samplings, change), want: want, least: 33}
	}
	turned := func(tiff []byte) oddity {
		return oddity{file: withEXIF(plain, tiff), want: orient(whole, 6), least: 36, alone: true}
	}
	profile := append(displayP3(), 0, 0, 0)
	return map[string]oddity{
		"ordinary":                        oddityOf(plain),
		"no end marker":                   oddityOf(plain[:end]),
		"end marker overwritten":          oddityOf(edited(plain, end, 0, 0)),
		"zeros instead of the end marker": oddityOf(append(bytes.Clone(plain[:end]), make([]byte, 300)...)),
		"rubbish after the end marker":    oddityOf(append(bytes.Clone(plain), "\xff\xd8\xff\x00rubbish"...)),
		"two end markers":                 oddityOf(append(bytes.Clone(plain), 0xff, markerEOI)),
		"parameters of the scan":          oddityOf(edited(plain, scan+11, 1, 5, 0x21)),
		"grey, Adobe 0":                   adobeGrey(0),
		"grey, Adobe 1":                   adobeGrey(1),
		"grey, Adobe 2":                   adobeGrey(2),
		"grey, sampled 2x2":               sampled(drawnPicture(grey), []byte{0x22}, nil),

		"another restart marker":    blemished(edited(restarts, firstRestart+1, 0xd5), 36),
		"no restart marker":         blemished(slices.Delete(bytes.Clone(restarts), firstRestart, firstRestart+2), 12),
		"bytes before a restart":    blemished(insert(restarts, firstRestart, []byte{0x12, 0x34, 0x56}), 36),
		"bytes between segments":    blemished(insert(plain, scan, []byte{0x11, 0x22}), 36),
		"ff 00 between segments":    blemished(insert(plain, scan, []byte{0xff, 0}), 36),
		"fill bytes before markers": oddityOf(insert(insert(plain, scan, []byte{0xff, 0xff}), 2, []byte{0xff})),

		"thirds":                     sampled(whole, []byte{0x31, 0x11, 0x11}, nil),
		"thirds both ways":           sampled(whole, []byte{0x33, 0x11, 0x11}, nil),
		"two thirds":                 sampled(whole, []byte{0x31, 0x21, 0x11}, nil),
		"quarters":                   sampled(whole, []byte{0x41, 0x11, 0x11}, nil),
		"colour finer than luma":     sampled(whole, []byte{0x11, 0x22, 0x22}, nil),
		"colours sampled apart":      sampled(whole, []byte{0x22, 0x21, 0x12}, nil),
		"RGB by its ids, subsampled": sampled(drawnPicture(rgb), []byte{0x22, 0x22, 0x11}, setIDs('R', 'G', 'B')),
		"ids that repeat":            {file: repeatedIDs(), want: whole, least: 36},
		"ids from 0":                 sampled(whole, colour, setIDs(0, 1, 2)),
		"CMYK without Adobe":         sampled(drawnPicture(inks), []byte{0x11, 0x11, 0x11, 0x11}, nil),
		"CMYK, subsampled":           sampled(drawnPicture(inks), []byte{0x22, 0x11, 0x11, 0x22}, func(f *jpegfile.File) { f.Segments = jpegfile.Adobe(0) }),
		"one scan for each component": {file: jpegfile.Draw(drawnSize.X, drawnSize.Y, 8, colour, tone).Encode(
			jpegfile.Sequential(2), jpegfile.Sequential(0), jpegfile.Sequential(1)), want: whole, least: 36},

		"orientation, BYTE":       turned(orientationBlock(binary.BigEndian, 1, 1, 6)),
		"orientation, LONG":       turned(orientationBlock(binary.BigEndian, 4, 4, 6)),
		"orientation, SSHORT":     turned(orientationBlock(binary.LittleEndian, 8, 2, 6)),
		"orientation, SLONG":      turned(orientationBlock(binary.BigEndian, 9, 4, 6)),
		"orientation, SBYTE":      turned(orientationBlock(binary.LittleEndian, 6, 1, 6)),
		"profile longer than its": {file: insert(plain, 2, iccSegment(1, 1, profile)), want: mapped(whole, p3ToSRGB), least: 34, alone: true},
	}
}

// setIDs gives the components these ids.
func setIDs(setIDs ...byte) func(*jpegfile.File) {
	return func(f *jpegfile.File) {
		for i := range f.Components {
			f.Components[i].ID = setIDs[i]
		}
	}
}

// repeatedIDs returns a JPEG whose components all have the same id, in the frame and in the scan.
func repeatedIDs() []byte { return drawnJPEG([]byte{0x22, 0x11, 0x11}, setIDs(1, 1, 1)) }

func TestOddJPEGs(t *testing.T) {
	comparesPixels(t)
	checkOddities(t, oddJPEGs(t))
}
