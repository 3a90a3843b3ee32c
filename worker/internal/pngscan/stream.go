package pngscan

// stream reads the deflated data of a picture from chunks of one type.
type stream struct {
	rest    []byte // from the next chunk on
	kind    string // type of the chunks
	skip    int    // bytes in a payload before the data
	until   string // type of the chunk that ends the data
	gaps    bool   // other chunks may lie between
	checked bool   // checksums are checked
	accept  bool   // data whose checksum is wrong are used
	broken  bool   // other chunks separate chunks of the type
	fault   error  // the first checksum or header that is wrong
}

// next returns the data of the next chunk, which may be empty. It reports false if there is no such chunk. If the file
// ends within a chunk, it returns the available part.
func (s *stream) next() ([]byte, bool) {
	for {
		c, rest, err := nextChunk(s.rest)
		if len(c.typed) == 0 || c.kind() == "IEND" || c.kind() == s.until {
			return nil, false
		}
		s.rest = rest
		if c.kind() != s.kind {
			if !s.gaps || err != nil {
				return nil, false
			}
			continue
		}
		if s.checked && err == nil && !c.checksumValid() && s.tolerate(corrupt("checksum of chunk %q", s.kind)) != nil {
			s.rest = nil
			return nil, false
		}
		return c.payload[min(s.skip, len(c.payload)):], true
	}
}

// tolerate records a fault. It returns nil if damage is accepted, and the fault if not.
func (s *stream) tolerate(fault error) error {
	if s.fault == nil {
		s.fault = fault
	}
	if s.accept {
		return nil
	}
	return fault
}

// endError returns the error for a picture with incomplete data.
func (s *stream) endError() error {
	switch {
	case s.fault != nil:
		return s.fault
	case s.broken && !s.gaps:
		return corrupt("other chunks between the pixels")
	}
	return truncated("the data of the pixels end")
}
