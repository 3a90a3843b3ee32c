package jpegscan

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Markers of table B.1.
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended sequential
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

// readHeaders reads everything before the picture's data and leaves d.src there. Any segment that is not as it should
// be is unsupported: this package has no way of guessing what the file's writer meant.
func (d *decoder) readHeaders(data []byte) error {
	if len(data) < 2 || data[0] != 0xff || data[1] != markerSOI {
		return unsupported("not a JPEG")
	}
	for pos := 2; ; {
		if pos >= len(data) || data[pos] != 0xff {
			return unsupported("no marker where one should be")
		}
		for pos < len(data) && data[pos] == 0xff { // any number of fill bytes (B.1.1.2)
			pos++
		}
		if pos+3 > len(data) {
			return unsupported("headers end early")
		}
		marker, length := data[pos], int(binary.BigEndian.Uint16(data[pos+1:]))
		if length < 2 || length > len(data)-pos-1 {
			return unsupported("a segment longer than the file")
		}
		payload := data[pos+3 : pos+1+length]
		pos += 1 + length
		if err := d.readSegment(marker, payload, len(data)); err != nil {
			return err
		}
		if marker == markerSOS {
			d.src = data[pos:]
			return nil
		}
	}
}

func (d *decoder) readSegment(marker byte, p []byte, fileSize int) error {
	switch {
	case marker == markerSOF0 || marker == markerSOF1:
		return d.readFrame(p, fileSize)
	case marker == markerDQT:
		return d.readQuants(p)
	case marker == markerDHT:
		return d.readHuffman(p)
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
		class, id := p[0]>>4, p[0]&15
		counts := [16]byte(p[1:17])
		symbols := 0
		for _, n := range counts {
			symbols += int(n)
		}
		if symbols > 256 || len(p) < 17+symbols {
			return unsupported("Huffman table")
		}
		t := &d.dc[id]
		if class == 1 {
			t = &d.ac[id]
		}
		if !t.build(counts, p[17:17+symbols], class == 1) {
			return unsupported("Huffman table")
		}
		if class == 1 {
			d.haveAC[id] = true
		} else {
			d.haveDC[id] = true
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
		if !d.haveQuants[c.quant] || !d.haveDC[dc] || !d.haveAC[ac] {
			return unsupported("missing tables")
		}
		c.dc, c.ac = &d.dc[dc], &d.ac[ac]
	}
	return nil
}
