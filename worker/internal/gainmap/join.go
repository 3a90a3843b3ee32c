package gainmap

import "fmt"

// Join returns a JPEG of a first picture and its gain map, as libultrahdr writes it. Both are JPEGs that begin with a
// JFIF segment. The first picture keeps its segments and its data, but its XMP packet gets a directory. The gain map
// must have no XMP packet, and must have a profile unless the gains are for the colours of the first picture.
func Join(first, second []byte, m Metadata) ([]byte, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	jfif, err := afterJFIF(second)
	if err != nil {
		return nil, fmt.Errorf("gain map: %w", err)
	}
	gain := append([]byte(nil), second[:jfif]...)
	gain = appendSegment(gain, markerAPP1, []byte(xmpPrefix), m.XMP())
	gain = appendSegment(gain, markerAPP2, []byte(isoPrefix), m.ISO())
	gain = append(gain, second[jfif:]...)

	if jfif, err = afterJFIF(first); err != nil {
		return nil, fmt.Errorf("first picture: %w", err)
	}
	head, start, end := []byte(nil), jfif, jfif // bytes before the new segments, and where the rest begins
	var text []byte
	for s := range segments(first) {
		if b, ok := s.payloadAfter(markerAPP1, xmpPrefix); ok {
			text, start, end = b, s.start, s.end
			break
		}
		if s.marker == markerAPP1 { // EXIF comes before XMP
			start, end = s.end, s.end
		}
	}
	head = append(head, first[:start]...)
	head = appendSegment(head, markerAPP1, []byte(xmpPrefix), withDirectory(text, len(gain)))
	head = appendSegment(head, markerAPP2, []byte(isoPrefix), isoVersion)
	size := len(head) + 4 + mpfBytes + len(first) - end
	const tiff = 4 + len(mpfPrefix) // from the start of the segment to the TIFF header
	head = appendSegment(head, markerAPP2, appendMPF(nil, size, len(gain), size-len(head)-tiff))
	return append(append(head, first[end:]...), gain...), nil
}

// afterJFIF returns the end of the JFIF segment, which comes first.
func afterJFIF(file []byte) (int, error) {
	for s := range segments(file) {
		if _, ok := s.payloadAfter(markerAPP0, "JFIF\x00"); ok {
			return s.end, nil
		}
		break
	}
	return 0, fmt.Errorf("%w: no JFIF segment", ErrDamaged)
}
