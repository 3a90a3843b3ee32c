package jpegwrite

import (
	"encoding/binary"
	"fmt"
)

// Markers (table B.1).
const (
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerAPP0 = 0xe0
	markerAPP1 = 0xe1
	markerAPP2 = 0xe2
	markerDQT  = 0xdb
	markerSOF0 = 0xc0 // baseline
	markerSOF2 = 0xc2 // progressive
	markerDHT  = 0xc4
	markerSOS  = 0xda
)

const (
	exifPrefix = "Exif\x00\x00"
	xmpPrefix  = "http://ns.adobe.com/xap/1.0/\x00" // XMP Specification, part 3, 1.1.3
	// Two bytes follow: the number of the part, from 1, and of all parts (ICC.1, annex B.4).
	iccPrefix = "ICC_PROFILE\x00"

	segmentBytes = 65533 // largest contents of a segment
	profilePart  = segmentBytes - len(iccPrefix) - 2

	// MaxEXIF, MaxXMP and MaxProfile are the largest sizes in bytes of EXIF data, of an XMP packet and of a profile.
	MaxEXIF    = segmentBytes - len(exifPrefix)
	MaxXMP     = segmentBytes - len(xmpPrefix)
	MaxProfile = 255 * profilePart
)

// tables returns the quantisation tables that the options ask for.
func (o Options) tables() (Tables, error) {
	if o.Tables == nil {
		return QualityTables(o.Quality)
	}
	for i, table := range []Table{o.Tables.Luma, o.Tables.Colour} {
		for k, step := range table {
			if step == 0 {
				return Tables{}, fmt.Errorf("%w: step %d of table %d is 0", ErrOptions, k, i)
			}
		}
	}
	for i, r := range []Rounding{o.Tables.LumaRounding, o.Tables.ColourRounding} {
		for k, less := range r {
			if less > MaxRounding {
				return Tables{}, fmt.Errorf("%w: rounding %d of table %d is %d, at most %d", ErrOptions, k, i, less, MaxRounding)
			}
		}
	}
	return *o.Tables, nil
}

func (o Options) checkSegments() error {
	if len(o.EXIF) > MaxEXIF {
		return fmt.Errorf("%w: %d bytes of EXIF data, at most %d fit", ErrOptions, len(o.EXIF), MaxEXIF)
	}
	if len(o.XMP) > MaxXMP {
		return fmt.Errorf("%w: %d bytes of XMP, at most %d fit", ErrOptions, len(o.XMP), MaxXMP)
	}
	if len(o.Profile) > MaxProfile {
		return fmt.Errorf("%w: a profile of %d bytes, at most %d fit", ErrOptions, len(o.Profile), MaxProfile)
	}
	return nil
}

// headers appends everything before the scans: the segments, the quantisation tables and the frame header (B.2.2).
func (w *writer) headers(e *encoder, o Options) {
	w.marker(markerSOI)
	// Version 1.01, square pixels, no thumbnail.
	w.segment(markerAPP0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"))
	if o.EXIF != nil {
		w.segment(markerAPP1, []byte(exifPrefix), o.EXIF)
	}
	if o.XMP != nil {
		w.segment(markerAPP1, []byte(xmpPrefix), o.XMP)
	}
	parts := (len(o.Profile) + profilePart - 1) / profilePart
	for i := range parts {
		part := o.Profile[i*profilePart : min((i+1)*profilePart, len(o.Profile))]
		w.segment(markerAPP2, []byte(iccPrefix), []byte{byte(i + 1), byte(parts)}, part)
	}
	for i := range min(len(e.components), len(e.tables)) {
		table := []byte{byte(i)} // 8 bits for each step
		for _, n := range zigzag {
			table = append(table, e.tables[i][n])
		}
		w.segment(markerDQT, table)
	}
	frame := []byte{8} // bits a sample
	frame = binary.BigEndian.AppendUint16(frame, uint16(e.picture.Height))
	frame = binary.BigEndian.AppendUint16(frame, uint16(e.picture.Width))
	frame = append(frame, byte(len(e.components)))
	for i, c := range e.components {
		frame = append(frame, byte(i+1), byte(c.h<<4|c.v), byte(c.table))
	}
	if e.progressive {
		w.segment(markerSOF2, frame)
	} else {
		w.segment(markerSOF0, frame)
	}
}

// huffman appends the tables of a scan that are not in the file yet (B.2.4.2).
func (w *writer) huffman(tables scanTables) {
	var text []byte
	for class, pair := range tables {
		for _, t := range pair {
			if t == nil || t.sent {
				continue
			}
			t.sent = true
			text = append(text, byte(class<<4|t.number))
			for _, n := range t.lengths[1:] {
				text = append(text, byte(n))
			}
			text = append(text, t.symbols...)
		}
	}
	if len(text) > 0 {
		w.segment(markerDHT, text)
	}
}

// scan appends the header of a scan (B.2.3).
func (w *writer) scan(s Scan, components []*component, tables scanTables) {
	head := []byte{byte(len(s.Planes))}
	for _, i := range s.Planes {
		numbers := byte(0) // if the scan does not need a class, its number is arbitrary
		for class, pair := range tables {
			if t := pair[components[i].table]; t != nil {
				numbers |= byte(t.number) << (4 - 4*class)
			}
		}
		head = append(head, byte(i+1), numbers)
	}
	w.segment(markerSOS, append(head, byte(s.First), byte(s.Last), byte(s.High<<4|s.Low)))
	w.bits, w.free = 0, 64
}

func (w *writer) marker(m byte) *writer {
	w.out = append(w.out, 0xff, m)
	return w
}

// segment appends a segment, whose contents are at most segmentBytes.
func (w *writer) segment(marker byte, contents ...[]byte) {
	size := 2
	for _, c := range contents {
		size += len(c)
	}
	w.marker(marker)
	w.out = binary.BigEndian.AppendUint16(w.out, uint16(size))
	for _, c := range contents {
		w.out = append(w.out, c...)
	}
}
