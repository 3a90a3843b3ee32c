package heif

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// AddMetadata returns a copy of a file with an EXIF block, which begins with the TIFF header, and an XMP packet that
// describe its picture (ISO/IEC 23008-12, A.2 and A.3). A nil argument adds nothing, and nothing else in the file
// changes. AddMetadata accepts files from [EncodeAVIF], and others whose boxes have the same versions and whose data
// follow the meta box.
func AddMetadata(file, exif, xmp []byte) ([]byte, error) {
	if exif == nil && xmp == nil {
		return file, nil
	}
	var count int
	list := boxes{rest: file, file: true, count: &count}
	for {
		pos := len(file) - len(list.rest)
		kind, body, err := list.next()
		switch {
		case err != nil:
			return nil, fmt.Errorf("add metadata to AVIF: %w", err)
		case kind == "":
			return nil, fmt.Errorf("add metadata to AVIF: %w: no box %q", ErrCorrupt, "meta")
		case kind == "meta":
			w := metadataWriter{file: file}
			if exif != nil {
				w.add("Exif", "", append(make([]byte, 4), exif...)) // the TIFF header follows its position
			}
			if xmp != nil {
				w.add("mime", "application/rdf+xml\x00", xmp)
			}
			out, err := w.write(pos, len(file)-len(list.rest), body)
			if err != nil {
				return nil, fmt.Errorf("add metadata to AVIF: %w", err)
			}
			return out, nil
		}
	}
}

// metadataWriter adds items to a file whose meta box has the boxes that libavif writes, in their versions.
type metadataWriter struct {
	file  []byte
	added []addedItem
}

type addedItem struct {
	kind, media string
	data        []byte
}

func (w *metadataWriter) add(kind, media string, data []byte) {
	w.added = append(w.added, addedItem{kind, media, data})
}

// write returns the file. The meta box of the original lies between start and end, and body is its contents. The data
// of the added items go into a box at the end. Existing data move back by as much as the meta box grows.
func (w *metadataWriter) write(start, end int, body []byte) ([]byte, error) {
	if len(body) < 4 {
		return nil, corrupt("box %q", "meta")
	}
	m, err := readMeta(body, new(int))
	if err != nil {
		return nil, err
	}
	first := uint16(1) // number of the first added item
	for id := range m.items {
		if id >= 1<<15 {
			return nil, unsupported("item %d", id)
		}
		first = max(first, uint16(id)+1)
	}
	meta := func(grown int) ([]byte, error) { return w.meta(body, m.primary, first, grown) }
	longer, err := meta(0)
	if err != nil {
		return nil, err
	}
	grown := len(longer) - (end - start)
	if longer, err = meta(grown); err != nil {
		return nil, err
	}
	var data [][]byte
	for _, a := range w.added {
		data = append(data, a.data)
	}
	return slices.Concat(w.file[:start], longer, w.file[end:], box("mdat", data...)), nil
}

// meta returns the meta box with the added items.
func (w *metadataWriter) meta(body []byte, primary uint32, first uint16, grown int) ([]byte, error) {
	be := binary.BigEndian
	parts := [][]byte{body[:4]}
	var references []byte
	for i := range w.added {
		item := be.AppendUint16(be.AppendUint16(nil, first+uint16(i)), 1)
		references = append(references, box("cdsc", be.AppendUint16(item, uint16(primary)))...)
	}
	list := boxes{rest: body[4:], count: new(int)}
	for {
		kind, inner, err := list.next()
		switch {
		case err != nil:
			return nil, err
		case kind == "":
			if references != nil {
				parts = append(parts, box("iref", make([]byte, 4), references))
			}
			return box("meta", parts...), nil
		case kind == "iinf":
			inner, err = w.information(inner, first)
		case kind == "iloc":
			inner, err = w.locations(inner, first, grown)
		case kind == "iref":
			if len(inner) < 4 || inner[0] != 0 {
				return nil, unsupported("version of box %q", kind)
			}
			inner, references = slices.Concat(inner, references), nil
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, box(kind, inner))
	}
}

// information returns the contents of an item information box (ISO/IEC 14496-12, 8.11.6).
func (w *metadataWriter) information(inner []byte, first uint16) ([]byte, error) {
	if len(inner) < 6 || inner[0] != 0 {
		return nil, unsupported("version of box %q", "iinf")
	}
	out := binary.BigEndian.AppendUint16(slices.Clone(inner[:4]), binary.BigEndian.Uint16(inner[4:])+uint16(len(w.added)))
	out = append(out, inner[6:]...)
	for i, a := range w.added {
		entry := binary.BigEndian.AppendUint16([]byte{2, 0, 0, 0}, first+uint16(i))
		entry = append(append(append(entry, 0, 0), a.kind...), 0) // not protected, no name
		out = append(out, box("infe", entry, []byte(a.media))...)
	}
	return out, nil
}

// locations returns the contents of an item location box (8.11.3).
func (w *metadataWriter) locations(inner []byte, first uint16, grown int) ([]byte, error) {
	const head = 4 + 2 + 2 // version and flags, sizes of the fields, number of items
	if len(inner) < head || inner[0] != 0 || inner[4] != 0x44 || inner[5] != 0 && inner[5] != 0x40 {
		return nil, unsupported("version or sizes of box %q", "iloc")
	}
	based := inner[5] != 0 // offsets are relative to a base, which has 32 bits
	be := binary.BigEndian
	out := slices.Clone(inner)
	r := reader{data: inner[head:]}
	n := be.Uint16(inner[6:])
	for range n {
		r.uint(4) // its number, and which file its data are in
		if pos := len(inner) - len(r.data); based && len(r.data) >= 4 {
			be.PutUint32(out[pos:], r.u32()+uint32(grown))
		}
		for range r.u16() {
			if pos := len(inner) - len(r.data); !based && len(r.data) >= 4 {
				be.PutUint32(out[pos:], be.Uint32(out[pos:])+uint32(grown))
			}
			r.uint(8) // offset and length
		}
	}
	if r.short {
		return nil, corrupt("box %q", "iloc")
	}
	be.PutUint16(out[6:], n+uint16(len(w.added)))
	pos := len(w.file) + grown + 8
	for i, a := range w.added {
		out = be.AppendUint16(be.AppendUint16(out, first+uint16(i)), 0)
		if based {
			out = be.AppendUint32(out, 0)
		}
		out = be.AppendUint32(be.AppendUint32(be.AppendUint16(out, 1), uint32(pos)), uint32(len(a.data)))
		pos += len(a.data)
	}
	return out, nil
}
