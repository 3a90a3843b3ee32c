package hevc

// bitWriter writes the syntax elements of parameter sets and slice headers (7.2, 9.2).
type bitWriter struct {
	data []byte
	n    int // bits in the last byte; 0 if the data ends with a whole byte
}

func (w *bitWriter) bit(b int) {
	if w.n == 0 {
		w.data = append(w.data, 0)
	}
	w.data[len(w.data)-1] |= byte(b << (7 - w.n))
	w.n = (w.n + 1) & 7
}

func (w *bitWriter) u(n, v int) {
	for i := n - 1; i >= 0; i-- {
		w.bit(v >> i & 1)
	}
}

func (w *bitWriter) flag(b bool) {
	if b {
		w.bit(1)
	} else {
		w.bit(0)
	}
}

func (w *bitWriter) ue(v int) {
	k := 0
	for (v+1)>>(k+1) != 0 {
		k++
	}
	w.u(k, 0)
	w.u(k+1, v+1)
}

func (w *bitWriter) se(v int) {
	if v > 0 {
		w.ue(2*v - 1)
	} else {
		w.ue(-2 * v)
	}
}

// trailingBits writes rbsp_trailing_bits or byte_alignment: a 1 followed by zeros.
func (w *bitWriter) trailingBits() {
	w.bit(1)
	w.n = 0
}

// rangeLPS is rangeTabLps (table 9-52) by state, and nextLPS is transIdxLps (table 9-53).
var (
	rangeLPS = [64][4]uint32{
		{128, 176, 208, 240}, {128, 167, 197, 227}, {128, 158, 187, 216}, {123, 150, 178, 205},
		{116, 142, 169, 195}, {111, 135, 160, 185}, {105, 128, 152, 175}, {100, 122, 144, 166},
		{95, 116, 137, 158}, {90, 110, 130, 150}, {85, 104, 123, 142}, {81, 99, 117, 135},
		{77, 94, 111, 128}, {73, 89, 105, 122}, {69, 85, 100, 116}, {66, 80, 95, 110},
		{62, 76, 90, 104}, {59, 72, 86, 99}, {56, 69, 81, 94}, {53, 65, 77, 89},
		{51, 62, 73, 85}, {48, 59, 69, 80}, {46, 56, 66, 76}, {43, 53, 63, 72},
		{41, 50, 59, 69}, {39, 48, 56, 65}, {37, 45, 54, 62}, {35, 43, 51, 59},
		{33, 41, 48, 56}, {32, 39, 46, 53}, {30, 37, 43, 50}, {29, 35, 41, 48},
		{27, 33, 39, 45}, {26, 31, 37, 43}, {24, 30, 35, 41}, {23, 28, 33, 39},
		{22, 27, 32, 37}, {21, 26, 30, 35}, {20, 24, 29, 33}, {19, 23, 27, 31},
		{18, 22, 26, 30}, {17, 21, 25, 28}, {16, 20, 23, 27}, {15, 19, 22, 25},
		{14, 18, 21, 24}, {14, 17, 20, 23}, {13, 16, 19, 22}, {12, 15, 18, 21},
		{12, 14, 17, 20}, {11, 14, 16, 19}, {11, 13, 15, 18}, {10, 12, 15, 17},
		{10, 12, 14, 16}, {9, 11, 13, 15}, {9, 11, 12, 14}, {8, 10, 12, 14},
		{8, 9, 11, 13}, {7, 9, 11, 12}, {7, 9, 10, 12}, {7, 8, 10, 11},
		{6, 8, 9, 11}, {6, 7, 9, 10}, {6, 7, 8, 9}, {2, 2, 2, 2},
	}
	nextLPS = [64]uint8{
		0, 0, 1, 2, 2, 4, 4, 5, 6, 7, 8, 9, 9, 11, 11, 12, 13, 13, 15, 15, 16, 16, 18, 18, 19, 19, 21, 21, 22, 22, 23, 24,
		24, 25, 26, 26, 27, 27, 28, 29, 29, 30, 30, 30, 31, 32, 32, 33, 33, 33, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37,
		38, 38, 63,
	}
)

// Contexts of the syntax elements, as offsets in synthInit.
const (
	synSAOMerge    = 0
	synSAOType     = 1
	synSplitCU     = 2
	synBypass      = 5
	synPartMode    = 6
	synPrevLuma    = 7
	synChromaMode  = 8
	synSplitTU     = 9
	synCBFLuma     = 12
	synCBFChroma   = 14
	synQPDelta     = 19
	synOffsetFlag  = 21
	synOffsetIndex = 22
	synSkip        = 23
	synResScale    = 25
	synResSign     = 33
	synLastX       = 35
	synLastY       = 53
	synSubBlock    = 71
	synSig         = 75
	synGreater1    = 119
	synGreater2    = 143
	synContexts    = 149
)

