package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	stdjpeg "image/jpeg"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/photo"
)

// Markers of ITU-T T.81, table B.1.
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended sequential
	markerSOF2  = 0xc2 // progressive
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
)

// maxScans is the most scans that a JPEG may have. Cameras and editors write about ten. Each scan costs a walk over
// the whole picture however few bytes it has, so without a limit a small file could keep a worker busy for days.
const maxScans = 100

// sampling is the number of samples that a component has in each unit of the picture.
type sampling struct{ h, v int }

// planarSampling reports whether the colours have the resolution of luma or half of it, so that the picture can be decoded
// to planes.
func planarSampling(s [4]sampling) bool {
	luma, colour := s[0], sampling{1, 1}
	return luma.h <= 2 && luma.v <= 2 && s[1] == colour && s[2] == colour
}

// segments calls visit with every marker of a JPEG before EOI and the payload of its segment. It skips entropy-coded
// data, and stray bytes between segments as decoders do. end is where the visited segment ends.
// It returns a Rejection when the file ends before EOI, and stops at the first error of visit.
func segments(data []byte, visit func(marker byte, payload []byte, end int) error) error {
	for pos, inScan := 2, false; ; {
		skip := bytes.IndexByte(data[pos:], 0xff)
		if skip < 0 {
			return truncated(photo.JPEG)
		}
		pos += skip
		for pos < len(data) && data[pos] == 0xff { // any number of fill bytes
			pos++
		}
		if pos == len(data) {
			return truncated(photo.JPEG)
		}
		marker := data[pos]
		pos++
		switch {
		case marker == markerEOI:
			return nil
		case marker == 0 && inScan, marker == 1, marker >= markerRST0 && marker < markerSOI:
			continue // a data byte of 0xff, or a marker without a segment
		case marker == 0, marker == markerSOI:
			return corrupt(photo.JPEG, "marker %#x at %d", marker, pos)
		}
		if pos+2 > len(data) {
			return truncated(photo.JPEG)
		}
		length := int(binary.BigEndian.Uint16(data[pos:]))
		if length < 2 {
			return corrupt(photo.JPEG, "segment of %d bytes at %d", length, pos)
		}
		if pos+length > len(data) {
			return truncated(photo.JPEG)
		}
		if err := visit(marker, data[pos+2:pos+length], pos+length); err != nil {
			return err
		}
		pos += length
		inScan = inScan || marker == markerSOS
	}
}

// inspectJPEG reads the headers of a JPEG, its profile and its orientation, and finds its end.
func inspectJPEG(data []byte, limits Limits) (Header, error) {
	h := Header{Format: photo.JPEG, Orientation: 1, Depth: 8}
	var (
		scans, headEnd int // headEnd is where the first scan's data begin
		exif           bool
		parts          profileParts
		adobe          = -1 // the transform of the Adobe segment, or none
		names          string
	)
	err := segments(data, func(marker byte, p []byte, end int) error {
		switch {
		case marker == markerAPP1 && !exif && bytes.HasPrefix(p, []byte("Exif\x00\x00")):
			exif = true
			h.Orientation = orientation(p[6:])
		case marker == markerAPP2 && len(p) >= 14 && string(p[:len(iccMarker)]) == iccMarker:
			parts.add(p, scans > 0)
		case marker == markerAPP14 && len(p) >= 12 && bytes.HasPrefix(p, []byte("Adobe")):
			adobe = int(p[11])
		case marker == markerSOS:
			if h.Width == 0 {
				return corrupt(photo.JPEG, "picture data before the frame header")
			}
			if scans == 0 {
				headEnd = end
			}
			if scans++; scans > maxScans {
				return corrupt(photo.JPEG, "more than %d scans", maxScans)
			}
		case marker >= markerSOF0 && marker <= markerSOF15 && marker != markerDHT && marker != markerJPG && marker != markerDAC:
			if h.Width != 0 {
				return corrupt(photo.JPEG, "two frame headers")
			}
			var err error
			if names, err = h.readFrame(marker, p); err != nil {
				return err
			}
			return limits.check(photo.JPEG, h.Stored())
		}
		return nil
	})
	switch {
	case err != nil:
		return Header{}, err
	case scans == 0:
		return Header{}, corrupt(photo.JPEG, "no picture data")
	case h.Components == 4 && adobe < 0:
		return Header{}, unsupported(photo.JPEG, photo.OddColourJPEG, errors.New("four components and no Adobe segment"))
	}
	h.plain = h.Components == 1 || h.Components == 3 && adobe != 0 && names != "RGB"
	h.Planar = h.plain && (h.Components == 1 || planarSampling(h.sampling))
	if h.Planar {
		h.scans, _ = jpegscan.Scans(data) // no error of this file is known before it is decoded
	}
	h.Profile = parts.profile()
	if err := checkAgreement(data[:headEnd], h); err != nil {
		return Header{}, err
	}
	return h, nil
}

