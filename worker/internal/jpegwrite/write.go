package jpegwrite

import (
	"context"
	"encoding/binary"
)

// write returns the file.
func (e *encoder) write(ctx context.Context, o Options) ([]byte, error) {
	for _, s := range e.scans {
		s.coder.end(s.tokens)
	}
	tables, codes := e.assignTables(), make([]*[indexes]code, len(e.scans))
	size := headerBytes + len(o.EXIF) + len(o.XMP) + len(o.Profile)
	for i, s := range e.scans {
		var bits int
		codes[i], bits = s.codes(tables[i], e.progressive)
		size += bits/8 + bits/8/stuffing + scanBytes
	}
	w := writer{out: make([]byte, 0, size)}
	w.headers(e, o)
	for i, s := range e.scans {
		w.huffman(tables[i])
		w.scan(s.Scan, e.components, tables[i])
		for _, part := range s.tokens.all() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			w.tokens(part, codes[i])
		}
		w.pad()
		s.tokens = nil // frees the memory
	}
	return w.marker(markerEOI).out, nil
}

const (
	headerBytes = 1024 // room for the headers, which nearly always take less
	scanBytes   = 64   // room for the header of a scan
	stuffing    = 64   // nearly always, fewer than one byte in 64 needs a stuffed one
)

// writer appends the parts of a file.
type writer struct {
	out  []byte
	bits uint64 // bits that are not written yet
	free int    // free bits at the lower end of bits, 1 to 64
}

// tokens appends coded tokens.
func (w *writer) tokens(list []token, codes *[indexes]code) {
	out, acc, free := w.out, w.bits, w.free
	for _, t := range list {
		c := codes[t.index()]
		n := c.bits()
		v := uint64(c>>8) | uint64(t&0xffff)
		if free -= n; free > 0 {
			acc = acc<<n | v
			continue
		}
		acc = acc<<(n+free) | v>>-free
		out = appendStuffed(out, acc)
		free += 64
		acc = v
	}
	w.out, w.bits, w.free = out, acc, free
}

// appendStuffed appends 8 bytes with a 0 after each that is 0xff (B.1.1.5).
func appendStuffed(out []byte, v uint64) []byte {
	const low, high = 0x0101010101010101, 0x8080808080808080
	if ((^v - low) & v & high) == 0 { // the complement of no byte is 0
		return binary.BigEndian.AppendUint64(out, v)
	}
	for shift := 56; shift >= 0; shift -= 8 {
		out = append(out, byte(v>>shift))
		if byte(v>>shift) == 0xff {
			out = append(out, 0)
		}
	}
	return out
}

// pad ends the bits of a scan with ones, up to a whole byte (F.1.2.3).
func (w *writer) pad() {
	n := 64 - w.free
	for ; n >= 8; n -= 8 {
		w.stuffed(byte(w.bits >> (n - 8)))
	}
	if n > 0 {
		w.stuffed(byte(w.bits<<(8-n)) | (1<<(8-n) - 1))
	}
}

func (w *writer) stuffed(b byte) {
	w.out = append(w.out, b)
	if b == 0xff {
		w.out = append(w.out, 0)
	}
}
