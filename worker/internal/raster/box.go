package raster

import "context"

// If a side becomes hundreds of times shorter, the filter would have as many weights as the side has samples, and most
// of them would round to 0. Such a side is first shortened by a whole factor: each sample is the mean of a box. Enough
// samples are left for the filter to be exact. Ordinary pictures skip this step: no photo becomes an icon in one step.
const (
	mostAtOnce = 256 // samples per sample of the result, from which on boxes are used
	leftByBox  = 128 // least samples per sample of the result that boxes leave
)

// boxSize returns how many samples become one before a side is filtered, 1 for an ordinary side.
func boxSize(samples, result int) int {
	if ratio := samples / result; ratio >= mostAtOnce {
		return ratio / leftByBox
	}
	return 1
}

// boxed returns p with a sample for each box of fx by fy samples, their mean. The last box of a side may be smaller. If
// tone is not nil, it is the mean of amounts of light.
func (p Plane) boxed(ctx context.Context, fx, fy int, tone *curve) (Plane, error) {
	if fx == 1 && fy == 1 {
		return p, nil
	}
	dst := NewPlane(Size{(p.Width + fx - 1) / fx, (p.Height + fy - 1) / fy})
	dst.PitchX, dst.PitchY = p.PitchX*fx, p.PitchY*fy
	for y := range dst.Height {
		if err := ctx.Err(); err != nil {
			return Plane{}, err
		}
		for x := range dst.Width {
			right, bottom := min((x+1)*fx, p.Width), min((y+1)*fy, p.Height)
			sum, n := int64(0), int64(right-x*fx)*int64(bottom-y*fy)
			for row := y * fy; row < bottom; row++ {
				for _, v := range p.Pix[row*p.Stride:][x*fx : right] {
					if tone != nil {
						sum += int64(tone.light[v])
					} else {
						sum += int64(v)
					}
				}
			}
			mean := (sum + n/2) / n
			if tone != nil {
				mean = int64(tone.sample[mean])
			}
			dst.Pix[y*dst.Stride+x] = uint8(mean)
		}
	}
	return dst, nil
}
