package vp8l

// Functions that process the four channels of a pixel in parallel.

// sum adds each channel modulo 256.
func sum(a, b uint32) uint32 {
	const even = 0x00ff00ff
	return (a&even+b&even)&even | (a&^even+b&^even)&^even
}

// mean returns half the sum of each channel, rounded down.
func mean(a, b uint32) uint32 { return a&b + (a^b)&0xfefefefe>>1 }

// The channels of a wide pixel have 16 bits each.
const (
	ones = 0x0001_0001_0001_0001
	low  = 0xff * ones
)

func widen(v uint32) uint64 { return uint64(v&0x00ff00ff) | uint64(v&0xff00ff00)<<24 }

func narrow(v uint64) uint32 { return uint32(v) | uint32(v>>24) }

// clip subtracts 256 from each channel and clips the result to 0..255. Channels are at most 1023.
func clip(v uint64) uint32 {
	inside, over := v>>8&ones, v>>9&ones
	return narrow(v&low&(inside<<8-inside) | (over<<8 - over))
}

// gradient returns the sum of two pixels minus a third one, clipped to the range of the channels.
func gradient(left, top, corner uint32) uint32 {
	return clip(widen(left) + widen(top) + 256*ones - widen(corner))
}

// halfGradient returns a mean plus half of its difference from a third pixel, clipped to the range of the channels. The
// half is rounded towards zero.
func halfGradient(mean, corner uint32) uint32 {
	m := widen(mean)
	d := m + 512*ones - widen(corner) // the difference plus 512
	negative := ^(d >> 9) & ones
	return clip(m + (d+negative)>>1&(0x7fff*ones))
}

// selectPixel returns left or top, whichever is closer to left + top - corner, and top if both are equally close
// (Select in 3.5.1).
func selectPixel(left, top, corner uint32) uint32 {
	c := widen(corner)
	if distance(c, widen(top)) < distance(c, widen(left)) {
		return left
	}
	return top
}

// distance returns the sum of the differences of all channels.
func distance(a, b uint64) uint64 {
	d := a + 256*ones - b
	negative := ^(d >> 8) & ones
	all := negative<<8 - negative // 255 in channels of b that are larger
	d = d&low ^ all
	d += negative
	return d * ones >> 48
}
