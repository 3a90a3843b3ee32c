package heif

import (
	"cmp"
	"errors"
	"fmt"

	"darkroom/worker/internal/hevc"
)

// Section numbers in this file are those of ITU-T H.265.

// NAL unit types (table 7-1).
const (
	nalFirstIRAP = 16
	nalLastIRAP  = 23
	nalVCL       = 32 // the first type that is not part of a picture
	nalVPS       = 32
	nalSPS       = 33
	nalPPS       = 34
)

// hevcConfig is an HEVC configuration (ISO/IEC 14496-15, 8.3.3.1).
type hevcConfig struct {
	lengthSize int      // bytes of the length in front of a NAL unit of the item
	sets       [][]byte // parameter sets of the base layer
}

func readHEVCConfig(body []byte) (c hevcConfig, err error) {
	r := reader{data: body}
	head := r.bytes(23)
	if r.short {
		return c, corrupt("box %q of %d bytes", "hvcC", len(body))
	}
	if head[0] > 1 { // writers older than the standard wrote 0
		return c, unsupported("HEVC configuration of version %d", head[0])
	}
	if err := checkLimit(ConfigBytes, len(body), maxConfig); err != nil {
		return c, err
	}
	c.lengthSize = int(head[21]&3) + 1
	for range head[22] {
		kind := r.u8() & 63
		for range r.u16() {
			nal := r.bytes(uint64(r.u16()))
			if r.short {
				return c, corrupt("box %q", "hvcC")
			}
			if len(nal) >= 2 && nalKind(nal) != kind {
				return c, corrupt("NAL unit in box %q", "hvcC")
			}
			if isParameterSet(nal) {
				c.sets = append(c.sets, nal)
			}
			if err := checkLimit(ParameterSets, len(c.sets), maxParameterSets); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

func nalKind(nal []byte) int { return int(nal[0]>>1) & 63 }

// isParameterSet reports whether a NAL unit is a parameter set of the base layer (7.4.2.2).
func isParameterSet(nal []byte) bool {
	if len(nal) < 3 || nal[0]&1 != 0 || nal[1]>>3 != 0 {
		return false
	}
	kind := nalKind(nal)
	return kind == nalVPS || kind == nalSPS || kind == nalPPS
}

// units returns the NAL units that a decoder of still pictures needs from an item's data: parameter sets and slices of
// the base layer. Delimiters, messages, ends of sequences, other layers and padding do not change a sample. If there is
// an error, units returns the units before the fault, including the beginning of a slice that the data cut off.
func (c hevcConfig) units(data []byte) (units [][]byte, err error) {
	r := reader{data: data}
	sets, parts := 0, 0
	for len(r.data) > 0 {
		size := r.uint(c.lengthSize)
		rest := r.data
		nal := r.bytes(size)
		if r.short {
			if len(rest) > 2 && nalKind(rest) < nalVCL && rest[0]&1 == 0 && rest[1]>>3 == 0 {
				units = append(units, rest) // the beginning of a slice
			}
			return units, corrupt("NAL unit beyond the end of its item")
		}
		switch {
		case len(nal) == 0:
		case len(nal) < 2:
			return units, corrupt("NAL unit of %d bytes", len(nal))
		case isParameterSet(nal):
			units, sets = append(units, nal), sets+1
		case nalKind(nal) < nalVCL && len(nal) > 2 && nal[0]&1 == 0 && nal[1]>>3 == 0:
			units, parts = append(units, nal), parts+1
		}
		if err := cmp.Or(checkLimit(ParameterSets, sets, maxParameterSets), checkLimit(Slices, parts, maxSlices)); err != nil {
			return units, err
		}
	}
	return units, nil
}

// readHVCC reads the description of a coded picture from the parameter sets in its configuration. If there are none, it
// reads those in front, which is the beginning of the data.
func readHVCC(body, front []byte) (coded, error) {
	config, err := readHEVCConfig(body)
	if err != nil {
		return coded{}, err
	}
	c, err := config.readParameterSets(config.sets, coded{})
	if err == nil && c == (coded{}) {
		units, _ := config.units(front) // units at the beginning, the last of which may be cut off
		c, err = config.readParameterSets(units, coded{})
	}
	if err != nil {
		return coded{}, err
	}
	if c == (coded{}) {
		return coded{}, corrupt("no sequence parameter set")
	}
	return c, nil
}

// readParameterSets returns the description of the picture in the sequence parameter sets among units. Unless c is
// empty, they must agree with c. They may differ in primaries and transfer, and in anything that coded does not hold.
func (config hevcConfig) readParameterSets(units [][]byte, c coded) (coded, error) {
	for _, nal := range units {
		if nalKind(nal) != nalSPS {
			continue
		}
		sps, err := hevc.ParseSPS(nal)
		switch {
		case errors.Is(err, hevc.ErrUnsupported):
			return c, fmt.Errorf("%w: %w", ErrUnsupported, err)
		case err != nil:
			return c, fmt.Errorf("%w: %v", ErrCorrupt, err)
		}
		found := coded{width: sps.Width, height: sps.Height, chroma: sps.Chroma, depth: sps.Depth,
			chromaDepth: sps.ChromaDepth, full: sps.FullRange, primaries: sps.Primaries, transfer: sps.Transfer, matrix: sps.Matrix, lengthSize: config.lengthSize,
			memory: sps.DecodeMemory()}
		if c != (coded{}) {
			found.primaries, found.transfer = c.primaries, c.transfer
			if found != c {
				return c, unsupported("sequence parameter sets that do not agree")
			}
		}
		// A decoder works on everything that is coded. No honest picture codes more than one coding block beyond its
		// visible part.
		if most := 10 * int64(alignUp(sps.Width, 64)+64) * int64(alignUp(sps.Height, 64)+64); sps.DecodeMemory() > most+1<<20 {
			return c, unsupported("a coded picture that is cropped to %d x %d", sps.Width, sps.Height)
		}
		c = found
	}
	return c, nil
}

// units returns the NAL units that decode to the tile, without lengths in front: the parameter sets of its
// configuration, then the units of its data in order. It checks that they are exactly one picture that depends on no
// other, and that every parameter set agrees with the header of the file. So they cannot make a decoder take more
// memory than was announced. If part is true, the data may end within a unit.
func (t tile) units(part bool) ([][]byte, error) {
	config, err := readHEVCConfig(t.config)
	if err != nil {
		return nil, err
	}
	units, err := config.units(t.data())
	if err != nil && !(part && errors.Is(err, ErrCorrupt)) {
		return nil, err
	}
	if _, err := config.readParameterSets(units, t.coded); err != nil {
		return nil, err
	}
	pictures := 0
	for _, nal := range units {
		kind := nalKind(nal)
		if kind >= nalVCL {
			continue
		}
		if kind < nalFirstIRAP || kind > nalLastIRAP {
			return nil, unsupported("a picture that depends on others")
		}
		if nal[2]&0x80 != 0 { // first_slice_segment_in_pic_flag (7.3.6.1)
			pictures++
		}
	}
	if part && pictures == 0 {
		return nil, corrupt("a picture without its first slice")
	}
	if pictures != 1 {
		return nil, unsupported("%d pictures in an item", pictures)
	}
	return append(config.sets, units...), nil
}
