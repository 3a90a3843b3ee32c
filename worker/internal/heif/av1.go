package heif

// Section numbers in this file are those of the AV1 bitstream specification, version 1.0.0 with errata 1.

// OBU types (6.2.2).
const (
	obuSequence    = 1
	obuFrameHeader = 3
	obuFrame       = 6
)

// maxLayers is how many spatial layers a picture can have (6.2.3).
const maxLayers = 4

// allLayers selects no layer, so the best one is shown (ISO/IEC 23008-12, 6.5.11).
const allLayers = 0xffff

// layers says which layer of a picture is shown (AV1 Image File Format, 2.3.2; ISO/IEC 23008-12, 6.5.11).
type layers struct {
	operatingPoint int
	selected       int // allLayers if the file does not say
}

// read reads a property about layers. It ignores a1lx, which says where each layer ends: only programs that load part
// of a file need it.
func (l *layers) read(p property) error {
	r := reader{data: p.body}
	switch p.kind {
	case "a1op":
		l.operatingPoint = r.u8()
	case "lsel":
		l.selected = r.u16()
	}
	if r.short || l.operatingPoint > 31 || l.selected >= maxLayers && l.selected != allLayers {
		return corrupt("property %q", p.kind)
	}
	return nil
}

// partial reports whether the picture shown may be smaller than the sequence header says.
func (l layers) partial() bool { return l.operatingPoint != 0 || l.selected != allLayers }

// readAV1C reads an AV1 configuration (AV1 ISOBMFF binding, 2.3), and the first sequence header if the data begin with
// it. The depth and the chroma format come from the configuration.
func readAV1C(config, front []byte) (coded, error) {
	if len(config) < 4 {
		return coded{}, corrupt("property %q", "av1C")
	}
	c := coded{depth: 8, primaries: unspecified, transfer: unspecified, matrix: unspecified}
	for len(front) > 0 {
		kind, body, rest, err := nextOBU(front)
		if err != nil {
			break // checkAV1 refuses the data before they are decoded
		}
		if kind == obuSequence {
			if c, err = readSequence(body); err != nil {
				return coded{}, err
			}
			break
		}
		front = rest
	}
	c.chroma = 3 - int(config[2]>>3&1) - int(config[2]>>2&1) // chroma_format_idc from subsampling_x and subsampling_y
	if config[2]&0x40 != 0 {
		c.depth = 10
		if config[2]&0x20 != 0 {
			c.depth = 12
		}
	}
	return c, nil
}

// checkAV1 checks that the data of an item hold one frame, or one for each layer. Each of their sequence headers must
// be for the size that the file announces, and may have film grain only if that is announced. A frame is never larger
// than its sequence header says (5.9.5), so the data cannot make the decoder take more memory than was announced. If
// the file selects a layer, the announced size may be smaller than the largest layer.
func checkAV1(data []byte, announced coded, l layers) error {
	width, height := announced.width, announced.height
	frames, sequences := map[byte]int{}, 0
	for n := 1; len(data) > 0; n++ {
		if err := checkLimit(Units, n, maxUnits); err != nil {
			return err
		}
		kind, body, rest, err := nextOBU(data)
		if err != nil {
			return err
		}
		head := data
		data = rest
		switch kind {
		case obuSequence:
			sequences++
			c, err := readSequence(body)
			if err != nil {
				return err
			}
			if c.grain && !announced.grain {
				return unsupported("film grain that the first AV1 sequence header does not announce")
			}
			if l.partial() && c.width >= width && c.height >= height && c.width <= maxSide && c.height <= maxSide &&
				c.width*c.height <= maxLayerScale*width*height {
				continue
			}
			if c.width != width || c.height != height {
				return corrupt("AV1 sequence of %d x %d in a picture of %d x %d", c.width, c.height, width, height)
			}
		case obuFrame, obuFrameHeader:
			var id byte // temporal and spatial layer (5.3.3)
			if head[0]&4 != 0 {
				id = head[1] >> 3
			}
			frames[id]++
		}
	}
	if sequences == 0 {
		return unsupported("no AV1 sequence header in the picture")
	}
	if len(frames) == 0 || len(frames) > maxLayers {
		return unsupported("AV1 frames of %d layers in an item", len(frames))
	}
	for id, n := range frames {
		if n != 1 {
			return unsupported("%d AV1 frames of layer %d in an item", n, id&3)
		}
	}
	return nil
}

// layeredPixels returns how many pixels all frames of a tile have. If the file selects a layer, the best one may be
// larger than that. If checkAV1 would refuse the data, layeredPixels counts up to the fault.
func (t tile) layeredPixels() int64 {
	shown := int64(t.coded.width) * int64(t.coded.height)
	most, frames := shown, int64(0)
	data := t.data()
	for n := 0; n < maxUnits && len(data) > 0; n++ {
		kind, body, rest, err := nextOBU(data)
		if err != nil {
			break
		}
		data = rest
		switch kind {
		case obuSequence:
			if c, err := readSequence(body); err == nil && t.layers.partial() {
				most = max(most, min(int64(c.width)*int64(c.height), maxLayerScale*shown))
			}
		case obuFrame, obuFrameHeader:
			frames++
		}
	}
	return most * max(frames, 1)
}

// maxLayerScale is how many times more pixels the best layer may have than the selected one: four times in each
// direction.
const maxLayerScale = 16

// nextOBU splits data after an open bitstream unit (5.3).
func nextOBU(data []byte) (kind int, body, rest []byte, err error) {
	head := data[0]
	if head&0x80 != 0 || len(data) < 2 && head&4 != 0 {
		return 0, nil, nil, corrupt("AV1 unit header %#x", head)
	}
	kind = int(head>>3) & 15
	data = data[1:]
	if head&4 != 0 {
		data = data[1:]
	}
	if head&2 == 0 { // without a size it is the last one (AV1 ISOBMFF binding, 2.4)
		return kind, data, nil, nil
	}
	var size uint64
	for i := range 8 { // leb128 (4.10.5)
		if i == len(data) {
			break
		}
		size |= uint64(data[i]&0x7f) << (7 * i)
		if data[i]&0x80 == 0 {
			if data = data[i+1:]; size > uint64(len(data)) {
				break
			}
			return kind, data[:size], data[size:], nil
		}
	}
	return 0, nil, nil, corrupt("AV1 unit beyond the end of its item")
}
