package jpegscan

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// Markers of table B.1.
const (
	markerTEM   = 0x01
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended sequential
	markerSOF2  = 0xc2 // progressive
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerDHP   = 0xde
	markerEXP   = 0xdf
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerJPGLS = 0xf7 // the frame header of JPEG-LS (ITU-T T.87, C.1.1)
	markerCOM   = 0xfe
)

// reader reads the markers of a file.
type reader struct {
	data  []byte
	pos   int
	stray int // bytes skipped between segments
}

// next returns the next marker and advances past it. It skips and counts bytes that are not part of a segment, as
// libjpeg does (next_marker). It returns 0 at the end of the file. Codes below 0xc0 other than TEM have no meaning in a
// JPEG and do not count as markers.
func (r *reader) next() byte {
	for {
		n := bytes.IndexByte(r.data[r.pos:], 0xff)
		if n < 0 {
			r.stray += len(r.data) - r.pos
			r.pos = len(r.data)
			return 0
		}
		r.pos += n
		r.stray += n
		for r.pos < len(r.data) && r.data[r.pos] == 0xff { // any number of fill bytes (B.1.1.2)
			r.pos++
		}
		if r.pos == len(r.data) {
			return 0
		}
		marker := r.data[r.pos]
		r.pos++
		if marker >= markerSOF0 || marker == markerTEM {
			return marker
		}
		r.stray += 2
	}
}

// segment returns the payload of the segment whose marker was read, or false if the file ends within it. The payload is
// nil if the length is less than its own two bytes.
func (r *reader) segment() (payload []byte, ok bool) {
	if r.pos+2 > len(r.data) {
		r.pos = len(r.data)
		return nil, false
	}
	length := int(binary.BigEndian.Uint16(r.data[r.pos:]))
	if length > len(r.data)-r.pos {
		r.pos = len(r.data)
		return nil, false
	}
	payload = r.data[r.pos:][min(2, length):length]
	r.pos += max(2, length)
	if length < 2 {
		return nil, true
	}
	return payload, true
}

// readHeaders reads everything except the picture's data, and records where the data of each scan begin. It stops when
// the picture is complete: what follows does not matter. If visit is not nil, it is called for each application segment
// before the first scan.
//
// After the first scan, damage to the headers ends them. The picture then consists of the scans so far.
func (d *decoder) readHeaders(ctx context.Context, data []byte, visit func(marker byte, payload []byte)) error {
	if len(data) < 2 || data[0] != 0xff || data[1] != markerSOI {
		return corrupt("not a JPEG")
	}
	r := &reader{data: data, pos: 2}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		marker := r.next()
		if len(d.scans) > 0 && d.complete() {
			switch marker { // other markers are not part of the picture
			case markerDHT, markerDQT, markerDRI, markerSOS, markerCOM:
			default:
				if marker < markerAPP0 || marker > markerAPP15 {
					return nil
				}
			}
		}
		err := d.readMarker(r, marker, visit)
		switch {
		case err == errEnd:
			return d.checkScans()
		case err == nil:
		case len(d.scans) == 0:
			return err
		case d.complete():
			return nil
		case !d.damaged && err == ErrScans:
			return err
		case !d.damaged:
			return betweenScans(err)
		default:
			d.note(err)
			return d.checkScans()
		}
		if marker == markerSOS && !d.progressive && d.complete() {
			return nil
		}
	}
}

// errEnd reports an EOI marker.
var errEnd = errors.New("jpegscan: end of image")

