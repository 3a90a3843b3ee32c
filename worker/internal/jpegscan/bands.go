package jpegscan

import "math/bits"

// readMCUFirsts decodes the first coefficients of count MCUs of several components, from MCU x of a row (G.1.2.1).
func (s *scan) readMCUFirsts(x, count int) bool {
	for ; count > 0; count-- {
		for i := range s.parts {
			p := &s.parts[i]
			for v := range p.c.v {
				if !s.readFirsts(p, v*p.c.perRow+x*p.c.h, p.c.h) {
					return false
				}
			}
		}
		x++
	}
	return true
}

// readFirsts decodes the first coefficients of count blocks of a line, or the next bit of each.
func (s *scan) readFirsts(p *part, at, count int) bool {
	room := p.c.room
	coefs := p.c.coefs[at*room:]
	for i := range count {
		if s.bits < codeBits {
			s.acc, s.bits, s.pos = refill(&s.window, s.acc, s.bits, s.pos)
		}
		if s.refines {
			coefs[i*room] |= int32(s.acc>>63) << s.shift
			s.acc <<= 1
			s.bits--
		} else {
			e := p.dc.codes[s.acc>>(64-peekBits)]
			symbol, length := byte(e>>8), uint(e&0xff)
			if length == 0 {
				symbol, length = p.dc.long(s.acc)
			}
			if length == 0 || symbol > 15 {
				if !s.forgive() {
					return false
				}
				symbol, length = 0, badBits
			}
			s.acc <<= length & 63
			p.last += extend(s.acc, uint(symbol))
			s.acc <<= symbol & 63
			s.bits -= length + uint(symbol)
			coefs[i*room] = int32(p.last) << s.shift
		}
		if s.pos > s.limit && !s.advance() {
			return false
		}
	}
	return true
}

// bandEnd returns the run of a symbol EOBn, which is the number of blocks without further coefficients in the band, and
// the number of bits of acc that extend the symbol (G.1.2.2).
func bandEnd(symbol byte, acc uint64) (run int, size uint) {
	size = uint(symbol >> 4)
	return 1<<size + int(acc>>(64-size)), size
}

// readAC decodes count blocks of a line in a scan that is the first of its band (G.1.2.2).
func (s *scan) readAC(d *decoder, at, count int) bool {
	c, table, place := s.parts[0].c, s.parts[0].ac, d.place
	room, first, last := c.room, uint(s.first), uint(s.last)
	coefs, masks := c.coefs[at*room:(at+count)*room], c.masks[at:at+count]
	window, limit := &s.window, d.limit
	acc, bits, pos := s.acc, s.bits, s.pos

	for i := 0; i < count; i++ {
		if s.run > 0 {
			skip := min(s.run, count-i)
			s.run -= skip
			i += skip - 1
			continue
		}
		block, mask := coefs[i*room:][:room], masks[i]
		for k := first; k <= last; k++ {
			if bits < codeBits {
				acc, bits, pos = refill(window, acc, bits, pos)
			}
			e := table.codes[acc>>(64-peekBits)]
			value, length := int(int32(e)>>16), uint(e&0xff)
			if value != 0 {
				k += uint(e >> 8 & 0xff)
			} else {
				symbol := byte(e >> 8)
				if length == 0 {
					if symbol, length = table.long(acc); length == 0 {
						if !s.forgive() {
							goto fail
						}
						symbol, length = 0, badBits
					}
				}
				acc <<= length & 63
				bits -= length
				length = uint(symbol & 15)
				if length == 0 && symbol != 0xf0 {
					run, size := bandEnd(symbol, acc)
					acc <<= size
					bits -= size
					s.run = run - 1
					break
				}
				k += uint(symbol >> 4)
				if length == 0 {
					if k > last && !s.forgive() {
						goto fail
					}
					continue
				}
				value = extend(acc, length)
			}
			if k > last {
				if !s.forgive() {
					goto fail
				}
				k = min(k, 63)
			}
			acc <<= length & 63
			bits -= length
			block[place[k&63]] = dequantize(value, int(s.steps[k&63]), limit)
			mask |= 1 << k
		}
		masks[i] = mask
		if pos > s.limit {
			s.acc, s.bits, s.pos = acc, bits, pos
			if !s.advance() {
				return false
			}
			pos = s.pos
		}
	}
	s.acc, s.bits, s.pos = acc, bits, pos
	return true

fail:
	s.acc, s.bits, s.pos = acc, bits, pos
	return false
}

