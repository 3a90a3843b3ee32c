package hevc

// border holds the reference samples of a block (8.4.4.2.2). In each array the corner is at index 0, followed by twice
// as many samples as the block is wide: those above the block from left to right, or those on its left from top to
// bottom.
type border struct {
	top, left         [maxBorder]uint16
	softTop, softLeft [maxBorder]uint16 // filtered (8.4.4.2.3)
	reference         references
	columns           [1024]uint16
}

// references are the samples from which an angular prediction starts. The corner is at origin. The samples before it
// are projected from the other side of the block.
type references [maxBorder + 64]uint16

const origin = 32

// maxBorder is the length of an array of samples beside a block of 32, with room for vector kernels.
const maxBorder = 2*32 + 1 + 31

// gather collects the samples beside a block and fills in the unavailable ones (8.4.4.2.2).
func (c *coder) gather(b *transformBlock) {
	p := &c.planes[b.component]
	size := 1 << b.log2
	stepX, stepY := 4>>p.shiftX, 4>>p.shiftY // samples of the component for each 4x4 block of luma
	top, left := c.border.top[:2*size+1], c.border.left[:2*size+1]
	index := b.y*p.stride + b.x
	// unit is the first 4x4 block of luma in the block. Its neighbours follow.
	unit := b.y<<p.shiftY>>2*c.stride4 + b.x<<p.shiftX>>2

	// The samples above are available together or not at all, and so is the first group above on the right, which can
	// belong to the slice when the ones above do not. On the left and on the right there may be fewer than 2*size.
	above, right, besides := false, 0, 0
	if b.y > 0 {
		row := c.region[unit-c.stride4:]
		above = row[0] == c.current
		for most := min(size, p.width-b.x-size); right < most && row[(size+right)/stepX] == c.current; {
			right = min(right+stepX, most)
		}
		from := p.pix[index-p.stride:][:size+right]
		if above {
			copy(top[1:], from[:size])
		}
		copy(top[1+size:], from[size:])
	}
	if b.x > 0 {
		for most := min(2*size, p.height-b.y); besides < most && c.region[unit-1+besides/stepY*c.stride4] == c.current; {
			besides = min(besides+stepY, most)
		}
		from := index - 1
		for i := range besides {
			left[1+i] = p.pix[from]
			from += p.stride
		}
	}
	corner := false
	if b.x > 0 && b.y > 0 {
		x, y := b.x<<p.shiftX-1, b.y<<p.shiftY-1
		if corner = c.region[y>>2*c.stride4+x>>2] == c.current; corner {
			left[0] = p.pix[index-p.stride-1]
		}
	}

	// On the way from the lower left to the upper right, each missing sample repeats the one before it. Missing samples
	// at the beginning repeat the first one that exists.
	var first uint16
	switch {
	case besides > 0:
		first = left[besides]
	case corner:
		first = left[0]
	case above:
		first = top[1]
	case right > 0:
		first = top[1+size]
	default:
		first = 1 << (p.depth - 1)
	}
	fillFrom(&c.border.left, 1+besides, 2*size-besides, first)
	if !corner {
		left[0] = left[1]
	}
	top[0] = left[0]
	if !above {
		fillRow(top[1:1+size], top[0])
	}
	fillFrom(&c.border.top, 1+size+right, size-right, top[size+right])
}
