package pngscan

import (
	"encoding/binary"
	"hash/crc32"
)

// MaxChunks is the most chunks that a PNG may have. Encoders put 8 KiB of pixels or more into each. A file of 64 MiB of
// the smallest chunks would cost a decoder seconds without yielding a pixel.
const MaxChunks = 1 << 17

const chunkFrame = 4 + 4 + 4 // length, type and checksum

// chunk is a chunk of a file (5.3).
type chunk struct {
	typed   []byte // type and payload
	payload []byte
	sum     []byte // checksum of 4 bytes, or fewer if the file ends
}

// nextChunk splits the first chunk off data. If the file ends within it, the error is ErrTruncated, and the chunk has
// the available part of its payload.
func nextChunk(data []byte) (c chunk, rest []byte, err error) {
	if len(data) < 8 {
		return chunk{}, nil, truncated("%d bytes of a chunk", len(data))
	}
	length := int64(binary.BigEndian.Uint32(data))
	end := min(8+length, int64(len(data)))
	c = chunk{typed: data[4:end], payload: data[8:end], sum: data[end:min(end+4, int64(len(data)))]}
	if chunkFrame+length > int64(len(data)) {
		return c, nil, truncated("chunk %q of %d bytes", c.kind(), length)
	}
	return c, data[end+4:], nil
}

func (c chunk) kind() string { return string(c.typed[:4]) }

// checksumValid reports whether the checksum is complete and right.
func (c chunk) checksumValid() bool {
	return len(c.sum) == 4 && crc32.ChecksumIEEE(c.typed) == binary.BigEndian.Uint32(c.sum)
}

// isCritical reports whether a decoder has to understand chunks of this type (5.4).
func (c chunk) isCritical() bool { return c.typed[0]&0x20 == 0 }

// scanner reads the chunks of a file in order.
type scanner struct {
	file      *File
	animation firstFrame
	colours   colours
	pixels    bool // an IDAT chunk was read
	gap       bool // another chunk was read after it
	trns      bool // a tRNS chunk was read
	plte      bool // a PLTE chunk was read
}

// Open reads all chunks. It checks their checksums, except those of pixels, which are checked when the pixels are
// decoded. If accept is true, damage is not an error as long as some pixels may decode; [File.Damage] then says what is
// wrong. Open allocates almost nothing. It does not check the size against limits, see [ReadSize].
func Open(data []byte, accept bool) (*File, error) {
	f := &File{accept: accept}
	if err := f.header(data); err != nil {
		return nil, err
	}
	s := scanner{file: f}
	rest := data[len(Signature)+chunkFrame+13:]
	f.chunks = rest
	for range MaxChunks {
		c, after, err := nextChunk(rest)
		if err != nil && !(len(c.typed) > 0 && c.kind() == "IDAT") {
			if s.pixels { // anything may follow the pixels
				return s.finish()
			}
			return nil, err
		}
		last, fault := s.chunk(c, rest)
		if fault != nil {
			return nil, fault
		}
		if last || err != nil {
			return s.finish()
		}
		rest = after
	}
	return nil, ErrChunks
}

// chunk reads the chunk at the beginning of rest. It reports whether it is the last one.
func (s *scanner) chunk(c chunk, rest []byte) (last bool, err error) {
	f, kind := s.file, c.kind() // kind must not escape to the heap, because there may be many chunks
	switch kind {
	case "IEND":
		return true, nil
	case "IDAT":
		if !s.pixels && f.Indexed && f.palette == nil {
			return false, corrupt("no palette before the pixels")
		}
		if !s.pixels {
			f.pixels = stream{rest: rest, kind: "IDAT", checked: true}
		}
		f.pixels.broken = f.pixels.broken || s.gap
		if !s.gap || f.accept {
			f.packed += int64(len(c.payload))
		}
		s.pixels = true
		return false, nil
	case "fdAT":
		s.animation.data(c, rest)
	}
	s.gap = s.pixels
	if s.pixels && kind != "eXIf" && kind != "fcTL" && !isText(kind) && kind != "caBX" {
		return false, nil
	}
	if !c.checksumValid() {
		if !c.isCritical() {
			return false, nil
		}
		if err := f.tolerate(corrupt("checksum of chunk %q", c.kind())); err != nil {
			return false, err
		}
	}
	switch kind {
	case "IHDR":
		return false, f.tolerate(corrupt("a second header"))
	case "PLTE":
		return false, s.palette(c.payload)
	case "tRNS":
		s.transparency(c.payload)
	case "eXIf":
		if f.EXIF == nil {
			f.EXIF = c.payload
		}
	case "tEXt", "zTXt", "iTXt":
		s.text(kind, c.payload)
	case "caBX":
		if f.Credentials == nil {
			f.Credentials = c.payload
		}
	case "acTL", "fcTL":
		s.animation.chunk(c, f, s.pixels)
	default:
		if c.isCritical() {
			return false, f.tolerate(corrupt("unknown critical chunk %q", c.kind()))
		}
		s.colours.chunk(kind, c.payload, s.plte)
	}
	return false, nil
}

// finish returns the file after all its chunks were read.
func (s *scanner) finish() (*File, error) {
	f := s.file
	if !s.pixels {
		return nil, truncated("no pixels")
	}
	f.Colours = s.colours.found
	f.Animated, f.frame = s.animation.result()
	f.frames, f.plays, f.firstIsPicture = s.animation.frames, s.animation.plays, s.animation.still
	if f.frame == nil && !f.accept && !f.fits() {
		return nil, truncated("%d bytes for %d x %d pixels", f.packed, f.Width, f.Height)
	}
	return f, nil
}

// palette reads a PLTE chunk (11.2.2). It is only a suggestion unless pixels are indexes, and has no meaning for grey.
// Colours beyond the indexes of the depth are ignored, as in libpng.
func (s *scanner) palette(p []byte) error {
	f := s.file
	if f.palette != nil {
		return f.tolerate(corrupt("a second palette"))
	}
	s.plte = true
	if !f.Indexed {
		return nil
	}
	if len(p)%3 != 0 || len(p) > 3*256 {
		if err := f.tolerate(corrupt("a palette of %d bytes", len(p))); err != nil {
			return err
		}
	}
	if len(p) < 3 {
		return corrupt("a palette of %d bytes", len(p))
	}
	f.palette = new([256][4]byte)
	for i := range f.palette {
		f.palette[i][3] = 0xff
	}
	for i := 0; i < len(p)/3 && i < 1<<f.Depth; i++ {
		copy(f.palette[i][:], p[3*i:3*i+3])
	}
	return nil
}

// transparency reads a tRNS chunk (11.3.1.1). It is ignored if pixels have alpha, or if it precedes the palette that it
// refers to.
func (s *scanner) transparency(p []byte) {
	f := s.file
	if s.trns {
		return
	}
	switch {
	case f.Indexed && f.palette != nil && len(p) > 0 && len(p) <= 256:
		for i, a := range p {
			f.palette[i][3] = a
		}
	case !f.Indexed && f.Samples%2 == 1 && len(p) == 2*f.Samples:
		f.Keyed = true
		for i := range f.Samples {
			f.key[i] = binary.BigEndian.Uint16(p[2*i:]) & uint16(1<<f.Depth-1)
		}
	default:
		return
	}
	s.trns = true
}
