//go:build !amd64

package ssimulacra2

func multiply(dst, a, b []float32) { multiplyPortable(dst, a, b) }

func horizontal(dst, src []float32) { horizontalPortable(dst, src) }

func vertical(dst []float32, rows *[windowRows][]float32) { verticalPortable(dst, rows) }

func halve(dst, a, b []float32) { halvePortable(dst, a, b) }

func luma(y, r, g, b []float32) { lumaPortable(y, r, g, b) }

func xyb(rows *[planes][]float32, r, g, b []float32) { xybPortable(rows, r, g, b) }

func compareRows(sums *sumLanes, c *comparison) { comparePortable(sums, c) }
