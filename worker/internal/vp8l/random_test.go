package vp8l

import "math/rand/v2"

// randomPicture writes a picture of random pixels that uses every feature of the format, including those that no
// encoder uses: transforms in any order, groups without tiles, normal codes of one symbol and of 15 bits, and all
// distances.
type randomPicture struct {
	*rand.Rand
	bitWriter
}

func newRandomPicture(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 2))
	return writeRandomPicture(r, 1+r.IntN(70), 1+r.IntN(70))
}

func writeRandomPicture(r *rand.Rand, width, height int) []byte {
	p := &randomPicture{Rand: r}
	p.put(0x2f, 8)
	p.put(width-1, 14)
	p.put(height-1, 14)
	p.put(1, 1+3)
	for _, kind := range p.Perm(4)[:p.IntN(5)] {
		p.put(1, 1)
		p.put(kind, 2)
		switch kind {
		case predictorTransform, colourTransform:
			size := p.IntN(8)
			p.put(size, 3)
			p.picture(tiles(width, uint(2+size)), tiles(height, uint(2+size)), false)
		case indexTransform:
			count := []int{1, 2, 3, 4, 5, 16, 17, 255, 256}[p.IntN(9)]
			p.put(count-1, 8)
			p.picture(count, 1, false)
			switch {
			case count <= 2:
				width = tiles(width, 3)
			case count <= 4:
				width = tiles(width, 2)
			case count <= 16:
				width = tiles(width, 1)
			}
		}
	}
	p.put(0, 1)
	p.picture(width, height, true)
	return p.data
}

// coin writes a flag and returns it.
func (p *randomPicture) coin() bool {
	v := p.IntN(2)
	p.put(v, 1)
	return v == 1
}

// picture writes coded pixels.
func (p *randomPicture) picture(width, height int, main bool) {
	cached, tile, groups, group := 0, uint(0), 1, func(int, int) int { return 0 }
	if p.coin() {
		n := 1 + p.IntN(maxCacheBits)
		p.put(n, 4)
		cached = 1 << n
	}
	if main && p.coin() {
		tile = 2 + uint(p.IntN(8))
		p.put(int(tile-2), 3)
		groups, group = p.groups(tiles(width, tile), tiles(height, tile))
	}
	codes := make([][5]code, groups)
	for i := range codes {
		most := 2000 / groups
		codes[i][0] = p.code(literals+lengths+cached, most, p.IntN(literals)) // a literal is always possible
		for j, n := range []int{literals, literals, literals, distances} {
			codes[i][1+j] = p.code(n, most)
		}
	}
	for at := 0; at < width*height; {
		at += p.pixels(&codes[group(at%width>>tile, at/width>>tile)], width, at, width*height-at)
	}
}

// groups writes the group of each tile, and returns the number of groups.
func (p *randomPicture) groups(across, down int) (count int, group func(x, y int) int) {
	apart := []int{1, 3, 60, 400}[p.IntN(4)]
	numbers := make([]int, 1+p.IntN(5))
	var low, high []int
	for i := range numbers {
		numbers[i] = i * apart
		low, high = append(low, numbers[i]&0xff), append(high, numbers[i]>>8)
	}
	p.put(0, 1) // no colour cache
	green, red := p.code(literals+lengths, 0, low...), p.code(literals, 0, high...)
	for _, n := range []int{literals, literals, distances} {
		putSimple(&p.bitWriter, p.Rand, n, []int{0})
	}
	groupOf := make([]int, across*down)
	for i := range groupOf {
		groupOf[i] = numbers[p.IntN(len(numbers))]
		green.put(&p.bitWriter, groupOf[i]&0xff)
		red.put(&p.bitWriter, groupOf[i]>>8)
		count = max(count, groupOf[i]+1)
	}
	return count, func(x, y int) int { return groupOf[y*across+x] }
}

// code writes a code for an alphabet of n symbols. It has the wanted symbols and at most this many others.
func (p *randomPicture) code(n, limit int, wanted ...int) code {
	included := map[int]bool{}
	var symbols []int
	add := func(symbol int) {
		if !included[symbol] {
			included[symbol] = true
			symbols = append(symbols, symbol)
		}
	}
	for _, symbol := range wanted {
		add(symbol)
	}
	for range min([]int{0, 1, 2, 12, 100, 2000}[p.IntN(6)], limit) {
		add(p.IntN(n))
	}
	if len(symbols) == 0 {
		add(p.IntN(n))
	}
	if len(symbols) <= 2 && max(symbols[0], symbols[len(symbols)-1]) < 256 && p.IntN(2) == 0 {
		return putSimple(&p.bitWriter, p.Rand, n, symbols)
	}
	p.Shuffle(len(symbols), func(i, j int) { symbols[i], symbols[j] = symbols[j], symbols[i] })
	return putNormal(&p.bitWriter, p.Rand, randomLengths(p.Rand, n, symbols, p.IntN(2) == 0))
}

// pixels writes a symbol and its extra bits, and returns how many pixels they code.
func (p *randomPicture) pixels(c *[5]code, width, at, left int) int {
	green := p.oneOf(c[0])
	if i := green - literals; i >= 0 && i < lengths {
		far := p.oneOf(c[4])
		lengthBits, farBits := p.extra(i), p.extra(far)
		length, distance := paramOf(i, lengthBits[0]), (&pixels{width: width}).distance(paramOf(far, farBits[0]))
		if length <= left && distance <= at {
			c[0].put(&p.bitWriter, green)
			p.put(lengthBits[0], lengthBits[1])
			c[4].put(&p.bitWriter, far)
			p.put(farBits[0], farBits[1])
			return length
		}
		for green >= literals {
			green = p.oneOf(c[0])
		}
	}
	c[0].put(&p.bitWriter, green)
	if green < literals {
		for _, c := range c[1:4] {
			c.put(&p.bitWriter, p.oneOf(c))
		}
	}
	return 1
}

func (p *randomPicture) oneOf(c code) int { return c.symbols[p.IntN(len(c.symbols))] }

// extra returns random extra bits for a prefix, and their number.
func (p *randomPicture) extra(prefix int) (bits [2]int) {
	if prefix >= 4 {
		bits[1] = (prefix - 2) / 2
		bits[0] = p.IntN(1 << bits[1])
	}
	return bits
}

// paramOf returns the value of a prefix and its extra bits.
func paramOf(prefix, extra int) int {
	if prefix < 4 {
		return 1 + prefix
	}
	return 1 + extra + (2+prefix%2)<<((prefix-2)/2)
}
