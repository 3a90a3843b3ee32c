package plane

// Resample makes a view of src. The colour planes of the result have half its width and height, rounded up, or as many
// samples as that of luma where the view has FullColour, whatever those of src have. A plane in which nothing changes
// shares its samples with src.
//
// Where src has colours for every pixel to make, a colour sample is the mean of what they would be for the pixels that
// it stands for, as in other encoders. It is not filtered as if it were a pixel twice as large: that rings twice as far.
//
// A view is made of the picture itself, so the crop of a part costs no more than the part, and may begin at an odd
// pixel without a shift of its colours.
func (c *Kernels) Resample(src Picture, v View) Picture {
	dst := Picture{Width: v.KeepWidth, Height: v.KeepHeight, Planes: make([]Plane, len(src.Planes))}
	for i, p := range src.Planes {
		step := 1
		if i > 0 && !v.FullColour {
			step = 2
		}
		x := axis{samples: p.Width, extent: src.Width, pitch: p.PitchX, whole: v.Width, at: v.X,
			count: (v.KeepWidth + step - 1) / step, step: step, parts: 1, flip: v.FlipX, lanes: tapsAtOnce}
		y := axis{samples: p.Height, extent: src.Height, pitch: p.PitchY, whole: v.Height, at: v.Y,
			count: (v.KeepHeight + step - 1) / step, step: step, parts: 1, flip: v.FlipY, lanes: rowsAtOnce}
		if p.Width >= v.Width {
			x.parts = step
		}
		if p.Height >= v.Height {
			y.parts = step
		}
		dst.Planes[i] = c.plane(p, x, y)
	}
	return dst
}

func (c *Kernels) plane(src Plane, x, y axis) Plane {
	dst := Plane{Stride: x.count, Width: x.count, Height: y.count, PitchX: x.step, PitchY: y.step}
	if x.unchanged() && y.unchanged() {
		dst.Pix, dst.Stride = src.Pix[y.at/y.step*src.Stride+x.at/x.step:], src.Stride
		return dst
	}
	dst.Pix = make([]uint8, dst.Stride*dst.Height)
	across, down := c.of(x), c.of(y)
	row := make([]int16, src.Width)
	for i, start := range down.starts {
		from := src.Pix[int(start)*src.Stride+across.first:]
		vertical(row[across.first:across.end], from, src.Stride, down.weights[i*down.taps:(i+1)*down.taps])
		horizontal(dst.Pix[i*dst.Stride:(i+1)*dst.Stride], row, across)
	}
	return dst
}
