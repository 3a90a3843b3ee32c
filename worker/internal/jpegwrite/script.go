package jpegwrite

// Scan is a scan of a progressive file (G.1.1.1). It codes bits of the coefficients First to Last, in zigzag order, of some
// planes. High is the number of low bits that the scan before left out, or 0 in the first scan of these coefficients. Low
// is the number of bits that this scan leaves out.
type Scan struct {
	Planes      []int // a picture without one of them has the scan without it
	First, Last int
	High, Low   int
}

// usualScript is that of jpegli at its progressive level 2: the colours are soon complete, and the fine detail comes in
// three steps.
var usualScript = []Scan{
	{Planes: []int{0, 1, 2}, First: 0, Last: 0},
	{Planes: []int{0}, First: 1, Last: 2},
	{Planes: []int{1}, First: 1, Last: 2},
	{Planes: []int{2}, First: 1, Last: 2},
	{Planes: []int{0}, First: 3, Last: 63, Low: 2},
	{Planes: []int{1}, First: 3, Last: 63, Low: 2},
	{Planes: []int{2}, First: 3, Last: 63, Low: 2},
	{Planes: []int{0}, First: 3, Last: 63, High: 2, Low: 1},
	{Planes: []int{1}, First: 3, Last: 63, High: 2, Low: 1},
	{Planes: []int{2}, First: 3, Last: 63, High: 2, Low: 1},
	{Planes: []int{0}, First: 3, Last: 63, High: 1},
	{Planes: []int{1}, First: 3, Last: 63, High: 1},
	{Planes: []int{2}, First: 3, Last: 63, High: 1},
}
