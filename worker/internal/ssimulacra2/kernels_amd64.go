package ssimulacra2

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// The assembly functions do what their portable namesakes do, eight samples at a time, with the same operations in the
// same order. The length of a row must be a multiple of eight samples.
//
//go:noescape
func multiplyAVX2(dst, a, b []float32)

//go:noescape
func horizontalAVX2(dst, src []float32)

//go:noescape
func verticalAVX2(dst []float32, rows *[windowRows][]float32)

//go:noescape
func halveAVX2(dst, a, b []float32)

//go:noescape
func lumaAVX2(y, r, g, b []float32)

//go:noescape
func xybAVX2(rows *[planes][]float32, r, g, b []float32)

//go:noescape
func compareAVX2(sums *sumLanes, c *comparison)

// Slicing in the following functions panics where the assembly would read or write past an end.

func multiply(dst, a, b []float32) {
	if !hasAVX2 {
		multiplyPortable(dst, a, b)
		return
	}
	n := len(dst)
	multiplyAVX2(dst, a[:n], b[:n])
}

func horizontal(dst, src []float32) {
	if !hasAVX2 {
		horizontalPortable(dst, src)
		return
	}
	horizontalAVX2(dst, src[:len(dst)+2*taps])
}

func vertical(dst []float32, rows *[windowRows][]float32) {
	if !hasAVX2 {
		verticalPortable(dst, rows)
		return
	}
	for i := range rows {
		_ = rows[i][:len(dst)]
	}
	verticalAVX2(dst, rows)
}

func halve(dst, a, b []float32) {
	if !hasAVX2 {
		halvePortable(dst, a, b)
		return
	}
	n := 2 * len(dst)
	halveAVX2(dst, a[:n], b[:n])
}

func luma(y, r, g, b []float32) {
	if !hasAVX2 {
		lumaPortable(y, r, g, b)
		return
	}
	n := len(y)
	lumaAVX2(y, r[:n], g[:n], b[:n])
}

func xyb(rows *[planes][]float32, r, g, b []float32) {
	if !hasAVX2 {
		xybPortable(rows, r, g, b)
		return
	}
	n := len(r)
	for i := range rows {
		_ = rows[i][:n]
	}
	xybAVX2(rows, r, g[:n], b[:n])
}

func compareRows(sums *sumLanes, c *comparison) {
	if !hasAVX2 {
		comparePortable(sums, c)
		return
	}
	n := len(c.a)
	_, _, _ = c.b[:n], c.meanA[:n], c.meanB[:n]
	_, _, _ = c.squareA[:n], c.squareB[:n], c.cross[:n]
	compareAVX2(sums, c)
}
