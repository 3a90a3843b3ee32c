package pngscan

import "encoding/binary"

// pixelWriter returns a function that converts the pixels of a row in the file to RGB with straight alpha. The length
// of dst gives their number.
func (f *File) pixelWriter(narrow func(dst, src []byte)) func(dst, row []byte) {
	switch {
	case f.Depth == 16:
		return f.deepWriter(narrow)
	case f.Samples == 1 && f.Depth == 8:
		table := f.table()
		return func(dst, row []byte) {
			for ; len(row) >= 1 && len(dst) >= 4; row, dst = row[1:], dst[4:] {
				copy(dst[:4], table[row[0]][:])
			}
		}
	case f.Samples == 1:
		return packedWriter(f.table(), f.Depth)
	case f.Samples == 2:
		return func(dst, row []byte) {
			for ; len(row) >= 2 && len(dst) >= 4; row, dst = row[2:], dst[4:] {
				dst[0], dst[1], dst[2], dst[3] = row[0], row[0], row[0], row[1]
			}
		}
	case f.Keyed:
		r, g, b := byte(f.key[0]), byte(f.key[1]), byte(f.key[2])
		return func(dst, row []byte) {
			for ; len(row) >= 3 && len(dst) >= 4; row, dst = row[3:], dst[4:] {
				dst[0], dst[1], dst[2], dst[3] = row[0], row[1], row[2], 0xff
				if row[0] == r && row[1] == g && row[2] == b {
					dst[3] = 0
				}
			}
		}
	case f.Samples == 3:
		return func(dst, row []byte) {
			for ; len(row) >= 3 && len(dst) >= 4; row, dst = row[3:], dst[4:] {
				dst[0], dst[1], dst[2], dst[3] = row[0], row[1], row[2], 0xff
			}
		}
	}
	return func(dst, row []byte) { copy(dst, row) }
}

// table returns the pixel for each index, or for each grey sample of at most 8 bits (13.12).
func (f *File) table() *[256][4]byte {
	if f.Indexed {
		return f.palette
	}
	table := new([256][4]byte)
	most := 1<<f.Depth - 1
	for v := range most + 1 {
		s := byte(v * 255 / most)
		table[v] = [4]byte{s, s, s, 0xff}
		if f.Keyed && v == int(f.key[0]) {
			table[v][3] = 0
		}
	}
	return table
}

// packedWriter is for pixels of less than 8 bits. The first pixel is in the highest bits of a byte (7.2).
func packedWriter(table *[256][4]byte, depth int) func(dst, row []byte) {
	return func(dst, row []byte) {
		for _, v := range row {
			for used := 0; used < 8 && len(dst) >= 4; used += depth {
				copy(dst[:4], table[v>>(8-depth)][:])
				v <<= depth
				dst = dst[4:]
			}
		}
	}
}

// deepWriter is for samples of 16 bits. It compares all 16 bits with the transparent colour.
func (f *File) deepWriter(narrow func(dst, src []byte)) func(dst, row []byte) {
	if narrow == nil {
		narrow = highBytes
	}
	if f.Samples == 4 {
		return narrow
	}
	colours, size := f.Samples-1+f.Samples%2, 2*f.Samples // samples without alpha, bytes in a pixel
	var key []byte
	for _, v := range f.key[:colours] {
		key = binary.BigEndian.AppendUint16(key, v)
	}
	wide := make([]byte, 8*f.Width)
	return func(dst, row []byte) {
		to := wide[:2*len(dst)]
		for ; len(to) >= 8 && len(row) >= size; to, row = to[8:], row[size:] {
			if colours == 1 {
				v := [2]byte(row)
				copy(to[0:2], v[:])
				copy(to[2:4], v[:])
				copy(to[4:6], v[:])
			} else {
				copy(to[:6], row[:6])
			}
			switch {
			case f.Samples == 2:
				copy(to[6:8], row[2:4])
			case f.Keyed && string(row[:size]) == string(key):
				to[6], to[7] = 0, 0
			default:
				to[6], to[7] = 0xff, 0xff
			}
		}
		narrow(dst, wide[:2*len(dst)])
	}
}

// highBytes keeps the high bytes of samples, which is how browsers show 16 bits in sRGB.
func highBytes(dst, src []byte) {
	for i := range dst {
		dst[i] = src[2*i]
	}
}
