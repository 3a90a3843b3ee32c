package jpegscan

import "encoding/binary"

// place8 is the position of each coefficient of the zigzag (figure 5) in a block that is stored column by column.
var place8 = [64]uint8{
	0, 8, 1, 2, 9, 16, 24, 17,
	10, 3, 4, 11, 18, 25, 32, 40,
	33, 26, 19, 12, 5, 6, 13, 20,
	27, 34, 41, 48, 56, 49, 42, 35,
	28, 21, 14, 7, 15, 22, 29, 36,
	43, 50, 57, 58, 51, 44, 37, 30,
	23, 31, 38, 45, 52, 59, 60, 53,
	46, 39, 47, 54, 61, 62, 55, 63,
}

// place4, place2 and place1 are the positions for the smaller transforms, column by column too, in a block of their own
// size. All coefficients that a transform does not use share the position after the block.
var place4, place2, place1 = corner(4), corner(2), corner(1)

func corner(size uint8) (place [64]uint8) {
	for k, p := range place8 {
		place[k] = size * size
		if x, y := p/8, p%8; x < size && y < size {
			place[k] = x*size + y
		}
	}
	return place
}

// maxCoefficient is the largest magnitude of a dequantized coefficient in a picture of 8 bits. Sensible ones are below
// 1024. maxDeepCoefficient is the same for 12 bits.
const (
	maxCoefficient     = 1 << 13
	maxDeepCoefficient = maxCoefficient << 4
)

func dequantize(value, quant int, limit int64) int32 {
	return int32(max(min(int64(value)*int64(quant), limit), -limit))
}

// extend returns the value that the first size bits of acc stand for (F.2.2.1), or 0 if size is 0.
func extend(acc uint64, size uint) int {
	negative := int64(^acc) >> 63 // all ones if the first bit is 0
	return int(acc>>(64-size)) + int(negative)&(1-1<<size)
}

// codeBits is the most bits that a code and its value can have, plus one.
const codeBits = 32

// badBits is how many bits libjpeg drops when it meets a code that does not exist, before it continues as if it had
// read the symbol 0 (jpeg_huff_decode). This package does the same, so it shows a damaged picture as libjpeg does.
const badBits = 17

// refill returns acc, bits and pos of a stream after reading as many whole bytes as acc has room for, which leaves 56
// to 63 bits. It loads more bits than it counts. The next call loads the same bits into the same place.
func refill(window *[windowBytes]byte, acc uint64, bits uint, pos int) (uint64, uint, int) {
	acc |= binary.BigEndian.Uint64(window[pos:]) >> (bits & 63)
	return acc, bits | 56, pos + int(63-bits)>>3
}

// readBlock decodes a block of a sequential scan (F.2.2) and transforms it into out, whose first byte is the block's
// first pixel. It returns false if the codes do not form a block, unless the scan forgives that.
func (s *scan) readBlock(d *decoder, p *part, out []byte) bool {
	acc, bits, pos := s.acc, s.bits, s.pos
	window := &s.window

	if bits < codeBits {
		acc, bits, pos = refill(window, acc, bits, pos)
	}
	e := p.dc.codes[acc>>(64-peekBits)]
	symbol, length := byte(e>>8), uint(e&0xff)
	if length == 0 {
		symbol, length = p.dc.long(acc)
	}
	if length == 0 || symbol > 15 {
		if !s.forgive() {
			return false
		}
		symbol, length = 0, badBits
	}
	acc <<= length & 63
	p.last += extend(acc, uint(symbol))
	acc <<= symbol & 63
	bits -= length + uint(symbol)

	c, limit := p.c, d.limit
	var block [64]int32
	block[0] = dequantize(p.last, int(c.quants[0]), limit)

	ac, place := p.ac, d.place
	k := uint(1) // the next coefficient of the zigzag
	for keep := uint(d.keep); k < keep; k++ {
		if bits < codeBits {
			acc, bits, pos = refill(window, acc, bits, pos)
		}
		e := ac.codes[acc>>(64-peekBits)]
		value, length := int(int32(e)>>16), uint(e&0xff)
		if value != 0 {
			k += uint(e >> 8 & 0xff)
		} else {
			symbol := byte(e >> 8)
			if length == 0 {
				if symbol, length = ac.long(acc); length == 0 {
					if !s.forgive() {
						return false
					}
					symbol, length = 0, badBits
				}
			}
			acc <<= length & 63
			bits -= length
			if symbol == 0 {
				goto done
			}
			k += uint(symbol >> 4)
			length = uint(symbol & 15)
			if length == 0 {
				if symbol != 0xf0 {
					if !s.forgive() {
						return false
					}
					k -= uint(symbol >> 4)
					goto done // libjpeg ends the block here too
				}
				if k > 63 && !s.forgive() {
					return false
				}
				continue
			}
			value = extend(acc, length)
		}
		if k > 63 {
			if !s.forgive() {
				return false
			}
			k = 63
		}
		acc <<= length & 63
		bits -= length
		block[place[k]&63] = dequantize(value, int(c.quants[k]), limit)
	}

	for k < 64 { // coefficients that the transform does not need
		if bits < codeBits {
			acc, bits, pos = refill(window, acc, bits, pos)
		}
		skip := ac.skips[acc>>(64-skipBits)]
		// Codes beyond the block's last coefficient belong to the next block and its tables.
		if next := k + uint(skip&^skipEnd>>skipAdvance); skip != 0 && next < 64 {
			k = next
			acc <<= skip & skipDrop
			bits -= uint(skip & skipDrop)
			if skip&skipEnd != 0 {
				break
			}
			continue
		}
		drop, advance, ok := ac.pass(acc)
		if k += advance; !ok || k > 64 {
			if !s.forgive() {
				return false
			}
		}
		acc <<= drop & 63
		bits -= drop
		if advance == 0 {
			break
		}
	}

done:
	s.acc, s.bits, s.pos = acc, bits, pos
	d.draw(block[:], k == 1, out, c.stride)
	return true
}

// draw transforms a block into d.size rows of d.size pixels. The coefficients of b are in the order of place. flat says
// that only the first one is not 0.
func (d *decoder) draw(b []int32, flat bool, out []byte, stride int) {
	if d.depth > 8 {
		drawDeep(b, out, stride, d.size)
		return
	}
	draw(b, flat, out, stride, d.size)
}

// draw is decoder.draw for a picture of 8 bits.
func draw(b []int32, flat bool, out []byte, stride, size int) {
	switch {
	case size == 1:
		out[0] = pixel((b[0] + 4) >> 3)
	case flat:
		transformDC(b[0], out, stride, size)
	case size == 8:
		transform8((*[64]int32)(b), out, stride)
	case size == 4:
		transform4((*[16]int32)(b), out, stride)
	case size == 2:
		transform2((*[4]int32)(b), out, stride)
	}
}
