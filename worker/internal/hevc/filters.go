package hevc

import "context"

// filterRows is the memory of the loop filters, used by one picture after another.
type filterRows struct {
	levels []levels // one row or band of edges
	reach  []reach  // one row of coding tree blocks

	// Deblocked samples of rows that sample adaptive offset has since changed in the picture. They begin at lineStart.
	above  [3][]uint16 // row aboveY of each plane
	aboveY [3]int
	line   []uint16 // the current row
}

// lineStart is the index of the sample at x = 0 in a line of filterRows. The sample before it is read but not used.
const lineStart = 16

// filterMemory returns an upper bound for the bytes that filterRows takes.
func (s *SPS) filterMemory() int64 {
	return 4*2*int64(s.codedWidth+lineStart+rowPadding) + 16*int64(s.codedWidth/8+2) + 2*int64(s.ctbColumns)
}

// begin prepares the memory for a picture.
func (r *filterRows) begin(f *frame) {
	width := f.planes[0].width
	r.levels = resize(r.levels, width/8+2)
	r.reach = resize(r.reach, f.sps.ctbColumns)
	r.line = resize(r.line, width+lineStart+rowPadding)
	for i := range f.planes {
		r.above[i] = resize(r.above[i], width+lineStart+rowPadding)
		r.aboveY[i] = -1
	}
}

// filterLoop applies the deblocking filter (8.7.2) and sample adaptive offset (8.7.3) to the picture. Every coding tree
// block must have its slice.
//
// Sample adaptive offset follows the deblocking filter one row of coding tree blocks later, while the samples are in
// the processor's cache. By then the deblocking filter has also changed the last samples of the row, and nothing else
// will.
func (f *frame) filterLoop(ctx context.Context) error {
	f.filter.begin(f)
	for row := range f.sps.ctbRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.deblockRow(row)
		if row > 0 {
			f.offsetRow(row - 1)
		}
	}
	f.offsetRow(f.sps.ctbRows - 1)
	return nil
}

// rowsOf returns the rows of samples of a row of coding tree blocks in a plane: the first, and one past the last.
func (f *frame) rowsOf(p *plane, row int) (from, to int) {
	log2 := f.sps.log2CTB - p.shiftY
	return row << log2, min((row+1)<<log2, p.height)
}

// hasIntact reports whether the picture can have intact blocks, which no loop filter changes.
func (f *frame) hasIntact() bool {
	return f.pps.bypass || f.sps.pcm && f.sps.pcmIntact
}
