package icc

import "encoding/binary"

// table is a lookup table from a device to the profile connection space: input curves, a grid of colours, then curves,
// a matrix and curves again. Any step may be missing, which makes it the identity. Samples share the memory of the
// profile.
type table struct {
	n     int      // channels of the device
	in    [4]curve // "input tables" or A curves
	size  [4]int   // points of the grid in each channel, at least 2
	clut  []byte   // three samples for each point, or nil for the identity
	width int      // bytes of a sample

	middle [3]curve // M curves
	matrix [12]float64
	out    [3]curve // "output tables" or B curves
	pcs    encoding
	black  [3]float64 // black point as XYZ, for compensation; 0 for none
}

// parseLUT reads the lookup table of a profile.
func parseLUT(r tags, h header, space Space, channels int) (*Profile, error) {
	t, err := readTable(r, h, space, channels)
	if err != nil {
		return nil, err
	}
	return &Profile{space: space, lut: newGrid(t)}, nil
}

// readTable reads the table for the perceptual intent, or else the one for the relative colorimetric intent.
func readTable(r tags, h header, space Space, channels int) (*table, error) {
	sig := "A2B0"
	if !r.hasTag(sig) {
		sig = "A2B1"
	}
	b, err := r.tag(sig)
	if err != nil {
		return nil, err
	}
	if len(b) < 32 {
		return nil, damaged("lookup table of %d bytes", len(b))
	}
	t := &table{n: channels, matrix: [12]float64{0: 1, 4: 1, 8: 1}}
	kind := string(b[:4])
	if kind != "mft1" && kind != "mft2" && kind != "mAB " {
		return nil, damaged("lookup table of type %q", kind)
	}
	if n, m := int(b[8]), int(b[9]); n != channels || m != 3 {
		return nil, damaged("lookup table of %d to %d channels for %v", n, m, space)
	}
	if h.lab {
		t.pcs = lab
	}
	switch kind {
	case "mft1":
		err = t.readLUT(b, 1)
	case "mft2":
		if h.lab {
			t.pcs = labOlder
		}
		err = t.readLUT(b, 2)
	default:
		err = t.readAB(b)
	}
	if err != nil {
		return nil, err
	}
	if space == CMYK {
		t.black = t.blackPoint(h.version == 4 && sig == "A2B0")
	}
	return t, nil
}

// readLUT reads a lut8Type (10.11) or a lut16Type (10.10). It ignores their matrix, which is the identity unless the
// input is XYZ.
func (t *table) readLUT(b []byte, width int) error {
	start, entries, results := 48, 256, 256
	if len(b) < 52 {
		return damaged("lookup table of %d bytes", len(b))
	}
	if width == 2 {
		start, entries, results = 52, int(binary.BigEndian.Uint16(b[48:])), int(binary.BigEndian.Uint16(b[50:]))
		if entries < 2 || entries > 4096 || results < 2 || results > 4096 {
			return damaged("lookup table with curves of %d and %d entries", entries, results)
		}
	}
	for i := range t.n {
		t.size[i] = int(b[10])
	}
	rest := b[start:]
	take := func(n int) (part []byte, err error) {
		if n > len(rest) {
			return nil, damaged("lookup table of %d bytes", len(b))
		}
		part, rest = rest[:n:n], rest[n:]
		return part, nil
	}
	for i := range t.n {
		samples, err := take(entries * width)
		if err != nil {
			return err
		}
		t.in[i] = curve{table: samples, width: width}
	}
	var err error
	if rest, err = t.readGrid(rest, width); err != nil {
		return err
	}
	for i := range t.out {
		samples, err := take(results * width)
		if err != nil {
			return err
		}
		t.out[i] = curve{table: samples, width: width}
	}
	return nil
}

// readGrid reads the grid, whose sizes are known, from the beginning of b.
func (t *table) readGrid(b []byte, width int) (rest []byte, err error) {
	length := 3 * width
	for _, size := range t.size[:t.n] {
		if size < 2 {
			return nil, damaged("lookup table with %d grid points", size)
		}
		if length *= size; length > len(b) { // checked in every step, so the product cannot overflow
			return nil, damaged("lookup table's grid of %v points in %d bytes", t.size[:t.n], len(b))
		}
	}
	t.clut, t.width = b[:length], width
	return b[length:], nil
}

