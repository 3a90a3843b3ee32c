package jpegscan

import "bytes"

const (
	// windowSize is how many bytes of data are unstuffed at a time: few enough that the windows of all scans of a
	// progressive picture stay in the processor's cache.
	windowSize = 8 << 10
	// mcuUnits is the most blocks that an MCU may have (B.2.3).
	mcuUnits = 10
	// mcuBytes is more than such an MCU can have: its blocks of 64 codes of up to 16 bits with values of up to 15 bits are
	// 2480 bytes. A code that does not exist takes 17 bits, and has no value.
	mcuBytes = 2560
	// windowBytes leaves room for an MCU beyond the window's end, and for the last load of 8 bytes.
	windowBytes = windowSize + mcuBytes + 8
)

// stream reads the bits of one restart interval after the other. Its fields acc, bits and pos are the bit reader,
// which the block decoder keeps in registers while it works:
//
//   - acc holds the next bits, the first in the highest place;
//   - bits is the number of them that were read from the window;
//   - pos is the next byte of the window to read.
//
// The window always holds mcuBytes bytes from pos, with zeros after the end of the interval. So an MCU, or a block of a
// progressive scan, is decoded without checks for the end; [stream.advance] checks after each.
type stream struct {
	acc  uint64
	bits uint
	pos  int

	src    []byte // rest of the file, not in the window yet
	end    int    // end of the interval's data in the window
	limit  int    // pos beyond which advance must act
	ended  bool   // the interval has no more data in src
	marker byte   // marker after the interval, or 0 at the end of the file
	window [windowBytes]byte
}

// start begins an interval at src.
func (s *stream) start() {
	s.acc, s.bits, s.pos, s.end = 0, 0, 0, 0
	s.ended, s.marker = false, 0
	s.fill()
}

// advance makes the window ready for another MCU. It reports whether the data so far did not go beyond the interval.
func (s *stream) advance() bool {
	if s.ended {
		return s.bitsLeft() >= 0
	}
	s.end = copy(s.window[:], s.window[s.pos:s.end])
	s.pos = 0
	s.fill()
	return true
}

// bitsLeft returns how many bits of the window are not used yet. It is negative when more were used than there are.
func (s *stream) bitsLeft() int { return 8*(s.end-s.pos) + int(s.bits) }

// fill reads from src, without stuffed bytes (F.1.2.3), until the window is full or a marker ends the interval.
func (s *stream) fill() {
	for !s.ended && s.end < windowSize {
		chunk := s.src[:min(len(s.src), windowSize-s.end)]
		n := bytes.IndexByte(chunk, 0xff)
		if n < 0 {
			s.end += copy(s.window[s.end:], chunk)
			s.src = s.src[len(chunk):]
			s.ended = len(s.src) == 0
			continue
		}
		s.end += copy(s.window[s.end:], chunk[:n])
		if n+1 < len(s.src) && s.src[n+1] == 0 {
			s.window[s.end] = 0xff
			s.end++
			s.src = s.src[n+2:]
			continue
		}
		for s.src = s.src[n:]; len(s.src) > 0 && s.src[0] == 0xff; { // any number of fill bytes
			s.src = s.src[1:]
		}
		if len(s.src) > 0 && s.src[0] == 0 { // libjpeg reads this as a stuffed byte after fill bytes, not as a marker
			s.window[s.end] = 0xff
			s.end++
			s.src = s.src[1:]
			s.ended = len(s.src) == 0
			continue
		}
		s.ended = true
		if len(s.src) > 0 {
			s.marker, s.src = s.src[0], s.src[1:]
		}
	}
	if !s.ended {
		s.limit = s.end - mcuBytes
		return
	}
	s.limit = s.end - 8 // up to 8 bytes of the window are in acc
	clear(s.window[s.end : s.end+mcuBytes+8])
}

// finish skips what an interval has after its last MCU and returns the marker that ended it.
func (s *stream) finish() byte {
	if !s.ended {
		s.seek()
	}
	return s.marker
}

// seek skips data up to the next marker and returns the marker. The content of the window is then useless.
func (s *stream) seek() byte {
	s.ended, s.marker = true, 0
	for {
		n := bytes.IndexByte(s.src, 0xff)
		if n < 0 {
			s.src = nil
			return 0
		}
		for s.src = s.src[n:]; len(s.src) > 0 && s.src[0] == 0xff; { // any number of fill bytes
			s.src = s.src[1:]
		}
		if len(s.src) == 0 {
			return 0
		}
		code := s.src[0]
		s.src = s.src[1:]
		if code != 0 {
			s.marker = code
			return code
		}
	}
}

// startEmpty begins an interval without data, which ends with the marker that ended the one before.
func (s *stream) startEmpty() {
	s.acc, s.bits, s.pos, s.end, s.limit = 0, 0, 0, 0, -8
	clear(s.window[:mcuBytes+8])
}
