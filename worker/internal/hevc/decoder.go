package hevc

import (
	"bytes"
	"context"
	"errors"
)

// maxKept is the most bytes of a parameter set that a Decoder keeps. A set with scaling lists takes about 2 KB.
const maxKept = 8 << 10

// Decoder decodes one picture after another and reuses its memory. It keeps no reference to the data it is given. It is
// not safe for concurrent use.
type Decoder struct {
	// Parameter sets of the picture, by number.
	sps     [16]*SPS
	ppsData [64][]byte // payloads
	pps     [64]*pps   // nil until a slice uses the set

	// The last parsed parameter sets. The tiles of a photo usually share them.
	lastSPS     *SPS
	lastSPSData []byte
	lastPPS     *pps
	lastPPSData []byte

	frame frame
	coder coder
}

// Decode decodes the one picture in a sequence of NAL units. The units have no start codes or lengths in front.
// Parameter sets come before the slices that use them. Decode ignores units of other kinds and of other layers.
//
// When ctx ends, Decode returns its error. Decode checks ctx before each unit, every 64 coding tree blocks, and before
// each row of coding tree blocks in the loop filters.
func (d *Decoder) Decode(ctx context.Context, units [][]byte) (*Picture, error) {
	d.sps, d.pps = [16]*SPS{}, [64]*pps{}
	d.coder.following = 0
	defer func() { d.ppsData = [64][]byte{} }()
	var last *slice
	for _, nal := range units {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		u, err := parseUnit(nal)
		if err != nil {
			return nil, err
		}
		if u.layer != 0 {
			continue
		}
		switch {
		case u.kind == nalSPS:
			s, err := d.parseSPS(u.data)
			if err != nil {
				return nil, err
			}
			d.sps[s.id] = s
			d.pps = [64]*pps{}
		case u.kind == nalPPS:
			id := (&bitReader{data: u.data}).number(63)
			d.ppsData[id], d.pps[id] = u.data, nil
		case u.kind >= nalFirstIRAP && u.kind <= nalLastIRAP:
			s, err := d.parseSlice(u, last)
			if err != nil {
				return nil, err
			}
			if last == nil {
				d.frame.begin(s.pps)
				d.coder.begin(&d.frame)
			}
			if err := d.coder.decode(ctx, s); err != nil {
				return nil, err
			}
			last = s
		case u.kind < nalFirstNotVCL:
			return nil, unsupported("a picture that depends on others")
		}
	}
	if last == nil {
		return nil, corrupt("no picture")
	}
	if d.coder.following < len(d.frame.slices) {
		return nil, corrupt("%d coding tree blocks, want %d", d.coder.following, len(d.frame.slices))
	}
	if err := d.frame.filterLoop(ctx); err != nil {
		return nil, err
	}
	return d.frame.picture(), nil
}

// DecodePart is like Decode, but also returns what it can of a corrupt picture: the coding tree blocks before the
// fault, without the loop filters, and grey for the rest. damage is the fault, or nil if there is none. If no block
// decodes, err is the error that Decode returns.
func (d *Decoder) DecodePart(ctx context.Context, units [][]byte) (m *Picture, damage, err error) {
	m, err = d.Decode(ctx, units)
	if !errors.Is(err, ErrCorrupt) || d.coder.following == 0 {
		return m, nil, err
	}
	d.frame.blank(d.frame.pps.toRaster[d.coder.following:])
	return d.frame.picture(), err, nil
}

// activate returns a picture parameter set by its number.
func (d *Decoder) activate(id int) (*pps, error) {
	if d.pps[id] != nil {
		return d.pps[id], nil
	}
	if d.ppsData[id] == nil {
		return nil, corrupt("slice without a picture parameter set")
	}
	data := d.ppsData[id]
	if p := d.lastPPS; p != nil && d.sps[p.sps.id] == p.sps && bytes.Equal(data, d.lastPPSData) {
		d.pps[id] = p
		return p, nil
	}
	p, err := parsePPS(data, &d.sps)
	if err != nil {
		return nil, err
	}
	d.pps[id] = p
	if d.lastPPS = nil; len(data) <= maxKept {
		d.lastPPS, d.lastPPSData = p, bytes.Clone(data)
	}
	return p, nil
}

// parseSPS returns the sequence parameter set in data. It parses only a set that differs from the last one.
func (d *Decoder) parseSPS(data []byte) (*SPS, error) {
	if d.lastSPS != nil && bytes.Equal(data, d.lastSPSData) {
		return d.lastSPS, nil
	}
	s, err := parseSPS(data)
	if err != nil {
		return nil, err
	}
	d.lastSPS, d.lastPPS = nil, nil
	if len(data) <= maxKept {
		d.lastSPS, d.lastSPSData = s, bytes.Clone(data)
	}
	return s, nil
}
