package hevc

// levelScale is the table of 8.6.3, by qP modulo 6.
var levelScale = [6]int{40, 45, 51, 57, 64, 72}

// qpScale is the factor that a quantisation parameter applies to coefficients: levelScale[qP%6] << (qP/6).
type qpScale int

func scaleOf(qp int) qpScale { return qpScale(levelScale[qp%6] << (qp / 6)) }

// setQP derives the quantisation parameters of the coding unit (8.6.1).
func (c *coder) setQP() {
	offset := 6 * (c.sps.Depth - 8)
	qp := (c.qpGroup+c.qpDelta+52+2*offset)%(52+offset) - offset
	c.cu.qp = qp
	c.cu.scale[0] = scaleOf(qp + offset)
	offset = 6 * (c.sps.ChromaDepth - 8)
	for i := 1; i < len(c.planes); i++ {
		index := min(max(qp+c.s.qpOffset[i]+c.offset[i], -offset), 57)
		c.cu.scale[i] = scaleOf(chromaQP(c.sps.Chroma, index) + offset)
	}
}

// chromaQP returns QpC for the index qPi (table 8-10 and 8.6.1).
func chromaQP(format, index int) int {
	switch {
	case format != Chroma420:
		return min(index, 51)
	case index < 30:
		return index
	case index >= 43:
		return index - 6
	}
	return int(chromaQPs[index-30])
}

var chromaQPs = [13]uint8{29, 30, 31, 32, 33, 33, 34, 34, 35, 35, 36, 36, 37}
