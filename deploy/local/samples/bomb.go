package samples

import (
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/color"
	"io"
	"slices"
)

// Bomb writes a valid PNG of one colour with one bit per pixel (https://www.w3.org/TR/png-3/). The file is small: about
// 50 KB for 20000 x 20000 pixels. A reader that trusts the header allocates 1.6 GB for it.
func Bomb(w io.Writer, width, height int) error {
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	header = append(header, 1, 3, 0, 0, 0) // bit depth 1, palette, the only compression and filter methods, no interlace

	data := &chunk{w: w, kind: "IDAT"}
	z, err := zlib.NewWriterLevel(data, zlib.BestCompression)
	if err != nil {
		return fmt.Errorf("bomb: %w", err)
	}
	if _, err := io.WriteString(w, "\x89PNG\r\n\x1a\n"); err != nil {
		return fmt.Errorf("bomb: %w", err)
	}
	c := colours[0]
	for _, part := range []chunk{{w: w, kind: "IHDR", b: header}, {w: w, kind: "PLTE", b: []byte{c.R, c.G, c.B}}} {
		if err := part.flush(); err != nil {
			return fmt.Errorf("bomb: %w", err)
		}
	}
	row := make([]byte, 1+(width+7)/8) // no filter, then index 0 for each pixel
	for range height {
		if _, err := z.Write(row); err != nil {
			return fmt.Errorf("bomb: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("bomb: %w", err)
	}
	if err := data.flush(); err != nil {
		return fmt.Errorf("bomb: %w", err)
	}
	if err := (&chunk{w: w, kind: "IEND"}).flush(); err != nil {
		return fmt.Errorf("bomb: %w", err)
	}
	return nil
}

// chunk buffers the bytes of a PNG chunk, and writes a chunk whenever it has enough of them.
type chunk struct {
	w    io.Writer
	kind string
	b    []byte
}

const chunkSize = 32 << 10

func (c *chunk) Write(p []byte) (int, error) {
	c.b = append(c.b, p...)
	if len(c.b) >= chunkSize {
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (c *chunk) flush() error {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(c.b)))
	out = append(append(out, c.kind...), c.b...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	c.b = c.b[:0]
	_, err := c.w.Write(out)
	return err
}

// plainWebP returns a lossless WebP of one colour, up to 16384 pixels a side, in about 36 bytes. Each prefix code has
// one symbol, so a pixel takes no bits (RFC 9649, 3.7.2.1).
func plainWebP(width, height int, c color.NRGBA) []byte {
	var b bits
	b.put(0x2f, 8) // signature
	b.put(uint32(width-1), 14)
	b.put(uint32(height-1), 14)
	b.put(0, 1) // no alpha
	b.put(0, 3) // version
	b.put(0, 1) // no transform
	b.put(0, 1) // no colour cache
	b.put(0, 1) // one group of codes
	for _, symbol := range []uint8{c.G, c.R, c.B, 255, 0} {
		b.put(1, 1) // a simple code
		b.put(0, 1) // one symbol
		b.put(1, 1) // eight bits long
		b.put(uint32(symbol), 8)
	}
	if len(b.bytes)%2 == 1 {
		b.bytes = append(b.bytes, 0) // part of the payload, so the chunk needs no padding
	}
	le := binary.LittleEndian
	out := le.AppendUint32([]byte("RIFF"), uint32(12+len(b.bytes)))
	out = le.AppendUint32(append(out, "WEBPVP8L"...), uint32(len(b.bytes)))
	return slices.Concat(out, b.bytes)
}

// bits collects bits, the lowest bit of a byte first.
type bits struct {
	bytes []byte
	n     int
}

func (b *bits) put(v uint32, count int) {
	for i := range count {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		b.bytes[b.n/8] |= byte(v>>i&1) << (b.n % 8)
		b.n++
	}
}
