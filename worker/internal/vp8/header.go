package vp8

import (
	"encoding/binary"
	"fmt"
	"io"
)

const segments = 4 // most segments of a frame (9.3)

// header holds the fields before the macroblocks.
type header struct {
	width, height int // pixels
	across, down  int // macroblocks

	first      booleans    // first partition: headers and modes
	tokens     [8]booleans // partitions with coefficients
	partitions int         // number of partitions in the frame

	segmented        bool
	mapped           bool // each macroblock has its segment
	segmentRelative  bool // values of segments are added to the frame's
	segmentQuantizer [segments]int
	segmentLevel     [segments]int
	segmentTree      [3]uint8 // probabilities (10)

	simple    bool // simple loop filter
	level     int  // level of the loop filter; 0 for none
	sharpness int
	adjusted  bool // the level depends on the mode
	intra     int  // added to the level in a key frame
	splitMode int  // added to the level if each subblock of luma has its own mode

	filters       [segments][2]filter // index 0: macroblocks that are not split, 1: split ones
	quantizers    [segments]quantizer
	probabilities coefficientProbabilities
	skips         bool // macroblocks without coefficients have a flag
	skip          uint8
}

// readHeaders reads the frame tag and the frame header (9.1 to 9.11, 19.1 and 19.2).
func (h *header) readHeaders(data []byte) error {
	const tagBytes = 10
	if len(data) < tagBytes {
		return fmt.Errorf("frame tag of %d bytes, want %d: %w", len(data), tagBytes, io.ErrUnexpectedEOF)
	}
	tag := uint32(data[0]) | uint32(data[1])<<8 | uint32(data[2])<<16
	if tag&1 != 0 {
		return fmt.Errorf("frame depends on others, want a key frame")
	}
	if code := [3]byte(data[3:]); code != [3]byte{0x9d, 0x01, 0x2a} {
		return fmt.Errorf("start code % x, want 9d 01 2a", code)
	}
	const sizeBits = 0x3fff // the other bits ask for upscaling, which no decoder does
	h.width = int(binary.LittleEndian.Uint16(data[6:]) & sizeBits)
	h.height = int(binary.LittleEndian.Uint16(data[8:]) & sizeBits)
	if h.width == 0 || h.height == 0 {
		return fmt.Errorf("frame of %d x %d pixels", h.width, h.height)
	}
	h.across, h.down = (h.width+15)/16, (h.height+15)/16
	data = data[tagBytes:]
	length := int(tag >> 5)
	if length > len(data) {
		return fmt.Errorf("first partition of %d bytes, but only %d remain: %w", length, len(data), io.ErrUnexpectedEOF)
	}
	h.first = newBooleans(data[:length])
	b := &h.first
	b.flag() // colour space: only one is defined
	b.flag() // clamping type: this package always clamps
	h.readSegments()
	h.readFilter()
	if err := h.readPartitions(data[length:]); err != nil {
		return err
	}
	h.readQuantizers()
	b.flag() // whether the probabilities are kept for the next frame
	h.readProbabilities()
	if h.skips = b.flag(); h.skips {
		h.skip = uint8(b.unsigned(8))
	}
	if b.overrun {
		return fmt.Errorf("first partition of %d bytes ends in the header: %w", length, io.ErrUnexpectedEOF)
	}
	h.setFilters()
	return nil
}

// readSegments reads the adjustments of segments (9.3).
func (h *header) readSegments() {
	b := &h.first
	h.segmentTree = [3]uint8{255, 255, 255}
	if h.segmented = b.flag(); !h.segmented {
		return
	}
	h.mapped = b.flag()
	if b.flag() {
		h.segmentRelative = !b.flag()
		for i := range h.segmentQuantizer {
			h.segmentQuantizer[i] = b.optional(7)
		}
		for i := range h.segmentLevel {
			h.segmentLevel[i] = b.optional(6)
		}
	}
	if !h.mapped {
		return
	}
	for i := range h.segmentTree {
		if b.flag() {
			h.segmentTree[i] = uint8(b.unsigned(8))
		}
	}
}

// readFilter reads the parameters of the loop filter (9.6). Adjustments for other frames and other modes have no
// meaning in a key frame.
func (h *header) readFilter() {
	b := &h.first
	h.simple = b.flag()
	h.level = b.unsigned(6)
	h.sharpness = b.unsigned(3)
	if h.adjusted = b.flag(); h.adjusted && b.flag() {
		var frames, modes [4]int
		for i := range frames {
			frames[i] = b.optional(6)
		}
		for i := range modes {
			modes[i] = b.optional(6)
		}
		h.intra, h.splitMode = frames[0], modes[0]
	}
}

// readPartitions divides the rest of the data into partitions (9.5). A partition may be cut off; decoding finds that
// out when data are missing.
func (h *header) readPartitions(data []byte) error {
	h.partitions = 1 << h.first.unsigned(2)
	sizes := 3 * (h.partitions - 1)
	if sizes > len(data) {
		return fmt.Errorf("sizes of %d partitions in %d bytes: %w", h.partitions, len(data), io.ErrUnexpectedEOF)
	}
	rest := data[sizes:]
	for i := range h.partitions {
		n := len(rest)
		if i < h.partitions-1 {
			size := data[3*i:]
			n = min(n, int(size[0])|int(size[1])<<8|int(size[2])<<16)
		}
		h.tokens[i] = newBooleans(rest[:n])
		rest = rest[n:]
	}
	return nil
}

// readProbabilities reads the changes to the default probabilities of tokens (9.9, 13.4).
func (h *header) readProbabilities() {
	h.probabilities = defaultProbabilities
	for i := range h.probabilities {
		for j := range h.probabilities[i] {
			for k := range h.probabilities[i][j] {
				for l := range h.probabilities[i][j][k] {
					if h.first.bit(updateProbabilities[i][j][k][l]) {
						h.probabilities[i][j][k][l] = uint8(h.first.unsigned(8))
					}
				}
			}
		}
	}
}
