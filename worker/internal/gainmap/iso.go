package gainmap

import (
	"encoding/binary"
	"fmt"
)

// isoPrefix begins the payload of a segment with ISO 21496-1 metadata.
const isoPrefix = "urn:iso:std:iso:ts:21496:-1\x00"

// Flags of the binary metadata.
const (
	flagChannels    = 0x80 // there are three channels
	flagBaseColours = 0x40
	flagCommon      = 0x08 // all numbers have one denominator
	flagBackward    = 0x04 // the first picture is the one for the larger headroom
)

// isoVersion is the version-only form in the first picture: the minimum version of readers, and the version of the
// writer.
var isoVersion = []byte{0, 0, 0, 0}

// ParseISO reads the binary metadata of ISO 21496-1, from the version on. The error wraps ErrDamaged or ErrUnsupported.
func ParseISO(b []byte) (Metadata, error) {
	if len(b) < 5 {
		return Metadata{}, fmt.Errorf("%w: %d bytes of ISO 21496-1 metadata", ErrDamaged, len(b))
	}
	if version := binary.BigEndian.Uint16(b); version != 0 {
		return Metadata{}, fmt.Errorf("%w: ISO 21496-1 metadata for readers of version %d", ErrUnsupported, version)
	}
	flags := b[4]
	if flags&flagBackward != 0 {
		return Metadata{}, fmt.Errorf("%w: the first picture is for the larger headroom", ErrUnsupported)
	}
	r := isoReader{rest: b[5:]}
	if flags&flagCommon != 0 {
		r.common = true
		r.den = r.word()
	}
	m := Metadata{BaseColours: flags&flagBaseColours != 0, BaseHeadroom: r.unsigned(), AlternateHeadroom: r.unsigned(), Channels: make([]Channel, 1, 3)}
	if flags&flagChannels != 0 {
		m.Channels = m.Channels[:3]
	}
	for i := range m.Channels {
		m.Channels[i] = Channel{Min: r.signed(), Max: r.signed(), Gamma: r.unsigned(), BaseOffset: r.signed(), AlternateOffset: r.signed()}
	}
	if r.short {
		return Metadata{}, fmt.Errorf("%w: ISO 21496-1 metadata end after %d bytes", ErrDamaged, len(b))
	}
	return m, m.validate()
}

// isoReader reads numbers.
type isoReader struct {
	rest   []byte
	short  bool // more bytes were read than rest had
	common bool
	den    uint32 // used if common is set
}

func (r *isoReader) word() uint32 {
	if len(r.rest) < 4 {
		r.short = true
		return 0
	}
	v := binary.BigEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return v
}

func (r *isoReader) denominator() uint32 {
	if r.common {
		return r.den
	}
	return r.word()
}

func (r *isoReader) unsigned() Ratio {
	n := r.word()
	return Ratio{int64(n), r.denominator()}
}

func (r *isoReader) signed() Ratio {
	n := int32(r.word())
	return Ratio{int64(n), r.denominator()}
}

// ISO returns the binary metadata of ISO 21496-1, from the version on.
func (m Metadata) ISO() []byte {
	m = m.simplify()
	common := m.BaseHeadroom.Den
	ratios := []Ratio{m.BaseHeadroom, m.AlternateHeadroom}
	for _, c := range m.Channels {
		ratios = append(ratios, c.Min, c.Max, c.Gamma, c.BaseOffset, c.AlternateOffset)
	}
	flags := byte(flagCommon)
	for _, r := range ratios {
		if r.Den != common {
			flags = 0
		}
	}
	shared := flags != 0
	if len(m.Channels) == 3 {
		flags |= flagChannels
	}
	if m.BaseColours {
		flags |= flagBaseColours
	}
	b := append(append([]byte(nil), isoVersion...), flags)
	if shared {
		b = binary.BigEndian.AppendUint32(b, common)
	}
	for _, r := range ratios {
		b = binary.BigEndian.AppendUint32(b, uint32(r.Num))
		if !shared {
			b = binary.BigEndian.AppendUint32(b, r.Den)
		}
	}
	return b
}
