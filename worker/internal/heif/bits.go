package heif

// bits reads a bit stream, the highest bit of a byte first. Beyond the end it returns zeros, and pastEnd reports true.
type bits struct {
	data []byte
	pos  int // bit
}

func (b *bits) pastEnd() bool { return b.pos > 8*len(b.data) }

func (b *bits) bit() uint32 {
	i := b.pos >> 3
	b.pos++
	if i >= len(b.data) {
		return 0
	}
	return uint32(b.data[i]>>(7-(b.pos-1)&7)) & 1
}

func (b *bits) flag() bool { return b.bit() == 1 }

// u reads an unsigned number of at most 32 bits.
func (b *bits) u(n int) (v uint32) {
	for range n {
		v = v<<1 | b.bit()
	}
	return v
}

// ue reads an Exp-Golomb code (ITU-T H.265, 9.2). It is the same as AV1's uvlc (4.10.3).
func (b *bits) ue() uint32 {
	zeros := 0
	for !b.flag() {
		if zeros++; zeros == 32 || b.pastEnd() {
			b.pos = 8*len(b.data) + 1
			return 0
		}
	}
	return 1<<zeros - 1 + b.u(zeros)
}

func (b *bits) skip(n int) { b.pos += n }
