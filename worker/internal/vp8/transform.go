package vp8

// spreadDCs transforms the block of luma DCs and puts each into its block (14.3).
func (w *workspace) spreadDCs() {
	in := &w.coefficients[lumaDCs]
	var m [16]int32
	for i := range 4 {
		a0, a1 := int32(in[i])+int32(in[12+i]), int32(in[4+i])+int32(in[8+i])
		a2, a3 := int32(in[4+i])-int32(in[8+i]), int32(in[i])-int32(in[12+i])
		m[i], m[4+i], m[8+i], m[12+i] = a0+a1, a3+a2, a0-a1, a3-a2
	}
	for i := range 4 {
		r := m[4*i : 4*i+4 : 4*i+4]
		const round = 3
		a0, a1, a2, a3 := r[0]+r[3]+round, r[1]+r[2], r[1]-r[2], r[0]-r[3]+round
		w.coefficients[4*i][0] = int16((a0 + a1) >> 3)
		w.coefficients[4*i+1][0] = int16((a3 + a2) >> 3)
		w.coefficients[4*i+2][0] = int16((a0 - a1) >> 3)
		w.coefficients[4*i+3][0] = int16((a3 - a2) >> 3)
	}
}

// addResidual adds the transformed coefficients of a block to the prediction at a position of the workspace.
func (w *workspace) addResidual(block, place int) {
	switch to := (*square)(w.samples[place:]); {
	case w.ac>>block&1 != 0:
		to.add(&w.coefficients[block])
	case w.dc>>block&1 != 0:
		to.addDC(w.coefficients[block][0])
	}
}

// square is four rows of four samples in a workspace.
type square [3*stride + 4]byte

// add adds the inverse DCT of a block (14.4).
func (s *square) add(in *[16]int16) {
	const (
		c1 = 85627 // 65536 * sqrt(2) * cos(pi/8)
		c2 = 35468 // 65536 * sqrt(2) * sin(pi/8)
	)
	var m [16]int32
	for i := range 4 {
		i0, i4, i8, i12 := int32(in[i]), int32(in[4+i]), int32(in[8+i]), int32(in[12+i])
		a, b := i0+i8, i0-i8
		c, d := i4*c2>>16-i12*c1>>16, i4*c1>>16+i12*c2>>16
		m[4*i], m[4*i+1], m[4*i+2], m[4*i+3] = a+d, b+c, b-c, a-d
	}
	for j := range 4 {
		const round = 4
		i0, i4, i8, i12 := m[j]+round, m[4+j], m[8+j], m[12+j]
		a, b := i0+i8, i0-i8
		c, d := i4*c2>>16-i12*c1>>16, i4*c1>>16+i12*c2>>16
		row := s[j*stride : j*stride+4 : j*stride+4]
		row[0] = clamp(int32(row[0]) + (a+d)>>3)
		row[1] = clamp(int32(row[1]) + (b+c)>>3)
		row[2] = clamp(int32(row[2]) + (b-c)>>3)
		row[3] = clamp(int32(row[3]) + (a-d)>>3)
	}
}

// addDC adds the inverse DCT of a block that only has its first coefficient.
func (s *square) addDC(c int16) {
	dc := (int32(c) + 4) >> 3
	for j := range 4 {
		row := s[j*stride : j*stride+4 : j*stride+4]
		row[0] = clamp(int32(row[0]) + dc)
		row[1] = clamp(int32(row[1]) + dc)
		row[2] = clamp(int32(row[2]) + dc)
		row[3] = clamp(int32(row[3]) + dc)
	}
}

func clamp(v int32) byte {
	if uint32(v) > 255 {
		return byte(^v >> 31) // 0 if v is negative, 255 if it is too large
	}
	return byte(v)
}
