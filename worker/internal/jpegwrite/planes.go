package jpegwrite

//go:generate go run darkroom/worker/internal/neon transform_arm64.neon

// component is a plane with the blocks of one row of MCUs.
type component struct {
	Plane
	width, height int // samples
	h, v          int // blocks of an MCU, across and down
	across, down  int // blocks that hold samples
	table         int // number of its Huffman and quantisation tables: 0 for luma, 1 for colours

	div    *divisors
	rows   int // rows of blocks in the row of MCUs
	stride int // blocks from one row of blocks to the next, even
	blocks []block
	masks  []masks
	strip  []byte // 8 rows of samples for stride blocks
}

func newComponent(p Picture, i int, div *divisors, mcusX int) *component {
	c := &component{Plane: p.Planes[i], h: 1, v: 1, div: div}
	c.width, c.height = p.samples(i)
	if i > 0 {
		c.table = 1
	} else if len(p.Planes) > 1 {
		c.h, c.v = p.SampleX, p.SampleY
	}
	c.across, c.down = (c.width+7)/8, (c.height+7)/8
	c.stride = (mcusX*c.h + 1) &^ 1
	c.blocks, c.masks = make([]block, c.stride*c.v), make([]masks, c.stride*c.v)
	c.strip = make([]byte, 8*8*c.stride)
	return c
}

// transform makes the blocks of row y of the MCUs. precisions is how many masks of each block are needed. Blocks at the
// edges repeat the last samples.
func (c *component) transform(y, precisions int) {
	c.rows = min(c.v, c.down-y*c.v)
	stride := 8 * c.stride
	for row := range c.rows {
		top := (y*c.v + row) * 8
		for i := range 8 {
			dst := c.strip[i*stride:][:8*c.across]
			n := copy(dst, c.Pix[min(top+i, c.height-1)*c.Stride:][:c.width])
			last := dst[n-1]
			for ; n < len(dst); n++ {
				dst[n] = last
			}
		}
		at := row * c.stride
		transformBlocks(c.blocks[at:at+c.stride], c.masks[at:at+c.stride], c.strip, c.across, precisions, c.div)
	}
}

// block returns the number of a block of the row of MCUs, or -1 if it holds no samples.
func (c *component) block(x, y int) int {
	if x >= c.across || y >= c.rows {
		return -1
	}
	return y*c.stride + x
}

// transformBlocksPortable transforms and quantises a row of count blocks. Its samples are 8 rows, as long as dst.
// precisions is how many masks of each block are needed.
func transformBlocksPortable(dst []block, m []masks, pix []byte, count, precisions int, d *divisors) {
	stride := 8 * len(dst)
	for i := range count {
		dst[i].forward(pix[8*i:], stride)
		d.quantise(&dst[i], m[i][:precisions])
	}
}
