package format

import (
	"bytes"
	"encoding/binary"
	"slices"

	"darkroom/worker/internal/c2pa"
	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/exif"
)

// Prefixes of the payloads of application segments.
const (
	xmpPrefix       = "http://ns.adobe.com/xap/1.0/\x00" // XMP Specification, part 3, 1.1.3
	photoshopPrefix = "Photoshop 3.0\x00"                // Photoshop image resources
	jumbfPrefix     = "JP"                               // ISO/IEC 19566-5, D.2
)

// maxResources is how many bytes of Photoshop image resources are read at most. They may fill several segments.
const maxResources = 1 << 20

// jpegWords collects the segments of a JPEG that may say who made the picture. If there are several blocks of a kind,
// the first counts. Extended XMP is not read.
type jpegWords struct {
	blocks credit.Blocks

	credentials [][]byte
	instance    []byte // number of the box that holds the credentials
	sequence    uint32 // number of its last segment
}

// add reads the payload of an application segment.
func (w *jpegWords) add(marker byte, p []byte) {
	switch {
	case marker == markerAPP1 && w.blocks.EXIF == nil && bytes.HasPrefix(p, []byte(exif.Prefix)):
		w.blocks.EXIF = p
	case marker == markerAPP1 && w.blocks.XMP == nil && bytes.HasPrefix(p, []byte(xmpPrefix)):
		w.blocks.XMP = p[len(xmpPrefix):]
	case marker == markerAPP13 && bytes.HasPrefix(p, []byte(photoshopPrefix)):
		w.addResources(p[len(photoshopPrefix):])
	case marker == markerAPP11 && len(p) > 16 && bytes.HasPrefix(p, []byte(jumbfPrefix)):
		w.addBox(p[2:4], binary.BigEndian.Uint32(p[4:]), p[8:])
	}
}

func (w *jpegWords) addResources(p []byte) {
	switch {
	case w.blocks.Resources == nil:
		w.blocks.Resources = slices.Clip(p)
	case len(w.blocks.Resources)+len(p) <= maxResources:
		w.blocks.Resources = append(w.blocks.Resources, p...)
	}
}

// addBox adds a part of a JUMBF box. Each part begins with the header of the box, and the parts come in order.
func (w *jpegWords) addBox(instance []byte, sequence uint32, part []byte) {
	switch {
	case w.credentials == nil && c2pa.IsStore(part):
		w.credentials, w.instance, w.sequence = [][]byte{part}, instance, sequence
	case w.credentials != nil && bytes.Equal(instance, w.instance) && sequence == w.sequence+1:
		head := 8
		if binary.BigEndian.Uint32(part) == 1 { // the size has 64 bits
			head = 16
		}
		w.credentials, w.sequence = append(w.credentials, part[min(head, len(part)):]), sequence
	}
}
