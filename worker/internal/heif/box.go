package heif

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// reader reads big-endian numbers. Beyond the end it returns zeros and sets short.
type reader struct {
	data  []byte
	short bool
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.data)) {
		r.data, r.short = nil, true
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

// uint reads an unsigned number of 0 to 8 bytes.
func (r *reader) uint(size int) (v uint64) {
	for _, b := range r.bytes(uint64(size)) {
		v = v<<8 | uint64(b)
	}
	return v
}

func (r *reader) u8() int     { return int(r.uint(1)) }
func (r *reader) u16() int    { return int(r.uint(2)) }
func (r *reader) u32() uint32 { return uint32(r.uint(4)) }

// fourCC reads a type of four characters. It is empty if fewer remain.
func (r *reader) fourCC() string { return string(r.bytes(4)) }

// text reads a text up to the zero byte that ends it, or up to the end of the data if there is none.
func (r *reader) text() string {
	text, rest, _ := bytes.Cut(r.data, []byte{0})
	r.data = rest
	return string(text)
}

// fullBox reads the version and the flags of a full box (ISO/IEC 14496-12, 4.2).
func (r *reader) fullBox() (version int, flags uint32) {
	v := r.u32()
	return int(v >> 24), v & 0xffffff
}

// boxes steps through the boxes of a file or of a box (ISO/IEC 14496-12, 4.2).
type boxes struct {
	rest  []byte
	file  bool // the boxes of the file itself: an incomplete one is truncated, not corrupt
	count *int // boxes read so far, in the whole file
}

// next returns the next box, with an empty type after the last.
func (b *boxes) next() (kind string, body []byte, err error) {
	if len(b.rest) == 0 {
		return "", nil, nil
	}
	*b.count++
	if err := checkLimit(Boxes, *b.count, maxBoxes); err != nil {
		return "", nil, err
	}
	if len(b.rest) < 8 {
		return "", nil, b.cut("box header of %d bytes", len(b.rest))
	}
	size, head := uint64(binary.BigEndian.Uint32(b.rest)), uint64(8)
	kind = string(b.rest[4:8])
	switch size {
	case 0: // it extends to the end
		size = uint64(len(b.rest))
	case 1:
		if len(b.rest) < 16 {
			return "", nil, b.cut("header of box %q", kind)
		}
		size, head = binary.BigEndian.Uint64(b.rest[8:]), 16
	}
	if size < head {
		return "", nil, corrupt("box %q of %d bytes", kind, size)
	}
	if size > uint64(len(b.rest)) {
		return kind, b.rest[head:], b.cut("box %q of %d bytes, but only %d remain", kind, size, len(b.rest))
	}
	body, b.rest = b.rest[head:size], b.rest[size:]
	return kind, body, nil
}

func (b *boxes) cut(format string, args ...any) error {
	if b.file {
		return fmt.Errorf("%w: %s", ErrTruncated, fmt.Sprintf(format, args...))
	}
	return corrupt(format, args...)
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}