// readAB reads a lutAToBType (10.12). Its parts are at offsets from its beginning; offset 0 stands for a missing part.
func (t *table) readAB(b []byte) error {
	part := func(pos int) ([]byte, error) {
		offset := binary.BigEndian.Uint32(b[pos:])
		if int64(offset) > int64(len(b)) {
			return nil, damaged("lookup table: part at %d of %d bytes", offset, len(b))
		}
		if offset == 0 {
			return nil, nil
		}
		return b[offset:], nil
	}
	for _, curves := range []struct {
		at  int
		dst []curve
	}{{12, t.out[:]}, {20, t.middle[:]}, {28, t.in[:t.n]}} {
		p, err := part(curves.at)
		if err == nil && p != nil {
			err = readCurves(curves.dst, p)
		}
		if err != nil {
			return err
		}
	}
	p, err := part(16)
	if err != nil {
		return err
	}
	if p != nil {
		if len(p) < 4*len(t.matrix) {
			return damaged("lookup table's matrix of %d bytes", len(p))
		}
		for i := range t.matrix {
			t.matrix[i] = fixed(p[4*i:])
		}
	}
	if p, err = part(24); err != nil {
		return err
	}
	if p == nil {
		if t.n != 3 {
			return damaged("lookup table of %d channels without a grid", t.n)
		}
		t.size = [4]int{2, 2, 2}
		return nil
	}
	const head = 20 // 16 sizes, the width of a sample, 3 bytes of padding
	if len(p) < head || p[16] != 1 && p[16] != 2 {
		return damaged("lookup table's grid")
	}
	for i := range t.n {
		t.size[i] = int(p[i])
	}
	_, err = t.readGrid(p[head:], int(p[16]))
	return err
}

// readCurves reads curves, each of which begins at a multiple of four bytes.
func readCurves(dst []curve, b []byte) error {
	for i := range dst {
		c, n, err := readCurve(b)
		if err != nil {
			return err
		}
		dst[i] = c
		b = b[min((n+3)&^3, len(b)):]
	}
	return nil
}

// colour returns the linear sRGB at a position in the grid, counted in points of each channel. Between points it
// interpolates linearly in each channel.
func (t *table) colour(pos [4]float64) [3]float64 {
	return linearRGB(compensateBlack(t.xyz(pos), t.black))
}

// xyz returns the same colour in the profile connection space, as XYZ.
func (t *table) xyz(pos [4]float64) [3]float64 {
	var v [3]float64
	if t.clut == nil {
		copy(v[:], pos[:3])
	} else {
		v = t.interpolateColour(pos)
	}
	for i := range v {
		v[i] = t.middle[i].value(v[i])
	}
	var moved [3]float64
	for i := range moved {
		e := t.matrix[3*i:]
		sum := float64(e[0]*v[0]) + float64(e[1]*v[1]) + float64(e[2]*v[2]) + t.matrix[9+i]
		moved[i] = t.out[i].value(sum)
	}
	return t.pcs.xyz(moved)
}

// interpolateColour adds up the weighted colours of the points around a position: two in each channel, unless the
// position is on a point.
func (t *table) interpolateColour(pos [4]float64) (v [3]float64) {
	var point [16]int
	weight := [16]float64{1}
	n := 1
	for i, size := range t.size[:t.n] {
		below := int(pos[i])
		f := pos[i] - float64(below)
		for j := range n {
			point[j] = point[j]*size + below
		}
		if f == 0 {
			continue
		}
		for j := range n {
			point[n+j], weight[n+j] = point[j]+1, weight[j]*f
			weight[j] *= 1 - f
		}
		n *= 2
	}
	for j := range n {
		for i := range v {
			v[i] += float64(weight[j] * sample(t.clut, 3*point[j]+i, t.width))
		}
	}
	return v
}
