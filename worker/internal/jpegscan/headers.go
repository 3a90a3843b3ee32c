package jpegscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Markers of table B.1.
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended sequential
	markerSOF2  = 0xc2 // progressive
	markerDHT   = 0xc4
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

func unsupported(what string) error { return fmt.Errorf("%w: %s", ErrUnsupported, what) }

// readHeaders reads everything except the picture's data, and records where the data begin: in d.src or, for a progressive
// picture, in its scans. A malformed segment is unsupported, because this package cannot guess what the file's writer
// meant. Between scans a malformed segment is damage: the earlier segments show that the writer knew the format.
func (d *decoder) readHeaders(data []byte) error {
	if len(data) < 2 || data[0] != 0xff || data[1] != markerSOI {
		return unsupported("not a JPEG")
	}
	for pos := 2; ; {
		if pos >= len(data) {
			return d.endsEarly()
		}
		if data[pos] != 0xff {
			return d.misplaced("no marker where one should be")
		}
		for pos < len(data) && data[pos] == 0xff { // any number of fill bytes (B.1.1.2)
			pos++
		}
		if pos < len(data) && data[pos] == markerEOI && len(d.scans) > 0 {
			return d.checkWhole()
		}
		if pos+3 > len(data) {
			return d.endsEarly()
		}
		marker, length := data[pos], int(binary.BigEndian.Uint16(data[pos+1:]))
		if length < 2 {
			return d.misplaced("a segment without a length")
		}
		if length > len(data)-pos-1 {
			return d.endsEarly()
		}
		payload := data[pos+3 : pos+1+length]
		pos += 1 + length
		started := len(d.scans) > 0
		if err := d.readSegment(marker, payload, len(data)); err != nil {
			if started && errors.Is(err, ErrUnsupported) {
				return fmt.Errorf("%w: between scans: %v", ErrCorrupt, err)
			}
			return err
		}
		if marker != markerSOS {
			continue
		}
		if !d.progressive {
			d.src = data[pos:]
			return nil
		}
		d.scans[len(d.scans)-1].src = data[pos:]
		pos += entropyLength(data[pos:])
	}
}

// endsEarly returns which error it is that the file ends within its headers.
func (d *decoder) endsEarly() error {
	if len(d.scans) > 0 {
		return fmt.Errorf("%w: no end of image", ErrTruncated)
	}
	return unsupported("headers end early")
}

// misplaced returns which error it is that bytes between segments make no sense.
func (d *decoder) misplaced(what string) error {
	if len(d.scans) > 0 {
		return fmt.Errorf("%w: %s", ErrCorrupt, what)
	}
	return unsupported(what)
}

// entropyLength returns how many bytes come before the first marker that is no restart marker.
func entropyLength(data []byte) int {
	for pos := 0; ; {
		n := bytes.IndexByte(data[pos:], 0xff)
		if n < 0 || pos+n+1 >= len(data) {
			return len(data)
		}
		pos += n
		switch next := data[pos+1]; {
		case next == 0xff: // the first of several fill bytes
			pos++
		case next == 0 || next >= markerRST0 && next <= markerRST7:
			pos += 2
		default:
			return pos
		}
	}
}

func (d *decoder) readSegment(marker byte, p []byte, fileSize int) error {
	switch {
	case marker == markerSOF0 || marker == markerSOF1 || marker == markerSOF2:
		d.progressive = marker == markerSOF2
		return d.readFrame(p, fileSize)
	case marker == markerDQT:
		return d.readQuants(p)
	case marker == markerDHT:
		return d.readHuffman(p)
	case marker == markerSOS && d.progressive:
		return d.readProgressiveScanHeader(p)
	case marker == markerSOS:
		return d.readScanHeader(p)
	case marker == markerDRI:
		if len(p) != 2 {
			return unsupported("restart interval")
		}
		d.interval = int(binary.BigEndian.Uint16(p))
		return nil
	case marker == markerAPP14 && len(p) >= 12 && bytes.HasPrefix(p, []byte("Adobe")) && p[11] == 0:
		return unsupported("colours other than YCbCr")
	case marker >= markerAPP0 && marker <= markerAPP15 || marker == markerCOM:
		return nil
	}
	return fmt.Errorf("%w: marker %#x", ErrUnsupported, marker)
}

