package gifscan

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"testing"
)

// The test pictures are 6 x 5 pixels, with four colours in diagonals.
const (
	width  = 6
	height = 5
)

// fourColours is red, green, blue and yellow.
var fourColours = []byte{255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0}

func diagonals() []byte {
	pix := make([]byte, width*height)
	for i := range pix {
		pix[i] = byte((i%width + i/width) % 4)
	}
	return pix
}

// file returns a GIF of these blocks, with a global colour table, which may be nil, and a trailer.
func file(w, h int, table []byte, blocks ...[]byte) []byte {
	le := binary.LittleEndian
	data := le.AppendUint16(le.AppendUint16([]byte("GIF89a"), uint16(w)), uint16(h))
	data = append(data, tableFields(table), 3, 0) // the background is not the first colour
	data = append(data, table...)
	return append(append(data, bytes.Join(blocks, nil)...), ';')
}

func tableFields(table []byte) byte {
	for n := range byte(8) {
		if len(table) == 3<<(n+1) {
			return hasColourTable | n
		}
	}
	return 0
}

// frame returns an image descriptor, followed by a local colour table, which may be nil, and the data.
func frame(x, y, w, h int, fields byte, table, data []byte) []byte {
	b := []byte{imageSeparator}
	for _, v := range []int{x, y, w, h} {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return append(append(append(b, fields|tableFields(table)), table...), data...)
}

// plain returns a frame that fills the screen.
func plain(data []byte) []byte { return frame(0, 0, width, height, 0, nil, data) }

// control returns a graphic control extension that makes an index transparent, unless it is negative.
func control(disposal byte, transparent int) []byte {
	fields, index := disposal<<2, byte(0)
	if transparent >= 0 {
		fields, index = fields|hasTransparency, byte(transparent)
	}
	return []byte{extensionStart, graphicControl[0], graphicControlSize, fields, 0, 0, index, 0}
}

// subBlocks returns the code size and data in sub-blocks of at most n bytes.
func subBlocks(codeSize byte, data []byte, n int) []byte {
	b := []byte{codeSize}
	for len(data) > 0 {
		part := data[:min(n, len(data))]
		b = append(append(b, byte(len(part))), part...)
		data = data[len(part):]
	}
	return append(b, 0)
}

// compressedData returns the image data of pixels.
func compressedData(t testing.TB, codeSize int, pix []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := lzw.NewWriter(&b, lzw.LSB, codeSize)
	if _, err := w.Write(pix); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return subBlocks(byte(codeSize), b.Bytes(), 255)
}

// codedData returns the image data of codes that the test chooses. The width of a code grows as in a decoder.
func codedData(codeSize uint, codes ...int) []byte {
	var packed []byte
	var word uint64
	var n uint
	bits, known := codeSize+1, 1<<codeSize+1 // known is the last defined code
	for _, code := range codes {
		word |= uint64(code) << n
		for n += bits; n >= 8; n -= 8 {
			packed, word = append(packed, byte(word)), word>>8
		}
		switch code {
		case 1 << codeSize:
			bits, known = codeSize+1, 1<<codeSize+1
		case 1<<codeSize + 1:
		default:
			if known++; known >= 1<<bits && bits < maxCodeBits {
				bits++
			}
		}
	}
	return subBlocks(byte(codeSize), append(packed, byte(word)), 255)
}

// literals returns a clear code and the codes of uncompressed pixels.
func literals(codeSize uint, pix []byte) []int {
	codes := []int{1 << codeSize}
	for _, v := range pix {
		codes = append(codes, int(v))
	}
	return codes
}
