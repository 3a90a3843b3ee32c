package vp8l

// literals decodes literals (3.6.2.1) and colours of the cache (3.6.2.3) into pix, until pix is full or a green symbol
// is neither. It returns the number of pixels, and that symbol, or 0.
func (g *group) literals(r *bitReader, cache *colourCache, pix []uint32) (decoded, symbol int) {
	data, pos, bits, n := r.data, r.pos, r.bits, r.n // the compiler keeps variables in registers, but not fields
	greens, reds := (*[rootSize]uint16)(g.green), (*[rootSize]uint16)(g.red)
	blues, alphas := (*[rootSize]uint16)(g.blue), (*[rootSize]uint16)(g.alpha)
	for i := range pix {
		if n < 3*longest {
			bits |= load(data, pos) << (n & 63)
			pos += int(63-n) >> 3
			n |= 56
		}
		green := greens[bits%rootSize]
		if green&15 > rootBits {
			green = g.green.longEntry(bits, green)
			bits >>= rootBits
			n -= rootBits
		}
		bits >>= green & 15
		n -= uint(green & 15)
		if green >= literals<<lengthBits {
			if green < (literals+lengths)<<lengthBits {
				r.pos, r.bits, r.n = pos, bits, n
				return i, int(green >> lengthBits)
			}
			v := cache.colours[(green>>lengthBits-literals-lengths)%maxCached]
			pix[i] = v
			cache.add(v)
			continue
		}
		v := g.rest | uint32(green>>lengthBits)<<8
		if !g.plain {
			red := reds[bits%rootSize]
			if red&15 > rootBits {
				red = g.red.longEntry(bits, red)
				bits >>= rootBits
				n -= rootBits
			}
			bits >>= red & 15
			n -= uint(red & 15)
			blue := blues[bits%rootSize]
			if blue&15 > rootBits {
				blue = g.blue.longEntry(bits, blue)
				bits >>= rootBits
				n -= rootBits
			}
			bits >>= blue & 15
			n -= uint(blue & 15)
			v |= uint32(red>>lengthBits)<<16 | uint32(blue>>lengthBits)
			if !g.opaque {
				if n < longest {
					bits |= load(data, pos) << (n & 63)
					pos += int(63-n) >> 3
					n |= 56
				}
				alpha := alphas[bits%rootSize]
				if alpha&15 > rootBits {
					alpha = g.alpha.longEntry(bits, alpha)
					bits >>= rootBits
					n -= rootBits
				}
				bits >>= alpha & 15
				n -= uint(alpha & 15)
				v |= uint32(alpha>>lengthBits) << 24
			}
		}
		pix[i] = v
		if cache != nil {
			cache.add(v)
		}
	}
	r.pos, r.bits, r.n = pos, bits, n
	return len(pix), 0
}