// synthInit holds initValue of each context for slices of type I (tables 9-5 to 9-37).
var synthInit = [synContexts]uint8{
	153, 200, 139, 141, 157, 154, 184, 184, 63, 153, 138, 138, 111, 141, 94, 138, 182, 154, 154, 154, 154, 154, 154, 139, 139,
	154, 154, 154, 154, 154, 154, 154, 154, 154, 154,
	110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63,
	110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63,
	91, 171, 134, 141,
	111, 111, 125, 110, 110, 94, 124, 108, 124, 107, 125, 141, 179, 153, 125, 107, 125, 141, 179, 153, 125, 107, 125, 141,
	179, 153, 125, 140, 139, 182, 182, 152, 136, 152, 136, 153, 136, 139, 111, 136, 139, 111, 141, 111,
	140, 92, 137, 138, 140, 152, 138, 139, 153, 74, 149, 92, 139, 107, 122, 152, 140, 179, 166, 182, 140, 227, 122, 197,
	138, 153, 136, 167, 152, 152,
}

// entropyState is the state that one part of a slice passes to another: contexts (pStateIdx<<1 | valMps) and StatCoeff.
type entropyState struct {
	contexts [synContexts]uint8
	rice     [4]int
}

// reset sets the contexts to their initial values (9.3.2.2).
func (s *entropyState) reset(qp int) {
	qp = max(0, min(51, qp))
	for i, v := range synthInit {
		slope, offset := int(v>>4)*5-45, int(v&15)<<3-16
		pre := max(1, min(126, slope*qp>>4+offset))
		if pre <= 63 {
			s.contexts[i] = uint8(63-pre) << 1
		} else {
			s.contexts[i] = uint8(pre-64)<<1 | 1
		}
	}
	s.rice = [4]int{}
}

// arithmeticWriter is an arithmetic encoder, the inverse of 9.3.4.3.
type arithmeticWriter struct {
	bitWriter
	entropyState
	low, span   uint32
	first       bool
	outstanding int
}

// restart initialises the engine but not the contexts.
func (w *arithmeticWriter) restart() { w.low, w.span, w.first, w.outstanding = 0, 510, true, 0 }

func (w *arithmeticWriter) put(b int) {
	if w.first {
		w.first = false
	} else {
		w.bit(b)
	}
	for ; w.outstanding > 0; w.outstanding-- {
		w.bit(1 - b)
	}
}

func (w *arithmeticWriter) renormalise() {
	for w.span < 256 {
		switch {
		case w.low < 256:
			w.put(0)
		case w.low >= 512:
			w.low -= 512
			w.put(1)
		default:
			w.low -= 256
			w.outstanding++
		}
		w.span <<= 1
		w.low <<= 1
	}
}

// decision encodes a bin with a context.
func (w *arithmeticWriter) decision(context, bin int) {
	c := &w.contexts[context]
	state, mps := *c>>1, int(*c&1)
	lps := rangeLPS[state][w.span>>6&3]
	w.span -= lps
	if bin == mps {
		if state < 62 {
			*c += 2
		}
	} else {
		w.low += w.span
		w.span = lps
		if state == 0 {
			mps = 1 - mps
		}
		*c = nextLPS[state]<<1 | uint8(mps)
	}
	w.renormalise()
}

// bypass encodes the low n bits of v, the highest first.
func (w *arithmeticWriter) bypass(n, v int) {
	for i := n - 1; i >= 0; i-- {
		w.low <<= 1
		if v>>i&1 != 0 {
			w.low += w.span
		}
		switch {
		case w.low >= 1024:
			w.low -= 1024
			w.put(1)
		case w.low < 512:
			w.put(0)
		default:
			w.low -= 512
			w.outstanding++
		}
	}
}

// terminate encodes a bin before a possible end. After a 1, the data ends with a whole byte, whose last 1 is the stop
// bit.
func (w *arithmeticWriter) terminate(bin int) {
	w.span -= 2
	if bin == 0 {
		w.renormalise()
		return
	}
	w.low += w.span
	w.span = 2
	w.renormalise()
	w.put(int(w.low >> 9 & 1))
	w.u(2, int(w.low>>7&3|1))
	w.n = 0
}

// golomb encodes v as an Exp-Golomb code of order k (9.3.3.3).
func (w *arithmeticWriter) golomb(k, v int) {
	for v >= 1<<k {
		w.bypass(1, 1)
		v -= 1 << k
		k++
	}
	w.bypass(1, 0)
	w.bypass(k, v)
}
