package jpegscan

import (
	"errors"
	"fmt"

	"darkroom/worker/plural"
)

// damage collects the faults of a file that is decoded in spite of them.
type damage struct {
	found error // first fault
	more  int   // number of faults after the first
}

// note records a fault.
func (m *damage) note(err error) {
	if m.found == nil {
		m.found = err
		return
	}
	m.more++
}

// noteLocal records a fault that does not affect the rest of the picture. Its arguments are those of [fmt.Errorf].
func (m *damage) noteLocal(format string, args ...any) {
	if m.found == nil {
		m.found = corrupt(format, args...)
		return
	}
	m.more++
}

// err returns an error that names the first fault and counts the others, or nil.
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

// betweenScans returns ErrTruncated or ErrCorrupt for an error between scans, beyond which no decoder can read.
func betweenScans(err error) error {
	if errors.Is(err, ErrTruncated) || errors.Is(err, ErrCorrupt) {
		return fmt.Errorf("between scans: %w", err)
	}
	return corrupt("between scans: %v", err)
}

// missing returns the error for an interval that ends with marker before the picture is complete.
func missing(marker byte) error {
	if marker == markerEOI || marker == 0 {
		return ErrTruncated
	}
	return ErrCorrupt
}

// fault returns the error for an MCU that cannot be read. If fewer bits are left than a code with its value can have,
// the interval has ended too early.
func (s *stream) fault() error {
	if s.ended && s.bitsLeft() < codeBits {
		return missing(s.marker)
	}
	return ErrCorrupt
}
