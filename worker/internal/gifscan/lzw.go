package gifscan

import (
	"context"
	"encoding/binary"
	"fmt"
)

const (
	maxCodeBits = 12
	maxCodes    = 1 << maxCodeBits
)

// span is the string of a code. The strings of successive codes are adjacent in the decoded indexes, so a string is a
// position there and needs no table of its own. A frame has fewer than 1<<32 pixels.
type span struct {
	start, length uint32
}

// codeStrings holds the span of each code.
type codeStrings [maxCodes]span

// decode fills pix with indexes from LZW data (appendix F), which begin with the code size. It returns how many indexes
// the data hold. If pix is longer, the error says why. The data may begin without a clear code and end without an end
// code. decode does not read beyond the last pixel. The previous contents of spans do not matter, and the spans of
// literals and of the two codes above them are not used.
func decode(ctx context.Context, pix, data []byte, spans *codeStrings) (int, error) {
	if len(data) == 0 {
		return 0, fmt.Errorf("%w: no data of the picture", ErrTruncated)
	}
	literalBits := uint(data[0])
	if literalBits >= maxCodeBits {
		return 0, fmt.Errorf("%w: code size %d", ErrCorrupt, literalBits)
	}
	clearCode := 1 << literalBits
	endCode := clearCode + 1
	in := bits{ctx: ctx, data: data[1:]}
	width, next := literalBits+1, endCode+1
	last := span{} // string of the previous code; its length is 0 after a clear code
	n := 0
	for n < len(pix) {
		if in.n < width && !in.fill(width) {
			return n, in.err()
		}
		code := int(in.word & (1<<width - 1))
		in.word >>= width
		in.n -= width
		switch code {
		case clearCode:
			width, next, last = literalBits+1, endCode+1, span{}
			continue
		case endCode:
			return n, fmt.Errorf("%w: end code after %d of %d pixels", ErrCorrupt, n, len(pix))
		}
		if last.length > 0 && next < maxCodes {
			spans[next] = span{last.start, last.length + 1}
			next++
		}
		if next >= 1<<width && width < maxCodeBits { // a code size of 1 gets here with its first code
			width++
		}
		if code < clearCode {
			pix[n] = byte(code)
			last = span{uint32(n), 1}
			n++
			continue
		}
		if code >= next || last.length == 0 {
			return n, fmt.Errorf("%w: code %d where codes below %d are known, after %d of %d pixels", ErrCorrupt, code, next, n, len(pix))
		}
		s := spans[code%maxCodes]
		last = span{uint32(n), s.length}
		n += repeat(pix, n, int(s.start), int(s.length))
	}
	return n, nil
}

// repeat copies length indexes, or as many as there is room for, from start to n, which is after start. It returns how
// many. The string may extend to n itself: its last index then equals its first.
func repeat(pix []byte, n, start, length int) int {
	const short = 8
	src, dst := pix[start:], pix[n:]
	if length <= short && len(dst) >= short {
		// The next string overwrites indexes written after this one.
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src))
	} else {
		copy(dst, src[:min(length, n-start)])
	}
	if last := length - 1; start+last == n && last < len(dst) {
		dst[last] = src[0]
	}
	return min(length, len(dst))
}

// bits reads sub-blocks (15), the low bits of a byte first.
type bits struct {
	ctx  context.Context
	data []byte // not yet read
	left int    // unread bytes of the sub-block
	word uint64 // bits that were read but not used
	n    uint   // number of them
	end  bool   // a terminator was read
}

// fill reads bytes until there are at least want bits. It reports false if the data end first.
func (b *bits) fill(want uint) bool {
	for b.n < want {
		if b.left == 0 && !b.nextBlock() {
			return false
		}
		if take := (63 - b.n) / 8; b.left >= 8 && len(b.data) >= 8 {
			b.word |= binary.LittleEndian.Uint64(b.data) & (1<<(8*take) - 1) << b.n
			b.n += 8 * take
			b.data, b.left = b.data[take:], b.left-int(take)
			continue
		}
		if len(b.data) == 0 {
			return false
		}
		b.word |= uint64(b.data[0]) << b.n
		b.n += 8
		b.data, b.left = b.data[1:], b.left-1
	}
	return true
}

// nextBlock begins the next sub-block. It reports false if there is none, or if the context has ended.
func (b *bits) nextBlock() bool {
	if b.end || len(b.data) == 0 || b.ctx.Err() != nil {
		return false
	}
	b.left, b.data = int(b.data[0]), b.data[1:]
	b.end = b.left == 0
	return !b.end
}

func (b *bits) err() error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if b.end {
		return fmt.Errorf("%w: the image data end within the picture", ErrCorrupt)
	}
	return fmt.Errorf("%w: the file ends within the picture", ErrTruncated)
}