// readMarker reads the segment of a marker, if it has one. Bytes between segments are damage, except after the data of
// a scan, because only its decoder knows where they end.
func (d *decoder) readMarker(r *reader, marker byte, visit func(marker byte, payload []byte)) error {
	if r.stray > 0 && marker != 0 {
		if !d.complete() { // otherwise they follow the picture
			d.noteLocal("%d stray bytes before marker %#x", r.stray, marker)
		}
		r.stray = 0
	}
	switch {
	case marker == 0:
		return fmt.Errorf("%w: no end of image", ErrTruncated)
	case marker == markerEOI && len(d.scans) == 0:
		return corrupt("no picture data")
	case marker == markerEOI:
		return errEnd
	case marker == markerSOI && d.count == 0, marker == markerTEM, marker >= markerRST0 && marker <= markerRST7:
		return nil // these markers have no segment
	case marker == markerSOI:
		return corrupt("a second picture begins")
	}
	payload, ok := r.segment()
	if !ok {
		return fmt.Errorf("%w: segment %#x", ErrTruncated, marker)
	}
	switch {
	case marker == markerCOM:
		return nil
	case marker >= markerAPP0 && marker <= markerAPP15:
		if len(d.scans) == 0 {
			d.readApplication(marker, payload)
			if visit != nil {
				visit(marker, payload)
			}
		}
		return nil
	case payload == nil:
		return corrupt("segment %#x without a length", marker)
	}
	if err := d.readSegment(marker, payload, len(r.data)); err != nil {
		return err
	}
	if marker == markerSOS {
		d.scans[len(d.scans)-1].src = r.data[r.pos:]
		if d.progressive || !d.complete() {
			r.pos += entropyLength(r.data[r.pos:])
		}
	}
	return nil
}

// entropyLength returns how many bytes precede the first marker that is not part of a scan. Codes below 0xc0 are not
// markers: a damaged byte produces them.
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
		case next < markerSOF0 || next >= markerRST0 && next <= markerRST7:
			pos += 2
		default:
			return pos
		}
	}
}

// readApplication reads the colour information in application segments.
func (d *decoder) readApplication(marker byte, p []byte) {
	switch {
	case marker == markerAPP0 && len(p) >= 12 && bytes.HasPrefix(p, []byte("JFIF\x00")):
		d.jfif = true
	case marker == markerAPP14 && len(p) >= 12 && bytes.HasPrefix(p, []byte("Adobe")):
		d.adobe = int(p[11])
	}
}

func (d *decoder) readSegment(marker byte, p []byte, fileSize int) error {
	switch marker {
	case markerSOF0, markerSOF1, markerSOF2:
		return d.readFrame(marker, p, fileSize)
	case markerDQT:
		return d.readQuants(p)
	case markerDHT:
		return d.readHuffman(p)
	case markerSOS:
		return d.readScanHeader(p)
	case markerDRI:
		if len(p) != 2 {
			return corrupt("restart interval of %d bytes", len(p))
		}
		d.interval = int(binary.BigEndian.Uint16(p))
		return nil
	case 0xc3, 0xc7, 0xcb, 0xcf, markerJPGLS:
		return ErrLossless
	case 0xc9, 0xca, 0xcd, 0xce:
		return ErrArithmetic
	case 0xc5, 0xc6, markerDHP, markerEXP:
		return ErrHierarchical
	case markerJPG:
		return fmt.Errorf("%w: marker %#x", ErrUnsupported, marker)
	}
	return nil // has no effect on the picture, such as DAC in a file with Huffman codes
}

// readQuants reads quantization tables (B.2.4.1).
func (d *decoder) readQuants(p []byte) error {
	for len(p) > 0 {
		precision, id := p[0]>>4, p[0]&15
		if precision > 1 || id > 3 || len(p) < 65+64*int(precision) {
			return corrupt("quantization table")
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

// readHuffman reads Huffman tables (B.2.4.2). A table of impossible codes counts as missing, which matters only to a
// scan that uses it.
func (d *decoder) readHuffman(p []byte) error {
	for len(p) > 0 {
		if len(p) < 17 || p[0]>>4 > 1 || p[0]&15 > 3 {
			return corrupt("Huffman table")
		}
		class, id := p[0]>>4, p[0]&15 // class 0 is for DC, 1 for AC coefficients
		counts := [16]byte(p[1:17])
		symbols := 0
		for _, n := range counts {
			symbols += int(n)
		}
		if symbols > 256 || len(p) < 17+symbols {
			return corrupt("Huffman table")
		}
		if !d.define(class, id).set(counts, p[17:17+symbols]) {
			d.undefine(class, id)
		}
		p = p[17+symbols:]
	}
	return nil
}
