package ssimulacra2

// levelSize is the size of the pictures at one scale.
type levelSize struct {
	width, height int
	stride        int // samples in memory for each row: width, and zeros up to a multiple of 16
}

// levelSizes returns the size at each scale that is compared, at least one, and how many scales the metric defines for
// a picture of this size.
func levelSizes(width, height int) (sizes []levelSize, scales int) {
	width, height = max(width, minSide), max(height, minSide)
	for scales < maxScales {
		sizes = append(sizes, levelSize{width, height, (width + 2*lanes - 1) &^ (2*lanes - 1)})
		scales++
		if width < minSide || height < minSide {
			break
		}
		width, height = (width+1)/2, (height+1)/2
	}
	for countCompared(len(sizes)-1, scales) == 0 {
		sizes = sizes[:len(sizes)-1]
	}
	return sizes, scales
}

// view holds a reference on one background, at each scale.
type view struct{ levels []level }

// level holds a reference at one scale. A plane that is not compared at this scale is nil.
type level [planes]*plane

// planeFloats is how many numbers a plane keeps for each sample.
const planeFloats = 3

// plane is a plane of a reference. A row has the stride of its levelSize.
type plane struct {
	samples []float32
	mean    []float32
	square  []float32 // mean of the squares
}

// row returns row y of one of the plane's arrays.
func (p *plane) row(samples []float32, y int, s levelSize) []float32 {
	return samples[y*s.stride:][:s.stride]
}

func newLevel(scale, scales int, s levelSize) level {
	var l level
	for i := range l {
		if isCompared(i, scale, scales) {
			n := s.stride * s.height
			all := make([]float32, planeFloats*n)
			l[i] = &plane{samples: all[:n:n], mean: all[n : 2*n : 2*n], square: all[2*n:]}
		}
	}
	return l
}

// colours are the red, green and blue planes of a picture in linear light at one scale.
type colours struct {
	levelSize
	pix [3][]float32
}

func newColours(s levelSize) colours {
	c := colours{levelSize: s}
	for i := range c.pix {
		c.pix[i] = make([]float32, s.stride*s.height)
	}
	return c
}

func (c colours) row(y int) (rgb [3][]float32) {
	for i := range rgb {
		rgb[i] = c.pix[i][y*c.stride:][:c.stride]
	}
	return rgb
}

// add adds row y of the previous scale. before is the row above it, and last says whether y is the last row. An odd
// edge counts twice.
func (c colours) add(y int, rgb, before [3][]float32, last bool) {
	switch {
	case y%2 == 0 && !last:
		return
	case y%2 == 0:
		before = rgb
	}
	for i, row := range rgb {
		half := len(row) / 2
		halve(c.pix[i][y/2*c.stride:][:half], before[i], row)
	}
}
