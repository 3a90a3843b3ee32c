// Package perceptualhash makes a 64-bit fingerprint of the contents of a picture. Copies of a picture that were
// resized, recompressed or slightly cropped have hashes that differ in few bits. Those of different pictures differ in
// about 32.
//
// The hash is the DCT hash pHash, in the form of the Python library ImageHash (imagehash.phash, hash_size 8):
//
//  1. The luma of the picture, as it is stored and not in linear light, is shrunk to 32 x 32 cells, whatever its shape.
//  2. F(v,u) = sum over y and x of g(y,x) cos(pi v (2y+1) / 64) cos(pi u (2x+1) / 64), for v and u from 0 to 7.
//  3. Bit 63-(8v+u) is set if F(v,u) is above the median of the 64 sums.
//
// Sources: Christoph Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2,
// and https://github.com/JohannesBuchner/imagehash. Zauner leaves out the sums with u or v at 0; ImageHash keeps them.
// Here a cell is the mean of its area, whereas ImageHash uses a Lanczos filter. So the two hashes of one picture differ
// in a few bits.
package perceptualhash

import (
	"fmt"
	"image"
	"math"
	"math/bits"
	"slices"
)

// Hash is the fingerprint of a picture.
type Hash uint64

// String returns the hash as 16 hexadecimal digits, as ImageHash writes it.
func (h Hash) String() string { return fmt.Sprintf("%016x", uint64(h)) }

// Distance returns the number of bits, 0 to 64, in which two hashes differ: their Hamming distance.
func Distance(a, b Hash) int { return bits.OnesCount64(uint64(a ^ b)) }

const (
	side  = 32 // cells in each direction
	waves = 8  // frequencies in each direction
)

// Compute returns the hash of an upright picture of at least one pixel. Transparent pixels are shown on white. Compute
// uses only integers and a table of rounded values, so every processor returns the same hash.
func Compute(m *image.NRGBA) Hash {
	cells := shrink(m)
	var across [side][waves]int64
	for y := range side {
		for x, v := range cells[y] {
			for u := range waves {
				across[y][u] += v * cosines[u][x]
			}
		}
	}
	var sums [waves * waves]int64
	for v := range waves {
		for u := range waves {
			for y := range side {
				sums[v*waves+u] += across[y][u] * cosines[v][y]
			}
		}
	}
	sorted := sums
	slices.Sort(sorted[:])
	twiceMedian := sorted[31] + sorted[32]
	var h Hash
	for _, s := range sums {
		h <<= 1
		if 2*s > twiceMedian {
			h |= 1
		}
	}
	return h
}

// shrink returns the mean luma of each cell, from 0 to 255*255.
func shrink(m *image.NRGBA) (cells [side][side]int64) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	across := divide(w)
	for _, down := range divide(h) {
		row := m.Pix[down.from*m.Stride:][:4*w]
		for _, s := range across {
			p := row[4*s.from:][:4]
			cells[down.to][s.to] += luma(p[0], p[1], p[2], p[3]) * int64(s.weight*down.weight)
		}
	}
	for y := range cells {
		for x := range cells[y] {
			cells[y][x] /= int64(w * h)
		}
	}
	return cells
}

// luma returns the luma of a pixel on white, from 0 to 255*255. The weights are those of BT.601, as in JPEG.
func luma(r, g, b, a uint8) int64 {
	y := (19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16
	return int64(y*uint32(a) + 255*(255-uint32(a)))
}

// share is the part of a pixel that lies in a cell.
type share struct {
	from, to int // pixel and cell
	weight   int // length of the overlap; a pixel has the length side, and a cell the length n
}

// divide divides a line of n pixels into equal cells. The shares of each cell have weights that sum to n.
func divide(n int) []share {
	shares := make([]share, 0, n+side)
	for pos := 0; pos < n*side; {
		from, to := pos/side, pos/n
		end := min((from+1)*side, (to+1)*n)
		shares = append(shares, share{from, to, end - pos})
		pos = end
	}
	return shares
}

// cosines is a table of cos(pi frequency (2 position + 1) / 64) in units of 2^-14.
var cosines = func() (table [waves][side]int64) {
	for f := range table {
		for i := range table[f] {
			table[f][i] = int64(math.Round(math.Cos(math.Pi*float64(f*(2*i+1))/(2*side)) * (1 << 14)))
		}
	}
	return table
}()
