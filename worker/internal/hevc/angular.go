package hevc

// angles holds intraPredAngle by mode (table 8-5).
var angles = [35]int{
	0, 0, 32, 26, 21, 17, 13, 9, 5, 2, 0, -2, -5, -9, -13, -17, -21, -26,
	-32, -26, -21, -17, -13, -9, -5, -2, 0, 2, 5, 9, 13, 17, 21, 26, 32,
}

// inverseAngles holds invAngle by mode, from 11 (table 8-6).
var inverseAngles = [26]int{
	11: -4096, -1638, -910, -630, -482, -390, -315, -256, -315, -390, -482, -630, -910, -1638, -4096,
}

// predictAngular predicts a block at an angle (8.4.4.2.6). Modes below 18 work like those from 18 on, with rows and
// columns exchanged.
func (c *coder) predictAngular(b *transformBlock, dst []uint16, stride int, top, left *[maxBorder]uint16, edge bool) {
	size := 1 << b.log2
	across := b.mode < 18
	main, side := top, left
	if across {
		main, side = left, top
	}
	angle := angles[b.mode]
	ref := &c.border.reference
	if angle < 0 { // samples before the corner come from the other side
		copy(ref[origin:], main[:size+1])
		if last := size * angle >> 5; last < -1 {
			inverse := inverseAngles[b.mode]
			for x := last; x <= -1; x++ {
				ref[origin+x] = side[(x*inverse+128)>>8]
			}
		}
	} else {
		copy(ref[origin:], main[:2*size+1])
	}
	to, step := dst, stride
	if across {
		to, step = c.border.columns[:], size
	}
	predictAlong(to, step, ref, angle, b.log2)
	if angle == 0 && edge { // the edge filter of modes 10 and 26
		most := 1<<c.planes[b.component].depth - 1
		for y := range size {
			v := int(main[1]) + (int(side[1+y])-int(side[0]))>>1
			to[y*step] = uint16(min(max(v, 0), most))
		}
	}
	if across {
		transpose(dst, stride, &c.border.columns, b.log2)
	}
}
