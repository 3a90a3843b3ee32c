package raster

import (
	"context"
	"math"
)

const (
	weightBits = 14
	lobes      = 3
)

// axis describes how the samples along one side of a plane become those of another. A kernel depends on nothing else.
type axis struct {
	samples int  // samples along this side of the plane
	extent  int  // length of this side of the source picture, in units
	pitch   int  // units from one sample to the next
	whole   int  // pixels that the whole extent becomes
	first   int  // first pixel that is kept
	count   int  // samples of the result
	step    int  // pixels from one sample of the result to the next
	parts   int  // positions within a step; a sample of the result is their mean
	flip    bool // the result runs from the end to the beginning
	lanes   int  // taps are padded to a multiple of this, if the plane has that many samples
}

// kernel holds the weights for every sample of the result. Sample i is computed from taps samples of the source, the
// first of which is starts[i].
type kernel struct {
	taps    int
	starts  []int32 // ascending, or descending where the axis is flipped
	weights []int16 // taps weights for each start, which sum to 1<<weightBits
	first   int     // the lowest start
	end     int     // one past the last sample that is read; at most axis.samples
}

// unchanged reports whether the result consists of samples of the source, in the same order.
func (a axis) unchanged() bool {
	return a.extent == a.whole && a.pitch == a.step && a.parts == 1 && !a.flip && a.first%a.step == 0 && a.first/a.step+a.count <= a.samples
}

// kernel calculates the weights.
func (a axis) kernel(ctx context.Context) (*kernel, error) {
	k := &kernel{starts: make([]int32, a.count), first: a.samples}
	type window struct{ lo, n int }
	windows := make([]window, a.count)
	_, reach := a.filter()
	most := min(a.samples, int(2*reach)+1+a.parts) // weights of one sample
	all, exact := make([]int16, 0, a.count*most), make([]float64, 0, most)
	for i := range windows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from := len(all)
		lo, ws := a.window(i, all, exact)
		for len(ws) > from+1 && ws[len(ws)-1] == 0 {
			ws = ws[:len(ws)-1]
		}
		lead := from
		for lead < len(ws)-1 && ws[lead] == 0 {
			lead++
		}
		all = append(ws[:from], ws[lead:]...)
		windows[i] = window{lo + lead - from, len(all) - from}
		k.taps = max(k.taps, len(all)-from)
	}
	k.taps = min((k.taps+a.lanes-1)/a.lanes*a.lanes, a.samples)
	k.weights = make([]int16, a.count*k.taps)
	for i, w := range windows {
		start := min(w.lo, a.samples-k.taps)
		k.starts[i] = int32(start)
		k.first, k.end = min(k.first, start), max(k.end, start+k.taps)
		copy(k.weights[i*k.taps+w.lo-start:], all[:w.n])
		all = all[w.n:]
	}
	return k, nil
}

// filter returns how many samples apart the zeros of the filter are, and how many samples it reaches to each side. The
// coarser of source and result decides its width.
func (a axis) filter() (scale, reach float64) {
	scale = max(1, float64(a.extent*a.step)/float64(a.whole*a.pitch*a.parts))
	return scale, float64(lobes * scale)
}

// centre returns the position of part q of sample i of the result, in samples of the source.
func (a axis) centre(i, q int) float64 {
	halves := 2*a.parts*a.first + (2*(i*a.parts+q)+1)*a.step // the unit is half a part of a pixel
	if a.flip {
		halves = 2*a.parts*a.whole - halves
	}
	return float64(halves)*float64(a.extent)/float64(2*a.parts*a.whole*a.pitch) - 0.5
}

// window appends the weights of sample i to ws and returns lo, the sample that the first weight applies to. At the
// edges it scales up the weights of the samples that exist, so that they sum to one. It rounds the running sum of the
// weights, so errors do not add up. exact is scratch space.
func (a axis) window(i int, ws []int16, exact []float64) (lo int, out []int16) {
	scale, reach := a.filter()
	left, right := a.centre(i, 0), a.centre(i, a.parts-1)
	if a.flip {
		left, right = right, left
	}
	lo = max(0, int(math.Ceil(left-reach)))
	hi := min(a.samples-1, int(math.Floor(right+reach)))
	exact = exact[:0]
	sum, running, done := 0.0, 0.0, 0
	for s := lo; s <= hi; s++ {
		w := 0.0
		for q := range a.parts {
			w += lanczos((float64(s) - a.centre(i, q)) / scale)
		}
		exact = append(exact, w)
		sum += w
	}
	for _, w := range exact {
		running += w
		upTo := int(math.Floor(float64(running/sum*(1<<weightBits)) + 0.5))
		ws = append(ws, int16(upTo-done))
		done = upTo
	}
	return lo, ws
}

// lanczos returns sinc(x) sinc(x/3) within three lobes, and 0 outside.
//
// Here and above, each product in a sum is converted to float64. The conversion keeps the compiler from fusing the
// product and the sum, as it does on some architectures, so all of them calculate the same weights.
func lanczos(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1e-9:
		return 1
	case x >= lobes:
		return 0
	}
	return lobes * sinPi(x) * sinPi(x/lobes) / (math.Pi * math.Pi * x * x)
}

// series holds the quotients of successive terms of the power series of the sine.
var series = [...]float64{1.0 / (16 * 17), 1.0 / (14 * 15), 1.0 / (12 * 13), 1.0 / (10 * 11), 1.0 / (8 * 9), 1.0 / (6 * 7), 1.0 / (4 * 5), 1.0 / (2 * 3)}

// sinPi returns the sine of pi*x, exact to 1e-11.
func sinPi(x float64) float64 {
	turns := math.Floor(x + 0.5)
	t := (x - turns) * math.Pi
	square := float64(t * t)
	sum := 1.0
	for _, q := range series {
		sum = 1 - float64(sum*square*q)
	}
	if int(turns)%2 != 0 {
		return -t * sum
	}
	return t * sum
}