// refineAC decodes count blocks of a line in a scan that adds a bit to the coefficients of its band (G.1.2.3). Each
// code leads to a coefficient that has been 0, or to the band's end. It is followed by the bits of the nonzero
// coefficients that it passes over.
func (s *scan) refineAC(d *decoder, at, count int) bool {
	c, table, place := s.parts[0].c, s.parts[0].ac, d.place
	room, first, last := c.room, uint(s.first), uint(s.last)
	coefs, masks := c.coefs[at*room:(at+count)*room], c.masks[at:at+count]
	window, limit := &s.window, int32(d.limit)
	acc, left, pos := s.acc, s.bits, s.pos
	band := uint64(2)<<last - 1<<first
	kept := band & (1<<d.keep - 1)
	run := s.run

	for i := range count {
		block, mask := coefs[i*room:][:room], masks[i]
		for k := first; k <= last; {
			var passed uint64 // coefficients that are not 0
			value, to, n := 0, uint(63), uint(0)
			if run > 0 {
				run--
				passed = mask & band >> (k & 63) << (k & 63)
				n = uint(bits.OnesCount64(passed))
			} else {
				if left < codeBits {
					acc, left, pos = refill(window, acc, left, pos)
				}
				e := table.codes[acc>>(64-peekBits)]
				length := uint(e & 0xff)
				zeros := uint(e >> 8 & 0xff)
				value = int(int32(e) >> 16)
				if value == 0 {
					symbol := byte(zeros)
					if length == 0 {
						if symbol, length = table.long(acc); length == 0 {
							if !s.forgive() {
								goto fail
							}
							symbol, length = 0, badBits
						}
					}
					acc <<= length & 63
					left -= length
					switch {
					case symbol&15 == 1:
						value, length = extend(acc, 1), 1
					case symbol == 0xf0:
						length = 0
					case symbol&15 == 0:
						var size uint
						run, size = bandEnd(symbol, acc)
						acc <<= size
						left -= size
						continue
					default:
						if !s.forgive() {
							goto fail
						}
						value, length = extend(acc, 1), 1
					}
					zeros = uint(symbol >> 4)
				} else if value != 1 && value != -1 {
					if !s.forgive() {
						goto fail
					}
					length -= uint(bits.Len(uint(max(value, -value)))) // the code alone
					acc <<= length & 63
					left -= length
					value, length = extend(acc, 1), 1
				}
				acc <<= length & 63
				left -= length

				// The code's coefficient follows the given number of coefficients that have been 0, and any nonzero
				// ones among them, from k on. Few are nonzero, so a short search finds where the numbers agree.
				ahead, step := mask>>(k&63), zeros
				for {
					if step > last-k {
						if !s.forgive() {
							goto fail
						}
						step = last + 1 - k
						zeros = step - uint(bits.OnesCount64(ahead&(1<<(step&63)-1)))
						break
					}
					next := zeros + uint(bits.OnesCount64(ahead&(2<<(step&63)-1)))
					if next == step {
						break
					}
					step = next
				}
				to, n = k+step, step-zeros
				passed = ahead & (1<<(step&63) - 1) << (k & 63)
			}

			for n > 0 {
				if left < codeBits {
					acc, left, pos = refill(window, acc, left, pos)
				}
				now, rest := min(n, codeBits), uint64(0)
				if n > codeBits { // first as many as there are bits for, then the rest
					rest = passed
					for range codeBits {
						rest &= rest - 1
					}
					passed ^= rest
				}
				if more := acc; more>>((64-now)&63) != 0 {
					for m := passed & kept; m != 0; m &= m - 1 {
						j := bits.TrailingZeros64(m)
						v := &block[place[j&63]]
						sign := *v >> 31
						step := (s.steps[j&63] ^ sign) - sign
						*v = max(min(*v+step&int32(int64(more)>>63), limit), -limit)
						more <<= 1
					}
				}
				acc <<= now & 63
				left -= now
				n -= now
				passed = rest
			}
			if value != 0 {
				to = min(to, 63) // more only in a damaged file
				block[place[to&63]] = int32(value) * s.steps[to&63]
				mask |= 1 << (to & 63)
			}
			k = to + 1
		}
		masks[i] = mask
		if pos > s.limit {
			s.acc, s.bits, s.pos = acc, left, pos
			if !s.advance() {
				return false
			}
			pos = s.pos
		}
	}
	s.acc, s.bits, s.pos, s.run = acc, left, pos, run
	return true

fail:
	s.acc, s.bits, s.pos = acc, left, pos
	return false
}
