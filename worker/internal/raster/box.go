package raster

import "context"

// Where a side becomes hundreds of times shorter, the filter would have as many weights as the side has samples, and
// most of them would round to 0. Such a side is first made shorter by a whole number, by means of its samples, so that
// the filter has enough left to be exact. Ordinary pictures are not: no photo becomes an icon in one step.
const (
	mostAtOnce = 256 // samples for one of the result, from which on a side is made shorter before
	leftByBox  = 128 // samples for one of the result, at least, that are left
)

// boxOf returns how many samples become one before a side is filtered, which is 1 for an ordinary one.
func boxOf(samples, result int) int {
	if ratio := samples / result; ratio >= mostAtOnce {
		return ratio / leftByBox
	}
	return 1
}

// boxed returns p with a sample for each part of fx by fy samples, their mean. The last part of a side may be smaller.
// If tone is not nil, the mean is that of amounts of light.
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
