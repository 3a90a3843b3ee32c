package heif

import (
	"bytes"
	"slices"
	"strings"
)

// maxMetadata is the size in bytes of the largest metadata item that is read.
const maxMetadata = 1 << 20

// credentialsUUID is the type of the box that holds a store of content credentials (C2PA 2.2, A.5.1).
const credentialsUUID = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"

// readCredentials returns the store of content credentials in a uuid box, or nil if it has none. The box holds a
// version, its purpose as text, and for a store the position of another box (C2PA 2.2, A.5.1).
func readCredentials(body []byte) []byte {
	r := reader{data: body}
	if string(r.bytes(16)) != credentialsUUID {
		return nil
	}
	r.fullBox()
	if purpose := r.text(); purpose != "manifest" && purpose != "original" && purpose != "update" {
		return nil
	}
	r.uint(8)
	if r.short || len(r.data) == 0 {
		return nil
	}
	return r.data
}

// metadata returns the EXIF block and the XMP packet of the primary picture (ISO/IEC 23008-12, A.2 and A.3), or nil. If
// there are several, the first one that refers to the primary picture counts, or else the first one that refers to no
// item.
func (f *file) metadata() (exif, xmp []byte) {
	exif = f.description(func(it *item) bool { return it.kind == "Exif" })
	xmp = f.description(func(it *item) bool { return it.kind == "mime" && strings.EqualFold(it.media, "application/rdf+xml") })
	r := reader{data: exif}
	if r.bytes(uint64(r.u32())); r.short { // position of the TIFF header, counted from the end of this number
		return nil, xmp
	}
	return r.data, xmp
}

// description returns the data of the metadata item that describes the primary picture, or nil.
func (f *file) description(is func(*item) bool) []byte {
	var best *item
	var bestID uint32
	var bestDescribes bool
	for id, it := range f.items {
		if !is(it) {
			continue
		}
		describes, other := f.describes(id)
		better := best == nil || describes && !bestDescribes || describes == bestDescribes && id < bestID
		if (describes || !other) && better {
			best, bestID, bestDescribes = it, id, describes
		}
	}
	if best == nil {
		return nil
	}
	parts, err := f.extentsOf(best)
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	switch {
	case err != nil || size > maxMetadata: // unreadable metadata are no reason to refuse a photo
		return nil
	case len(parts) == 1:
		return parts[0]
	}
	return bytes.Join(parts, nil)
}

// describes reports whether an item describes the primary picture, and whether it describes another item.
func (f *file) describes(id uint32) (primary, other bool) {
	for _, ref := range f.references {
		if ref.kind == "cdsc" && ref.from == id {
			primary = primary || slices.Contains(ref.to, f.primary)
			other = true
		}
	}
	return primary, other
}
