package heif

// Section numbers in this file are those of the AV1 bitstream specification, version 1.0.0 with errata 1.

// OBU types (6.2.2).
const (
	obuSequence    = 1
	obuFrameHeader = 3
	obuFrame       = 6
)

// checkAV1 checks that the data of an item hold one frame, and that each of their sequence headers is for the size that
// the file announces. A frame is never larger than its sequence header says (5.9.5), so nothing in the data can make
// the decoder take more memory than was announced.
func checkAV1(data []byte, width, height int) error {
	frames, sequences := 0, 0
	for len(data) > 0 {
		kind, body, rest, err := nextOBU(data)
		if err != nil {
			return err
		}
		data = rest
		switch kind {
		case obuSequence:
			sequences++
			w, h, err := sequenceSize(body)
			if err != nil {
				return err
			}
			if w != width || h != height {
				return corrupt("AV1 sequence of %d x %d in a picture of %d x %d", w, h, width, height)
			}
		case obuFrame, obuFrameHeader:
			frames++
		}
	}
	if sequences == 0 {
		return unsupported("no AV1 sequence header in the picture")
	}
	if frames != 1 {
		return unsupported("%d AV1 frames in an item", frames)
	}
	return nil
}

// nextOBU splits data after an open bitstream unit (5.3).
func nextOBU(data []byte) (kind int, body, rest []byte, err error) {
	head := data[0]
	if head&0x80 != 0 {
		return 0, nil, nil, corrupt("AV1 unit header %#x", head)
	}
	kind = int(head>>3) & 15
	data = data[1:]
	if head&4 != 0 {
		if len(data) == 0 {
			return 0, nil, nil, corrupt("AV1 unit header")
		}
		data = data[1:]
	}
	if head&2 == 0 { // without a size: the last (AV1 ISOBMFF binding, 2.4)
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

// sequenceSize reads a sequence header (5.5.1) as far as the largest frame it allows.
func sequenceSize(body []byte) (width, height int, err error) {
	b := &bits{data: body}
	b.skip(4)
	if b.flag() { // reduced_still_picture_header
		b.skip(5)
	} else {
		decoderModel, delayBits := false, 0
		if b.flag() { // timing_info (5.5.3)
			b.skip(64)
			if b.flag() {
				b.ue()
			}
			if decoderModel = b.flag(); decoderModel { // 5.5.4
				delayBits = int(b.u(5)) + 1
				b.skip(42)
			}
		}
		displayDelay := b.flag()
		for range b.u(5) + 1 {
			b.skip(12)
			if b.u(5) > 7 {
				b.skip(1)
			}
			if decoderModel && b.flag() {
				b.skip(2*delayBits + 1)
			}
			if displayDelay && b.flag() {
				b.skip(4)
			}
		}
	}
	widthBits, heightBits := int(b.u(4))+1, int(b.u(4))+1
	width, height = int(b.u(widthBits))+1, int(b.u(heightBits))+1
	if b.over() {
		return 0, 0, corrupt("AV1 sequence header")
	}
	return width, height, nil
}
