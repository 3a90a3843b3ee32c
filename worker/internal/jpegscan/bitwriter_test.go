package jpegscan

// bitWriter writes entropy-coded data (F.1.2.3).
type bitWriter struct {
	out  []byte
	acc  uint32
	size int
}

func (w *bitWriter) bits(value, n int) {
	for n--; n >= 0; n-- {
		w.acc = w.acc<<1 | uint32(value>>n&1)
		if w.size++; w.size == 8 {
			if w.out = append(w.out, byte(w.acc)); byte(w.acc) == 0xff {
				w.out = append(w.out, 0)
			}
			w.acc, w.size = 0, 0
		}
	}
}

func (w *bitWriter) flush() {
	for w.size > 0 {
		w.bits(1, 1)
	}
}

// Symbols have codes of 8 bits, up to the last few, whose codes are longer than any look-ahead of a decoder.
const shortCodes = 0xe2

func (w *bitWriter) symbol(s int) {
	if s < shortCodes {
		w.bits(s, 8)
		return
	}
	w.bits(shortCodes<<6+s-shortCodes, 14)
}

// codes returns a DHT segment with these codes.
func codes(class byte) []byte {
	s := make([]byte, 21, 21+255)
	s[0], s[1], s[3], s[4] = 0xff, markerDHT, 19+255-256, class
	s[2] = 1
	s[4+8], s[4+14] = shortCodes, 255-shortCodes
	for i := range 255 {
		s = append(s, byte(i))
	}
	return s
}
