package engine

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"testing"

	"github.com/gen2brain/jpegn"
)

// The pictures that the tests draw.

// scene returns a picture with smooth parts, edges and some texture. Its corners are red, green, blue and white,
// clockwise from the upper left, so every turn or mirroring changes it.
func scene(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	corners := []color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(w), float64(y)/float64(h)
			wave := 40 * math.Sin(20*fx+9*fy) * math.Cos(17*fy)
			c := color.NRGBA{byte(60 + 130*fx + wave), byte(70 + 120*fy - wave), byte(90 + 100*fx*fy + wave/2), 255}
			if math.Hypot(fx-0.6, fy-0.4) < 0.15 {
				c = color.NRGBA{230, 200, 90, 255}
			}
			switch left, top := fx < 0.25, fy < 0.25; {
			case left && top:
				c = corners[0]
			case fx >= 0.75 && top:
				c = corners[1]
			case fx >= 0.75 && fy >= 0.75:
				c = corners[2]
			case left && fy >= 0.75:
				c = corners[3]
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func toJPEG(t testing.TB, m image.Image, o *jpegn.EncodeOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpegn.Encode(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func toPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func toGIF(t testing.TB, g *gif.GIF) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// insert puts a segment or chunk into a file at an offset.
func insert(file []byte, at int, part []byte) []byte {
	return bytes.Join([][]byte{file[:at], part, file[at:]}, nil)
}

func segment(marker byte, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2)), payload...)
}

func chunk(kind string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = append(append(b, kind...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// encodePNG returns a PNG of raw rows, which include their filter bytes. extra comes before the pixels.
func encodePNG(w, h uint32, depth, colourType, interlace byte, extra, raw []byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	zw.Write(raw)
	zw.Close()
	return bytes.Join([][]byte{[]byte(pngSignature), chunk("IHDR", append(header, depth, colourType, 0, 0, interlace)),
		extra, chunk("IDAT", z.Bytes()), chunk("IEND", nil)}, nil)
}

// exifBlock returns a TIFF block whose first directory has only an orientation.
func exifBlock(order binary.AppendByteOrder, value uint16) []byte {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, value)
	return append(b, 0, 0, 0, 0, 0, 0)
}

func withEXIF(jpeg []byte, tiff []byte) []byte {
	return insert(jpeg, 2, segment(markerAPP1, append([]byte("Exif\x00\x00"), tiff...)))
}

// flatJPEG returns an 8x8 JPEG of one colour, given as the samples of its components. It is baseline, all coefficients
// are quantised by 8, and the extra segments come before the frame.
func flatJPEG(extra []byte, samples ...byte) []byte {
	quant := append([]byte{0}, bytes.Repeat([]byte{8}, 64)...)
	dc := append([]byte{0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	ac := append([]byte{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0) // code 0 ends a block
	frame := []byte{8, 0, 8, 0, 8, byte(len(samples))}
	scan := []byte{byte(len(samples))}
	var bits []byte
	put := func(v, n int) {
		for n--; n >= 0; n-- {
			bits = append(bits, byte(v>>n&1))
		}
	}
	dcCodes := []struct{ code, n int }{{0, 2}, {2, 3}, {3, 3}, {4, 3}, {5, 3}, {6, 3}, {14, 4}, {30, 5}, {62, 6}}
	for i, v := range samples {
		frame = append(frame, byte(i+1), 0x11, 0)
		scan = append(scan, byte(i+1), 0)
		diff, category := int(v)-128, 0
		for magnitude := max(diff, -diff); magnitude > 0; magnitude >>= 1 {
			category++
		}
		put(dcCodes[category].code, dcCodes[category].n)
		if diff < 0 {
			diff += 1<<category - 1
		}
		put(diff, category)
		put(0, 1)
	}
	for len(bits)%8 != 0 {
		bits = append(bits, 1)
	}
	var data []byte
	for i := 0; i < len(bits); i += 8 {
		var b byte
		for _, bit := range bits[i : i+8] {
			b = b<<1 | bit
		}
		if data = append(data, b); b == 0xff {
			data = append(data, 0)
		}
	}
	return bytes.Join([][]byte{{0xff, markerSOI}, extra, segment(0xdb, quant), segment(markerDHT, dc), segment(markerDHT, ac),
		segment(markerSOF0, frame), segment(markerSOS, append(scan, 0, 63, 0)), data, {0xff, markerEOI}}, nil)
}

func adobe(transform byte) []byte {
	return segment(markerAPP14, []byte{'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform})
}

// riff returns a WebP of chunks, given alternately as kind and payload.
func riff(parts ...string) []byte {
	body := []byte("WEBP")
	for i := 0; i < len(parts); i += 2 {
		body = append(body, parts[i]...)
		body = binary.LittleEndian.AppendUint32(body, uint32(len(parts[i+1])))
		body = append(body, parts[i+1]...)
		if len(parts[i+1])%2 == 1 {
			body = append(body, 0)
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// vp8 returns a lossy key frame whose every bit is zero: a picture of luma and chroma near 128 (RFC 6386, 9 to 11).
func vp8(w, h uint16) string {
	partition := 256 + 8*(int(w)+15)/16*(int(h)+15)/16
	b := []byte{byte(0x10 | partition<<5), byte(partition >> 3), byte(partition >> 11), 0x9d, 0x01, 0x2a}
	b = binary.LittleEndian.AppendUint16(b, w)
	b = binary.LittleEndian.AppendUint16(b, h)
	return string(append(b, make([]byte, 2*partition)...))
}

func vp8x(flags byte, w, h int) string {
	w, h = w-1, h-1
	return string([]byte{flags, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)})
}

// vp8l returns a lossless picture without compression: every literal has a code of 8 bits (RFC 9649, 3.7).
func vp8l(m *image.NRGBA) string {
	var out []byte
	var acc uint64
	var have int
	put := func(v uint64, n int) {
		acc |= v << have
		for have += n; have >= 8; have -= 8 {
			out = append(out, byte(acc))
			acc >>= 8
		}
	}
	put(0x2f, 8)
	put(uint64(m.Rect.Dx()-1), 14)
	put(uint64(m.Rect.Dy()-1), 14)
	put(1, 1) // header flag: alpha is used
	put(0, 3+1+1+1)
	for _, alphabet := range []int{280, 256, 256, 256} {
		put(0, 1)
		put(12-4, 4) // code lengths, in the order 17 18 0 1 2 3 4 5 16 6 7 8: one bit for 0 and for 8
		for i := range 12 {
			if i == 2 || i == 11 {
				put(1, 3)
			} else {
				put(0, 3)
			}
		}
		put(0, 1)
		for s := range alphabet {
			if s < 256 {
				put(1, 1)
			} else {
				put(0, 1)
			}
		}
	}
	put(1, 4) // distances: one symbol, 0
	for i := 0; i < len(m.Pix); i += 4 {
		for _, v := range []byte{m.Pix[i+1], m.Pix[i], m.Pix[i+2], m.Pix[i+3]} {
			for n := 7; n >= 0; n-- {
				put(uint64(v>>n&1), 1)
			}
		}
	}
	put(0, 7)
	return string(out)
}