// readFrame reads a frame header (B.2.2).
func (d *decoder) readFrame(p []byte, fileSize int) error {
	if d.count != 0 {
		return unsupported("two frames")
	}
	if len(p) < 6 || p[0] != 8 || p[5] != 1 && p[5] != 3 || len(p) != 6+3*int(p[5]) {
		return unsupported("frame header")
	}
	d.height = int(binary.BigEndian.Uint16(p[1:]))
	d.width = int(binary.BigEndian.Uint16(p[3:]))
	pixels := int64(d.width) * int64(d.height)
	if pixels == 0 || pixels > maxPixels || pixels > int64(fileSize)*maxPixelsPerByte {
		return unsupported("size")
	}
	d.count = int(p[5])
	for i := range d.count {
		c, f := &d.components[i], p[6+3*i:]
		c.id, c.h, c.v, c.quant = f[0], int(f[1]>>4), int(f[1]&15), int(f[2])
		if c.quant > 3 {
			return unsupported("quantization table")
		}
	}
	return d.checkSampling()
}

// checkSampling makes sure that the components are grey or YCbCr in a common sampling.
func (d *decoder) checkSampling() error {
	y, cb, cr := &d.components[0], &d.components[1], &d.components[2]
	if d.count == 1 {
		if y.h != 1 && y.h != 2 && y.h != 4 || y.v != 1 && y.v != 2 && y.v != 4 {
			return unsupported("sampling")
		}
		y.h, y.v = 1, 1 // a lone component has no interleaving, whatever it says (A.2.2)
		return nil
	}
	if y.h != 1 && y.h != 2 || y.v != 1 && y.v != 2 || cb.h != 1 || cb.v != 1 || cr.h != 1 || cr.v != 1 {
		return unsupported("sampling")
	}
	if y.id == cb.id || y.id == cr.id || cb.id == cr.id || y.id == 'R' && cb.id == 'G' && cr.id == 'B' {
		return unsupported("components")
	}
	return nil
}

// readQuants reads quantization tables (B.2.4.1).
func (d *decoder) readQuants(p []byte) error {
	for len(p) > 0 {
		precision, id := p[0]>>4, p[0]&15
		if precision > 1 || id > 3 || len(p) < 65+64*int(precision) {
			return unsupported("quantization table")
		}
		for k := range 64 {
			if precision == 0 {
				d.quants[id][k] = uint16(p[1+k])
			} else {
				d.quants[id][k] = binary.BigEndian.Uint16(p[1+2*k:])
			}
		}
		d.haveQuants[id] = true
		p = p[65+64*int(precision):]
	}
	return nil
}

// readHuffman reads Huffman tables (B.2.4.2).
func (d *decoder) readHuffman(p []byte) error {
	for len(p) > 0 {
		if len(p) < 17 || p[0]>>4 > 1 || p[0]&15 > 3 {
			return unsupported("Huffman table")
		}
		class, id := p[0]>>4, p[0]&15 // class 0 is for DC, 1 for AC coefficients
		counts := [16]byte(p[1:17])
		symbols := 0
		for _, n := range counts {
			symbols += int(n)
		}
		if symbols > 256 || len(p) < 17+symbols {
			return unsupported("Huffman table")
		}
		if !d.define(class, id).set(counts, p[17:17+symbols]) {
			return unsupported("Huffman table")
		}
		p = p[17+symbols:]
	}
	return nil
}

// readScanHeader reads a scan header (B.2.3), which must be that of the one scan of a sequential picture.
func (d *decoder) readScanHeader(p []byte) error {
	n := d.count
	if n == 0 || len(p) != 4+2*n || int(p[0]) != n {
		return unsupported("scan header")
	}
	if p[1+2*n] != 0 || p[2+2*n] != 63 || p[3+2*n] != 0 {
		return unsupported("scan of some coefficients")
	}
	for i := range n {
		c, id, tables := &d.components[i], p[1+2*i], p[2+2*i]
		dc, ac := tables>>4, tables&15
		if id != c.id || dc > 3 || ac > 3 {
			return unsupported("scan header")
		}
		if c.dc, c.ac = d.table(0, dc), d.table(1, ac); !d.haveQuants[c.quant] || c.dc == nil || c.ac == nil {
			return unsupported("missing tables")
		}
	}
	return nil
}
