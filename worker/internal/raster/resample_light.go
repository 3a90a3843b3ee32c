package raster

import "context"

// extraRows is how many rows the buffer holds beyond the filter's window. With more of them, rows are moved less often.
const extraRows = 32

// resampleLight is resamplePlane for a plane of luma that is filtered in amounts of light. In addition to its result it
// needs two bytes a sample for the rows that the filter covers, and for up to 32 rows more.
func (c *Kernels) resampleLight(ctx context.Context, src Plane, x, y axis, tone *curve) (Plane, error) {
	dst := Plane{Pix: make([]uint8, x.count*y.count), Stride: x.count, Width: x.count, Height: y.count, PitchX: x.step, PitchY: y.step}
	across, err := c.kernel(ctx, x)
	if err != nil {
		return Plane{}, err
	}
	down, err := c.kernel(ctx, y)
	if err != nil {
		return Plane{}, err
	}
	stride := across.end - across.first
	rows := make([]int16, min(down.taps+extraRows, down.end-down.first)*stride)
	from, end := down.first, down.first // range of source rows that the buffer holds
	row, result := make([]int16, src.Width), make([]int16, x.count)
	for n := range down.starts {
		if err := ctx.Err(); err != nil {
			return Plane{}, err
		}
		i := n
		if y.flip { // the starts descend
			i = len(down.starts) - 1 - n
		}
		start := int(down.starts[i])
		for ; end < start+down.taps; end++ {
			if (end-from+1)*stride > len(rows) {
				copy(rows, rows[(start-from)*stride:(end-from)*stride])
				from = start
			}
			tone.toLight(rows[(end-from)*stride:][:stride], src.Pix[end*src.Stride+across.first:])
		}
		vertical(row[across.first:across.end], rows[(start-from)*stride:], stride, down.weights[i*down.taps:(i+1)*down.taps])
		horizontal(result, row, across)
		tone.toSamples(dst.Pix[i*dst.Stride:][:dst.Width], result)
	}
	return dst, nil
}
