package hevc

import "context"

// coder decodes slice segments (7.3.8): it parses the coding trees and reconstructs their blocks as it goes.
type coder struct {
	*frame
	cabac
	entropy
	s *slice

	wavefront entropy // state after the second coding tree unit of a row (TableStateIdxWpp and the like)
	dependent entropy // state at the end of a slice segment (TableStateIdxDs and the like)
	following int     // next coding tree block, in tile order

	// One entry for each 4x4 block of luma samples.
	region []uint32 // number of the slice and tile if the block has been decoded, otherwise 0
	modes  []uint8  // IntraPredModeY
	depths []uint8  // CtDepth

	current    uint32 // number of the slice and tile being decoded
	ctb        int    // raster address
	tileX      int    // first column of coding tree blocks of the tile
	filterLeft bool   // the deblocking filter works on the left side of the coding tree block
	filterTop  bool

	cu         codingUnit
	qpPrevious int    // QpY of the previous coding unit, in decoding order
	qpGroup    int    // qPY_PRED of the quantisation group
	qpDelta    int    // CuQpDeltaVal
	deltaKnown bool   // IsCuQpDeltaCoded
	offset     [3]int // CuQpOffsetCb and CuQpOffsetCr
	offKnown   bool   // IsCuChromaQpOffsetCoded

	coefs    [1024]int16 // scaled coefficients of the transform block; all 0 between blocks
	residual [1024]int32
	luma     [1024]int32 // residual of luma, for cross-component prediction
	border   border
}

// begin prepares the coder for a picture.
func (c *coder) begin(f *frame) {
	c.frame = f
	blocks := len(f.block)
	c.region, c.modes, c.depths = resize(c.region, blocks), resize(c.modes, blocks), resize(c.depths, blocks)
	clear(c.region)
	c.coefs = [1024]int16{} // a picture that failed within a block leaves coefficients behind
	c.current, c.following = 0, 0
}

// decode decodes a slice segment. It then drops its reference to the segment's data, which would keep the caller's file
// in memory.
func (c *coder) decode(ctx context.Context, s *slice) error {
	defer func() { s.data, c.cabac = nil, cabac{} }()
	p := c.pps
	c.s = s
	ts := p.toTile[s.address]
	if ts != c.following {
		return corrupt("slice segment at block %d of %d", ts, c.following)
	}
	if !s.dependent {
		c.current++
	}
	c.qpDelta, c.offset = 0, [3]int{}
	c.start(s.data, 0)
	for first := true; ; first = false {
		if ts == len(p.toRaster) {
			return corrupt("slice segment beyond the picture")
		}
		if ts%blocksBetweenChecks == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		c.enter(ts, first)
		if err := c.codingTree(); err != nil {
			return err
		}
		end := c.terminate()
		if c.pastEnd() {
			return corrupt("slice segment ends early")
		}
		if p.wavefront && c.ctb%c.sps.ctbColumns == c.tileX+1 {
			c.wavefront = c.entropy
		}
		ts++
		c.following = ts
		if end {
			c.dependent = c.entropy
			return nil
		}
		if ts < len(p.toRaster) && (p.tiles && c.startsTile(ts) || p.wavefront && c.startsRow(ts)) {
			if !c.terminate() { // end_of_subset_one_bit
				return corrupt("no end of a substream")
			}
			c.start(c.data, c.nextByte())
		}
	}
}

// blocksBetweenChecks is how many coding tree blocks, each of up to 64 x 64 pixels, are decoded between two checks of
// the context.
const blocksBetweenChecks = 64

// startsTile reports whether the coding tree block at index ts, in tile order, is the first of its tile.
func (c *coder) startsTile(ts int) bool {
	p := c.pps
	return ts == 0 || p.tileID[p.toRaster[ts]] != p.tileID[p.toRaster[ts-1]]
}

// startsRow reports whether a coding tree block is the first of a row in its tile.
func (c *coder) startsRow(ts int) bool {
	p := c.pps
	rs := p.toRaster[ts]
	return rs%c.sps.ctbColumns == 0 || p.tileID[rs] != p.tileID[rs-1]
}

// enter prepares for the coding tree block at index ts, in tile order. first says that it is the first one of its slice
// segment (9.3.1).
func (c *coder) enter(ts int, first bool) {
	p, sps := c.pps, c.sps
	c.ctb = p.toRaster[ts]
	x, y := c.ctb%sps.ctbColumns, c.ctb/sps.ctbColumns
	tile := c.startsTile(ts)
	if tile {
		c.current++
	}
	c.tileX = p.tileX[x]
	c.slices[c.ctb] = c.s
	switch row := p.wavefront && c.startsRow(ts); {
	case tile:
		c.entropy.reset(c.s.qp)
		c.qpPrevious = c.s.qp
	case row:
		c.entropy.reset(c.s.qp)
		if x+1 < sps.ctbColumns && c.sameRegion(c.ctb-sps.ctbColumns+1) {
			c.entropy = c.wavefront
		}
		c.qpPrevious = c.s.qp
	case first && c.s.dependent:
		c.entropy = c.dependent
	case first:
		c.entropy.reset(c.s.qp)
		c.qpPrevious = c.s.qp
	}
	c.filterLeft = x > 0 && c.filtersEdge(c.ctb-1)
	c.filterTop = y > 0 && c.filtersEdge(c.ctb-sps.ctbColumns)
}

// sameRegion reports whether an earlier coding tree block belongs to the slice and tile being decoded.
func (c *coder) sameRegion(rs int) bool {
	if rs < 0 || c.slices[rs] == nil {
		return false
	}
	return c.slices[rs].first == c.s.first && c.pps.tileID[rs] == c.pps.tileID[c.ctb]
}

// filtersEdge reports whether the deblocking filter works on the edge between this block and an earlier one (8.7.2.3).
func (c *coder) filtersEdge(before int) bool {
	if c.slices[before] == nil {
		return false
	}
	return (c.s.across || c.slices[before].first == c.s.first) &&
		(c.pps.acrossTiles || c.pps.tileID[before] == c.pps.tileID[c.ctb])
}
