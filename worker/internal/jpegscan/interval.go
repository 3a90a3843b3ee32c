package jpegscan

import "fmt"

// restarts is the number of the restart marker that comes next, 0 to 7.
type restarts byte

// distance returns how many markers of the cycle come before the given one.
func (r restarts) distance(marker byte) int { return int(marker-markerRST0-byte(r)) & 7 }

// health records how well the decoding of a scan goes.
type health struct {
	lenient bool // invalid codes are forgiven
	local   bool // there are restart markers, so damage stays within an interval
	starved bool // the interval has no more data
	faults  int  // invalid codes in the interval
	done    int  // MCUs read or skipped before the interval
	total   int  // MCUs of the scan
	missing int  // MCUs without data
	spoiled int  // MCUs of damaged intervals
}

// begin prepares the scan for reading its MCUs.
func (s *scan) begin(d *decoder, mcus int) {
	s.waiting, s.expect, s.run = s.interval, 0, 0
	local := s.interval > 0 && s.interval < mcus
	s.health = health{lenient: local || d.damaged, local: local, total: mcus}
	for i := range s.parts {
		s.parts[i].last = 0
	}
	s.start()
}

// forgive counts an invalid code. It reports whether to continue as libjpeg would.
func (s *scan) forgive() bool {
	s.faults++
	return s.lenient
}

// ready starts the next restart interval if the current one is over. It returns how many of the next n MCUs the
// interval has.
func (s *scan) ready(d *decoder, n int) (int, error) {
	if s.interval == 0 {
		return n, nil
	}
	if s.waiting == 0 {
		if err := s.restart(d); err != nil {
			return 0, err
		}
	}
	n = min(n, s.waiting)
	s.waiting -= n
	return n, nil
}

// failed handles an MCU that could not be read, with n more to come in the row. It returns an error if the scan cannot
// go on.
func (s *scan) failed(d *decoder, n int) error {
	if s.faults > 0 && !s.lenient {
		return s.fault()
	}
	s.starved = true
	s.missing += n
	err := fmt.Errorf("%w: data end at marker %#x", missing(s.marker), s.marker)
	if s.local && (s.marker >= markerRST0 && s.marker <= markerRST7 || s.marker > 0 && s.marker < markerSOF0) {
		d.noteLocal("a restart interval is too short")
		return nil
	}
	if !d.damaged {
		return err
	}
	d.note(err)
	return nil
}

// settle adds up the damage of an interval that has ended.
func (s *scan) settle(d *decoder, mcus int) {
	if s.faults > 0 {
		d.noteLocal("%d codes that make no sense", s.faults)
	}
	if s.run > 0 && !s.starved {
		d.noteLocal("a run of blocks beyond its interval")
	}
	if s.faults > 0 || s.starved || s.run > 0 {
		s.spoiled += mcus
	}
	s.faults, s.run = 0, 0
}

// restart starts the next restart interval (F.2.1.3.1). If the marker is not the expected one, it does what libjpeg
// does (jpeg_resync_to_restart). If the marker comes too early, the intervals before it are empty. If it is late, it is
// skipped with its interval. If it is too far away, it counts as the expected one.
func (s *scan) restart(d *decoder) error {
	if surplus := !s.ended || s.bitsLeft() >= 8; surplus && !s.starved {
		d.noteLocal("data before a restart marker")
	}
	s.settle(d, s.interval)
	s.done += s.interval
	s.waiting = s.interval
	for i := range s.parts {
		s.parts[i].last = 0
	}
	marker := s.finish()
	expect := s.expect
	s.expect = (s.expect + 1) & 7
	if marker != markerRST0+byte(expect) && !s.starved {
		d.noteLocal("marker %#x instead of restart %d", marker, expect)
	}
	for {
		early := true
		switch {
		case marker >= markerRST0 && marker <= markerRST7:
			switch expect.distance(marker) {
			case 1, 2:
			case 6, 7:
				early = false
			default:
				s.starved = false
				s.start()
				return nil
			}
		case marker > 0 && marker < markerSOF0:
			early = false
		default:
			if !d.damaged {
				return fmt.Errorf("%w: marker %#x instead of restart %d", missing(marker), marker, expect)
			}
			if !s.starved {
				d.note(missing(marker))
			}
		}
		if early {
			if !s.starved {
				s.startEmpty()
			}
			return nil
		}
		marker = s.seek()
	}
}

// close adds up the damage of a scan after all its MCUs. What follows them does not matter. It returns an error if too
// little of the picture is there. If damage is not accepted, that is less than half of the scan. If damage is accepted,
// it is less than a row of MCUs in the scan that begins the first component.
func (s *scan) close(d *decoder, row int) error {
	if s.run > 0 && !s.lenient {
		return corrupt("a run of blocks beyond the picture")
	}
	s.settle(d, s.total-s.done)
	if !d.damaged && s.spoiled > s.total/2 {
		return corrupt("%d of %d MCUs are damaged", s.spoiled, s.total)
	}
	if s.first == 0 && !s.refines && s.contains(&d.components[0]) && s.total-s.missing < row {
		return fmt.Errorf("%w: %d of %d MCUs are missing", missing(s.marker), s.missing, s.total)
	}
	return nil
}
