package jpegscan

import (
	"errors"
	"fmt"

	"darkroom/worker/plural"
)

// damage collects what is wrong with a file that is decoded all the same.
type damage struct {
	found error // what came first
	more  int   // faults after that
}

// note records a fault.
func (m *damage) note(err error) {
	if m.found == nil {
		m.found = err
		return
	}
	m.more++
}

// noteLocal records a fault that leaves the rest of the picture as it is. The fault is described as by [fmt.Errorf].
func (m *damage) noteLocal(format string, args ...any) {
	if m.found == nil {
		m.found = corrupt(format, args...)
		return
	}
	m.more++
}

// err returns all that was recorded, or nil.
func (m *damage) err() error {
	if m.more > 0 {
		return fmt.Errorf("%w, and %s more", m.found, plural.Count(m.more, "fault"))
	}
	return m.found
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

func truncated(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTruncated, fmt.Sprintf(format, args...))
}

// damageOf returns whether an error between scans, which no decoder can read beyond, makes a file truncated or corrupt.
func damageOf(err error) error {
	if errors.Is(err, ErrTruncated) {
		return ErrTruncated
	}
	return ErrCorrupt
}

// missing returns which error it is that an interval ends with marker before the picture is whole.
func missing(marker byte) error {
	if marker == markerEOI || marker == 0 {
		return ErrTruncated
	}
	return ErrCorrupt
}

// fault returns which error it is that an MCU cannot be read. Where the interval's data are used up, to the length of
// a code with its value, it is for want of more.
func (s *stream) fault() error {
	if s.ended && s.bitsLeft() < codeBits {
		return missing(s.marker)
	}
	return ErrCorrupt
}
