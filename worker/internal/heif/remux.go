package heif

import (
	"encoding/binary"
	"slices"
)

// box returns a box of its parts.
func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), []byte(kind), body)
}

// single returns a file of one coded picture, with nothing in it that decoding does not need (ISO/IEC 23008-12, 6.2).
func (p *picture) single(t tile) []byte {
	ftyp := box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	kind, config := "hvc1", box("hvcC", t.config)
	if p.codec == AV1 {
		ftyp = box("ftyp", []byte("avif\x00\x00\x00\x00mif1miafavif"))
		kind, config = "av01", box("av1C", t.config)
	}
	u16, u32 := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	size := u32(u32([]byte{0, 0, 0, 0}, uint32(p.tileWidth)), uint32(p.tileHeight))
	properties := [][]byte{config, box("ispe", size)}
	if c := p.nclx; c != nil && p.codec == AV1 {
		b := u16(u16(u16([]byte("nclx"), uint16(c.primaries)), uint16(c.transfer)), uint16(c.matrix))
		full := byte(0)
		if c.full {
			full = 0x80
		}
		properties = append(properties, box("colr", append(b, full)))
	}
	if p.codec == HEVC { // libheif takes a picture without it to have three channels
		channels := []byte{0, 0, 0, 0, 3, byte(t.coded.depth), byte(t.coded.depth), byte(t.coded.depth)}
		if t.coded.chroma == 0 {
			channels[4], channels = 1, channels[:6]
		}
		properties = append(properties, box("pixi", channels))
	}
	ipma := []byte{0, 0, 0, 0, 0, 0, 0, 1, 0, 1, byte(len(properties))}
	for i := range properties {
		index := byte(i + 1)
		if i == 0 {
			index |= 0x80 // the configuration is essential
		}
		ipma = append(ipma, index)
	}
	meta := func(offset int) []byte {
		iloc := []byte{0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1} // offset and length in 4 bytes each, one item, one extent
		iloc = u32(u32(iloc, uint32(offset)), uint32(t.bytes()))
		return box("meta", make([]byte, 4),
			box("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
			box("pitm", []byte{0, 0, 0, 0, 0, 1}),
			box("iloc", iloc),
			box("iinf", []byte{0, 0, 0, 0, 0, 1}, box("infe", []byte{2, 0, 0, 0, 0, 1, 0, 0}, []byte(kind), []byte{0})),
			box("iprp", box("ipco", properties...), box("ipma", ipma)))
	}
	offset := len(ftyp) + len(meta(0)) + 8
	mdat := append(u32(nil, uint32(8+t.bytes())), "mdat"...)
	return slices.Concat(append([][]byte{ftyp, meta(offset), mdat}, t.extents...)...)
}
