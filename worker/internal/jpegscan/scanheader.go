package jpegscan

// MaxScans is the highest number of scans of a picture. Encoders write about ten, and even a separate scan for each bit
// of each colour is no more than forty. A scan of a few bytes can leave all blocks unchanged, yet the decoder must
// visit each of them. Without the limit, a file of a few megabytes would keep a processor busy for hours.
const MaxScans = 100

// part is a component of a scan.
type part struct {
	c      *component
	dc, ac *huffman
	// Quantized DC coefficient of the previous block (F.2.1.3.1); in a progressive scan, without its lower bits.
	last int
}

// readScanHeader reads a scan header (B.2.3, G.1.1.1).
func (d *decoder) readScanHeader(p []byte) error {
	if d.count == 0 {
		return corrupt("picture data before the frame header")
	}
	if len(p) < 1 || p[0] < 1 || int(p[0]) > d.count || len(p) < 4+2*int(p[0]) {
		return corrupt("scan header of %d bytes", len(p))
	}
	if len(d.scans) == MaxScans {
		return ErrScans
	}
	n := int(p[0])
	s := scans.Get().(*scan)
	d.scans = append(d.scans, s)
	err := d.readScanParts(s, p[1:1+2*n], p[1+2*n:4+2*n])
	if err != nil { // only a scan with a valid header counts
		d.scans = d.scans[:len(d.scans)-1]
		s.release()
		return err
	}
	d.cover(s)
	return nil
}

// readScanParts reads the components of a scan, and which of their coefficients and bits it contains.
func (d *decoder) readScanParts(s *scan, components, band []byte) error {
	s.first, s.last, s.refines, s.shift = 0, 63, false, 0
	if d.progressive { // these numbers mean nothing in a sequential picture, and cameras write anything
		first, last, high, shift := int(band[0]), int(band[1]), band[2]>>4, band[2]&15
		if last > 63 || first > last || first == 0 && last > 0 || first > 0 && len(components) > 2 || shift > 13 ||
			high > 0 && high != shift+1 {
			return corrupt("scan of the coefficients %d to %d, from bit %d to %d", first, last, high, shift)
		}
		s.first, s.last, s.refines, s.shift = first, last, high > 0, uint(shift)
	}
	s.interval = d.interval
	for ; len(components) > 0; components = components[2:] {
		c := d.find(s, components[0])
		if c == nil {
			return corrupt("scan of a component %d", components[0])
		}
		s.parts = append(s.parts, part{c: c})
		if err := d.choose(s, &s.parts[len(s.parts)-1], components[1]>>4, components[1]&15); err != nil {
			return err
		}
	}
	return nil
}

// find returns the component of a scan by its id. If several have the same id, it returns the first one that still
// needs what the scan contains.
func (d *decoder) find(s *scan, id byte) *component {
	var found *component
	for i := range d.components[:d.count] {
		c := &d.components[i]
		if c.id != id || s.contains(c) {
			continue
		}
		want := int8(-1)
		if s.refines {
			want = int8(s.shift) + 1
		}
		if c.precision[s.first] == want {
			return c
		}
		if found == nil {
			found = c
		}
	}
	return found
}

// choose gives a part of a scan the tables that it needs. A sequential file without Huffman tables uses the typical
// ones, as frames of Motion JPEG do.
func (d *decoder) choose(s *scan, p *part, dc, ac byte) error {
	if !d.latch(p.c) {
		return corrupt("no quantization table %d", p.c.quant)
	}
	if dc > 3 || ac > 3 {
		return corrupt("Huffman table %d or %d", dc, ac)
	}
	if s.first == 0 && !s.refines {
		if p.dc = d.table(0, dc, !d.progressive); p.dc == nil {
			return corrupt("no Huffman table %d for DC", dc)
		}
	}
	if s.last > 0 {
		if p.ac = d.table(1, ac, !d.progressive); p.ac == nil {
			return corrupt("no Huffman table %d for AC", ac)
		}
	}
	return nil
}

// contains reports whether a component belongs to the scan.
func (s *scan) contains(c *component) bool {
	for i := range s.parts {
		if s.parts[i].c == c {
			return true
		}
	}
	return false
}

// cover records what a scan contains, and whether it completes the picture.
func (d *decoder) cover(s *scan) {
	for i := range s.parts {
		precision := &s.parts[i].c.precision
		for k := s.first; k <= s.last; k++ {
			if precision[k] >= 0 || !s.refines {
				precision[k] = int8(s.shift)
			}
		}
	}
	d.whole = true
	for i := range d.components[:d.count] {
		d.whole = d.whole && d.components[i].precision == [64]int8{}
	}
}

// complete reports whether every bit of every coefficient has had its scan.
func (d *decoder) complete() bool { return d.whole }

// checkScans returns an error if no scan begins one of the components. A picture may lack higher frequencies or lower
// bits and still be complete.
func (d *decoder) checkScans() error {
	for i := range d.components[:d.count] {
		if d.components[i].precision[0] >= 0 {
			continue
		}
		err := truncated("component %d of %d is missing", i+1, d.count)
		if i == 0 || !d.damaged {
			return err
		}
		d.note(err)
	}
	return nil
}
