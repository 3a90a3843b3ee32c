package icc

import (
	"encoding/binary"
	"math"
)

// tagData is a tag of a profile that a test makes.
type tagData struct {
	sig  string
	data []byte
}

// profileBytes returns a profile (7.2, 7.3) with the tags one after another.
func profileBytes(version byte, class, space, pcs string, tags ...tagData) []byte {
	p := make([]byte, headerSize+4+tagSize*len(tags))
	p[8] = version
	copy(p[12:], class+space+pcs)
	copy(p[36:], "acsp")
	binary.BigEndian.PutUint32(p[headerSize:], uint32(len(tags)))
	for i, t := range tags {
		e := p[headerSize+4+tagSize*i:]
		copy(e, t.sig)
		binary.BigEndian.PutUint32(e[4:], uint32(len(p)))
		binary.BigEndian.PutUint32(e[8:], uint32(len(t.data)))
		p = append(p, t.data...)
		p = append(p, make([]byte, -len(p)&3)...)
	}
	binary.BigEndian.PutUint32(p, uint32(len(p)))
	return p
}

func s15Fixed16(values ...float64) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536))))
	}
	return b
}

func sampleBytes(width int, values ...float64) (b []byte) {
	for _, v := range values {
		v = min(max(v, 0), 1)
		if width == 1 {
			b = append(b, byte(math.Round(v*255)))
		} else {
			b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
		}
	}
	return b
}

func xyzType(c [3]float64) []byte {
	return append([]byte("XYZ \x00\x00\x00\x00"), s15Fixed16(c[:]...)...)
}

// curv returns a curveType: the identity for no values, a gamma for one value, otherwise samples.
func curv(values ...float64) []byte {
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(len(values)))
	if len(values) == 1 {
		return binary.BigEndian.AppendUint16(b, uint16(math.Round(values[0]*256)))
	}
	return append(b, sampleBytes(2, values...)...)
}

// sampled returns a curveType with n samples of f.
func sampled(n int, f func(float64) float64) []byte { return curv(samplesOf(n, f)...) }

func samplesOf(n int, f func(float64) float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = f(float64(i) / float64(n-1))
	}
	return values
}

func para(kind int, values ...float64) []byte {
	return append([]byte{'p', 'a', 'r', 'a', 0, 0, 0, 0, 0, byte(kind), 0, 0}, s15Fixed16(values...)...)
}

// srgbPara returns the transfer function of sRGB as its standard defines it (IEC 61966-2-1).
func srgbPara() []byte { return para(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045) }

// pcsFunc maps device values, 0..1, to a colour as a lookup table stores it, 0..1.
type pcsFunc func(device []float64) [3]float64

// gridSamples returns the samples of a grid with these sizes. The last channel changes fastest.
func gridSamples(width int, f pcsFunc, sizes ...int) (b []byte) {
	at := make([]int, len(sizes))
	for {
		device := make([]float64, len(sizes))
		for i := range at {
			device[i] = float64(at[i]) / float64(sizes[i]-1)
		}
		c := f(device)
		b = append(b, sampleBytes(width, c[:]...)...)
		i := len(at) - 1
		for ; i >= 0 && at[i] == sizes[i]-1; i-- {
			at[i] = 0
		}
		if i < 0 {
			return b
		}
		at[i]++
	}
}

// mft returns a lut8Type if width is 1 or a lut16Type if it is 2, with the curve in before the grid and the curve out
// after it.
func mft(width, channels, points int, in func(float64) float64, f pcsFunc, out func(float64) float64) []byte {
	b := []byte{'m', 'f', 't', byte('0' + width), 0, 0, 0, 0, byte(channels), 3, byte(points), 0}
	b = append(b, s15Fixed16(1, 0, 0, 0, 1, 0, 0, 0, 1)...)
	entries := 256
	if width == 2 {
		entries = 1024
		b = append(b, 4, 0, 4, 0)
	}
	sizes := make([]int, channels)
	for i := range sizes {
		b = append(b, sampleBytes(width, samplesOf(entries, in)...)...)
		sizes[i] = points
	}
	b = append(b, gridSamples(width, f, sizes...)...)
	for range 3 {
		b = append(b, sampleBytes(width, samplesOf(entries, out)...)...)
	}
	return b
}

// parts holds the parts of a lutAToBType. A nil part is left out.
type parts struct {
	channels int
	a, m, b  []byte // one curve, for all channels
	matrix   []float64
	grid     []byte
	sizes    []byte
	width    byte
}

func mAB(p parts) []byte {
	b := make([]byte, 32)
	copy(b, "mAB ")
	b[8], b[9] = byte(p.channels), 3
	add := func(at int, data []byte, times int) {
		if data == nil {
			return
		}
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)))
		for range times {
			b = append(b, data...)
			b = append(b, make([]byte, -len(b)&3)...)
		}
	}
	add(12, p.b, 3)
	if p.matrix != nil {
		add(16, s15Fixed16(p.matrix...), 1)
	}
	add(20, p.m, 3)
	if p.grid != nil {
		head := make([]byte, 20)
		copy(head, p.sizes)
		head[16] = p.width
		add(24, append(head, p.grid...), 1)
	}
	add(28, p.a, p.channels)
	return b
}

func lutProfile(version byte, space, pcs string, a2b []byte) []byte {
	return profileBytes(version, "prtr", space, pcs, tagData{"A2B0", a2b})
}