// readFrame reads a frame header (T.81, B.2.2) and returns the names of its components.
func (h *Header) readFrame(marker byte, p []byte) (names string, err error) {
	switch marker {
	case markerSOF0, markerSOF1:
	case markerSOF2:
		h.Progressive = true
	case 0xc3, 0xc7, 0xcb, 0xcf:
		return "", unsupported(photo.JPEG, photo.LosslessJPEG, nil)
	case 0xc9, 0xca, 0xcd, 0xce:
		return "", unsupported(photo.JPEG, photo.ArithmeticJPEG, nil)
	default:
		return "", unsupported(photo.JPEG, photo.HierarchicalJPEG, nil)
	}
	if len(p) < 6 || len(p) < 6+3*int(p[5]) {
		return "", corrupt(photo.JPEG, "frame header of %d bytes", len(p))
	}
	h.Depth = int(p[0])
	h.Height = int(binary.BigEndian.Uint16(p[1:]))
	h.Width = int(binary.BigEndian.Uint16(p[3:]))
	h.Components = int(p[5])
	switch {
	case h.Depth > 8:
		return "", unsupported(photo.JPEG, photo.DeepJPEG, fmt.Errorf("%d bits a sample", h.Depth))
	case h.Depth < 8:
		return "", unsupported(photo.JPEG, "", fmt.Errorf("%d bits a sample", h.Depth))
	}
	if h.Components != 1 && h.Components != 3 && h.Components != 4 {
		return "", unsupported(photo.JPEG, photo.OddColourJPEG, fmt.Errorf("%d components", h.Components))
	}
	for i := range h.Components {
		c := p[6+3*i:]
		s := sampling{int(c[1] >> 4), int(c[1] & 15)}
		if s.h < 1 || s.h > 4 || s.v < 1 || s.v > 4 {
			return "", corrupt(photo.JPEG, "component sampled %d x %d", s.h, s.v)
		}
		if s.h == 3 || s.v == 3 {
			return "", unsupported(photo.JPEG, photo.OddSampledJPEG, fmt.Errorf("component sampled %d x %d", s.h, s.v))
		}
		h.sampling[i] = s
		names += string(rune(c[0]))
	}
	if h.Components == 1 {
		h.sampling[0] = sampling{1, 1} // a lone component has no interleaving, whatever it says (T.81, A.2.2)
	}
	return names, nil
}

// checkAgreement makes sure that the decoder reads the same size from the header as inspectJPEG did. If two readers of a
// damaged file disagreed, the limits would be checked against another picture than the one that is decoded.
func checkAgreement(head []byte, h Header) error {
	config := jpegn.DecodeConfig
	if !h.plain {
		config = stdjpeg.DecodeConfig
	}
	c, err := config(bytes.NewReader(head))
	if err != nil {
		return rejectJPEG(err)
	}
	if c.Width != h.Width || c.Height != h.Height {
		return corrupt(photo.JPEG, "%d x %d pixels, and %d x %d to the decoder", h.Width, h.Height, c.Width, c.Height)
	}
	return nil
}

func rejectJPEG(err error) error {
	var kind stdjpeg.UnsupportedError
	if errors.As(err, &kind) || errors.Is(err, jpegn.ErrUnsupported) {
		return unsupported(photo.JPEG, "", err)
	}
	return corrupt(photo.JPEG, "%w", err)
}
