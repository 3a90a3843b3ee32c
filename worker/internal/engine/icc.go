package engine

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/icc"
	"darkroom/worker/photo"
)

const (
	iccMarker  = "ICC_PROFILE\x00" // begins an APP2 segment with a part of a profile (ICC.1, annex B.4)
	maxProfile = 65533 - 14        // bytes of one that is carried: what one APP2 segment holds beside its own header
)

// profile returns the ICC profile that the pixels of a decoded picture are to be read by, or nil. A profile larger
// than icc.MaxBytes, one whose header is damaged, and one for other colours than those the variants have is left out.
func profile(data []byte, h Header, grey bool) []byte {
	if grey {
		return profileFor(data, h, "GRAY")
	}
	return profileFor(data, h, "RGB ")
}

// profileFor is profile for colours of a space, given by its signature in a profile's header.
func profileFor(data []byte, h Header, space string) []byte {
	if h.Profile == 0 {
		return nil
	}
	var p []byte
	switch h.Format {
	case photo.JPEG:
		p = jpegProfile(data)
	case photo.PNG:
		p = pngProfile(data)
	case photo.WebP:
		_ = riffChunks(data, func(kind string, payload []byte) bool { // inspected before
			if kind == "ICCP" {
				p = payload
			}
			return p == nil
		})
	case photo.HEIC, photo.AVIF:
		p = h.heif.ICC
	}
	// The header of a profile: ICC.1, 7.2.
	if len(p) < 128 || len(p) > icc.MaxBytes || int64(binary.BigEndian.Uint32(p)) != int64(len(p)) || string(p[36:40]) != "acsp" {
		return nil
	}
	if string(p[16:20]) != space {
		return nil
	}
	return p
}

// jpegProfile joins the parts of a profile, which are numbered from 1.
func jpegProfile(data []byte) []byte {
	var parts [256][]byte
	count := 0
	_ = segments(data, func(marker byte, p []byte, _ int) error { // inspected before
		if marker == markerSOS {
			return io.EOF // profiles stand before the picture
		}
		if marker == markerAPP2 && len(p) >= 14 && string(p[:12]) == iccMarker {
			count = int(p[13])
			parts[p[12]] = p[14:]
		}
		return nil
	})
	var whole []byte
	for _, part := range parts[1 : count+1] {
		if len(whole)+len(part) > icc.MaxBytes {
			return nil
		}
		whole = append(whole, part...)
	}
	return whole
}

// pngProfile unpacks the iCCP chunk: a name, a zero, the compression method (0), and the profile.
func pngProfile(data []byte) []byte {
	var packed []byte
	_ = chunks(data, func(kind string, p []byte) bool { // inspected before
		if kind == "iCCP" {
			packed = p
		}
		return packed == nil && kind != "IDAT"
	})
	_, packed, ok := bytes.Cut(packed, []byte{0})
	if !ok || len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	whole, err := io.ReadAll(io.LimitReader(z, icc.MaxBytes+1))
	if err != nil {
		return nil
	}
	return whole
}

// jpegSegments returns the APP2 segment that carries the profile, if there is one.
func jpegSegments(profile []byte) []jpegn.Segment {
	if profile == nil {
		return nil
	}
	return []jpegn.Segment{{Marker: markerAPP2, Data: append([]byte(iccMarker+"\x01\x01"), profile...)}}
}
