package heif

import (
	"encoding/binary"
	"slices"

	"darkroom/worker/internal/h273"
	"darkroom/worker/internal/hevc"
)

// box returns a box with the given parts.
func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), []byte(kind), body)
}

// singleFile returns a file of one coded picture for the codec in the sandbox. The file holds only what decoding needs
// (ISO/IEC 23008-12, 6.2). singleFile checks the bit stream.
func (p *picture) singleFile(t tile) ([]byte, error) {
	if err := checkAV1(t.data(), t.coded, t.layers); err != nil {
		return nil, err
	}
	properties := []setProperty{{box("av1C", t.deepConfig()), true}, sizeProperty(t)}
	properties = append(properties, setProperty{colourProperty(p.matrix()), false})
	if t.layers.operatingPoint != 0 {
		properties = append(properties, setProperty{box("a1op", []byte{byte(t.layers.operatingPoint)}), true})
	}
	if t.layers.selected != allLayers {
		properties = append(properties, setProperty{box("lsel", []byte{0, byte(t.layers.selected)}), true})
	}
	return fileOf("avif\x00\x00\x00\x00mif1miafavif", "av01", properties, t.extents), nil
}

// deepConfig returns the configuration of an AV1 tile. If the tile has 8 bits and fewer colours than pixels, the
// configuration says 10 bits. libavif then converts to RGB of 16 bits, and only there does it interpolate colours: when
// it converts to 8 bits, it repeats them.
func (t tile) deepConfig() []byte {
	if !t.isDeepened() {
		return t.config
	}
	c := slices.Clone(t.config)
	c[2] |= 0x40 // high_bitdepth (AV1-ISOBMFF, 2.3.3)
	return c
}

// isDeepened reports whether a tile of AV1 with 8 bits is converted to 16.
func (t tile) isDeepened() bool {
	return t.coded.depth == 8 && (t.coded.chroma == hevc.Chroma420 || t.coded.chroma == hevc.Chroma422)
}

// constantLuminance maps matrix coefficients that libavif does not know to equivalent ones that it knows.
var constantLuminance = map[int]int{h273.BT2020CL: h273.BT2020NCL, h273.DerivedCL: h273.DerivedNCL}

func colourProperty(c nclx) []byte {
	matrix, ok := constantLuminance[c.matrix]
	if !ok {
		matrix = c.matrix
	}
	b := []byte("nclx")
	for _, v := range []int{c.primaries, c.transfer, matrix} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	if c.full {
		return box("colr", append(b, 0x80))
	}
	return box("colr", append(b, 0))
}

// setProperty is a property of the item to be written.
type setProperty struct {
	box       []byte
	essential bool
}

func sizeProperty(t tile) setProperty {
	u32 := binary.BigEndian.AppendUint32
	return setProperty{box("ispe", u32(u32(make([]byte, 4), uint32(t.coded.width)), uint32(t.coded.height))), false}
}

// fileOf returns a file of one item, with its properties and its data, which come in parts.
func fileOf(brands, kind string, properties []setProperty, data [][]byte) []byte {
	u32 := binary.BigEndian.AppendUint32
	ftyp := box("ftyp", []byte(brands))
	var ipco [][]byte
	ipma := []byte{0, 0, 0, 0, 0, 0, 0, 1, 0, 1, byte(len(properties))}
	for i, p := range properties {
		index := byte(i + 1)
		if p.essential {
			index |= 0x80
		}
		ipco, ipma = append(ipco, p.box), append(ipma, index)
	}
	length := 0
	for _, part := range data {
		length += len(part)
	}
	meta := func(offset int) []byte {
		iloc := []byte{0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1} // offset and length in 4 bytes each, one item, one extent
		iloc = u32(u32(iloc, uint32(offset)), uint32(length))
		return box("meta", make([]byte, 4),
			box("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
			box("pitm", []byte{0, 0, 0, 0, 0, 1}),
			box("iloc", iloc),
			box("iinf", []byte{0, 0, 0, 0, 0, 1}, box("infe", []byte{2, 0, 0, 0, 0, 1, 0, 0}, []byte(kind), []byte{0})),
			box("iprp", box("ipco", ipco...), box("ipma", ipma)))
	}
	offset := len(ftyp) + len(meta(0)) + 8
	mdat := append(u32(nil, uint32(8+length)), "mdat"...)
	return slices.Concat(append([][]byte{ftyp, meta(offset), mdat}, data...)...)
}
