package gainmap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// AppleType is the type of the auxiliary picture that iPhones write as a gain map.
const AppleType = "urn:com:apple:photo:2020:aux:hdrgainmap"

// Tags of EXIF (CIPA DC-008, 4.6.3 and 4.6.5) and of Apple's maker note.
const (
	tagEXIF      = 0x8769
	tagMakerNote = 0x927c
	tagHDR       = 33 // Apple's name is maker33
	tagGain      = 48 // called maker48

	applePrefix = "Apple iOS\x00\x00\x01MM"

	typeRational, typeSignedRational = 5, 10
)

// Curve maps the samples of a gain map to samples that its Metadata apply to.
type Curve [256]byte

// Apple returns the metadata of a gain map that an iPhone wrote, and the curve that its samples need before they apply.
// exif is the EXIF block of the photo. The error wraps ErrNone if the gain map makes the photo no brighter, or else
// ErrDamaged.
//
// Apple multiplies linear light by 1 + (h-1) * g, where h is the headroom and g the sample after undoing its curve,
// which is that of BT.709. See
// https://developer.apple.com/documentation/appkit/applying-apple-hdr-effect-to-your-photos.
func Apple(exif []byte) (Metadata, *Curve, error) {
	tiff := bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	hdr, gain, ok := makerNote(tiff)
	if !ok {
		return Metadata{}, nil, fmt.Errorf("%w: no headroom in Apple's maker note", ErrDamaged)
	}
	stops := appleStops(hdr, gain)
	if stops <= 0 {
		return Metadata{}, nil, fmt.Errorf("%w: %v stops of headroom", ErrNone, stops)
	}
	most, err := parseRatio(strconv.FormatFloat(stops, 'f', 6, 64))
	if err != nil {
		return Metadata{}, nil, err
	}
	zero, one := Ratio{0, 1}, Ratio{1, 1}
	m := Metadata{BaseColours: true, BaseHeadroom: zero, AlternateHeadroom: most,
		Channels: []Channel{{Min: zero, Max: most, Gamma: one, BaseOffset: zero, AlternateOffset: zero}}}
	var c Curve
	for i := range c {
		factor := 1 + (math.Exp2(stops)-1)*linear709(float64(i)/255)
		c[i] = byte(math.Round(255 * math.Log2(factor) / stops))
	}
	return m, &c, m.validate()
}

// appleStops returns the headroom in stops.
func appleStops(hdr, gain float64) float64 {
	switch {
	case hdr < 1 && gain <= 0.01:
		return max(-20*gain+1.8, 0)
	case hdr < 1:
		return max(-0.101*gain+1.601, 0)
	case gain <= 0.01:
		return max(-70*gain+3, 0)
	}
	return max(-0.303*gain+2.303, 0)
}

// linear709 is the inverse of the transfer characteristics of BT.709 (ITU-R BT.709-6, item 1.2).
func linear709(v float64) float64 {
	if v < 0.081 {
		return v / 4.5
	}
	return math.Pow((v+0.099)/1.099, 1/0.45)
}

// makerNote returns the two headroom numbers in the maker note of an iPhone.
func makerNote(tiff []byte) (hdr, gain float64, ok bool) {
	if len(tiff) < 8 {
		return 0, 0, false
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	first := entry(tiff, order, int64(order.Uint32(tiff[4:])), tagEXIF)
	if first == nil {
		return 0, 0, false
	}
	e := entry(tiff, order, int64(order.Uint32(first[8:])), tagMakerNote)
	if e == nil {
		return 0, 0, false
	}
	start, size := int64(order.Uint32(e[8:])), int64(order.Uint32(e[4:]))
	if start+size > int64(len(tiff)) || !bytes.HasPrefix(tiff[start:start+size], []byte(applePrefix)) {
		return 0, 0, false
	}
	note := tiff[start : start+size]
	hdr, okHDR := rational(note, tagHDR)
	gain, okGain := rational(note, tagGain)
	return hdr, gain, okHDR && okGain
}

// entry returns the entry of a directory with this tag, or nil.
func entry(tiff []byte, order binary.ByteOrder, offset int64, tag uint16) []byte {
	const size = 12
	if offset+2 > int64(len(tiff)) {
		return nil
	}
	n := int(order.Uint16(tiff[offset:]))
	for dir := tiff[offset+2:]; n > 0 && len(dir) >= size; n, dir = n-1, dir[size:] {
		if order.Uint16(dir) == tag {
			return dir[:size]
		}
	}
	return nil
}

// rational returns a number of the maker note. Offsets count from the start of the note.
func rational(note []byte, tag uint16) (float64, bool) {
	be := binary.BigEndian
	e := entry(note, be, int64(len(applePrefix)), tag)
	if e == nil {
		return 0, false
	}
	kind, offset := be.Uint16(e[2:]), int64(be.Uint32(e[8:]))
	if kind != typeRational && kind != typeSignedRational || offset+8 > int64(len(note)) {
		return 0, false
	}
	num, den := be.Uint32(note[offset:]), be.Uint32(note[offset+4:])
	if den == 0 {
		return 0, false
	}
	if kind == typeSignedRational {
		return float64(int32(num)) / float64(int32(den)), true
	}
	return float64(num) / float64(den), true
}
