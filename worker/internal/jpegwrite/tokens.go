package jpegwrite

// A token is a Huffman symbol with its additional bits, or bits alone. The upper 16 bits are its index among codes, and
// the lower 16 bits hold the additional bits, whose number follows from the symbol.
type token uint32

// Indexes of tokens. Each class of codes has 256 symbols.
const (
	dcCodes  = 0 // codes of luma; those of the colours follow, here and below
	acCodes  = 2 * 256
	bitCodes = 4 * 256 // no code: the symbol is the number of bits, up to 16
	indexes  = bitCodes + 17
)

func newToken(index int, extra uint32) token { return token(index)<<16 | token(extra) }

func (t token) index() int { return int(t >> 16) }

// partTokens is how many tokens a part of a list holds, unless the whole list has fewer.
const partTokens = 8192

// tokens is a list of tokens with the number of each of them. It grows by parts, which never move.
type tokens struct {
	parts  [][]token // full, except for room that a block did not use
	last   []token   // the part that grows
	size   int       // tokens of a new part
	counts [indexes]uint32
}

// newTokens returns an empty list for at most this many tokens.
func newTokens(most int) *tokens { return &tokens{size: min(partTokens, most)} }

// reserve makes room for n tokens.
func (t *tokens) reserve(n int) {
	if cap(t.last)-len(t.last) < n {
		if len(t.last) > 0 {
			t.parts = append(t.parts, t.last)
		}
		t.last = make([]token, 0, max(t.size, n))
	}
}

// add appends a token. There must be room for it.
func (t *tokens) add(index int, extra uint32) {
	t.counts[index]++
	n := len(t.last)
	t.last = t.last[:n+1]
	t.last[n] = newToken(index, extra)
}

// addPending appends a token that is set later. There must be room for it.
func (t *tokens) addPending() *token {
	n := len(t.last)
	t.last = t.last[:n+1]
	return &t.last[n]
}

// addBits appends n bits, at most 64.
func (t *tokens) addBits(bits uint64, n int) {
	for ; n > 16; n -= 16 {
		t.add(bitCodes+16, uint32(bits>>(n-16)&0xffff))
	}
	if n > 0 {
		t.add(bitCodes+n, uint32(bits&(1<<n-1)))
	}
}

// all returns the parts of the list.
func (t *tokens) all() [][]token {
	if len(t.last) == 0 {
		return t.parts
	}
	return append(t.parts, t.last)
}
