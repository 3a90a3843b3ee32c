//go:build (amd64 || arm64) && !noasm

package hevc

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// kernelSamples returns rows of samples. Each 4x4 block has little noise around a mean of its own, which may be close
// to those of the other blocks. Some samples are extreme.
func kernelSamples(rng *rand.Rand, stride, rows, depth int) []uint16 {
	top := 1<<depth - 1
	noise, spread := 1+rng.IntN(4)<<(depth-8), 1+rng.IntN(1<<rng.IntN(depth+1))
	base := rng.IntN(top + 1)
	means := make([]int, (stride+3)/4*((rows+3)/4))
	for i := range means {
		means[i] = clip(base+rng.IntN(2*spread)-spread, 0, top)
		if rng.IntN(8) == 0 {
			means[i] = top * rng.IntN(2)
		}
	}
	pix := make([]uint16, stride*rows)
	for i := range pix {
		mean := means[i/stride/4*((stride+3)/4)+i%stride/4]
		pix[i] = uint16(clip(mean+rng.IntN(noise), 0, top))
		if rng.IntN(200) == 0 {
			pix[i] = uint16(top * rng.IntN(2))
		}
	}
	return pix
}

// kernelLevels returns levels of n edges. Only the given number of segments of each has levels other than 0.
func kernelLevels(rng *rand.Rand, n, segments, depth int) []levels {
	all := make([]levels, n)
	for i := range all {
		for k := range segments {
			if rng.IntN(4) > 0 {
				all[i].tc[k] = int16(tcLevels.get(rng.IntN(54))) << (depth - 8)
				all[i].beta[k] = int16(betaLevels.get(16+rng.IntN(36))) << (depth - 8)
			}
		}
	}
	return all
}

// checkKernels compares each kernel with its portable twin on the same random samples. It returns how many of the four
// edge filters changed a sample.
func checkKernels(t *testing.T, rng *rand.Rand, depth int) (changed int) {
	t.Helper()
	n, top := 1+rng.IntN(5), 1<<depth-1
	stride, rows := 16*n+rng.IntN(40), 8*(1+rng.IntN(2))
	pix := kernelSamples(rng, stride, 16, depth)
	across, along := kernelLevels(rng, n, rows/4, depth), kernelLevels(rng, n, 4, depth)
	edges := []struct {
		name      string
		got, want func(pix []uint16)
	}{
		{"lumaVertical", func(pix []uint16) { lumaVertical(pix, stride, rows, across, top) },
			func(pix []uint16) { lumaVerticalPortable(pix, stride, rows, across, top) }},
		{"lumaHorizontal", func(pix []uint16) { lumaHorizontal(pix, stride, along, top) },
			func(pix []uint16) { lumaHorizontalPortable(pix, stride, along, top) }},
		{"chromaVertical", func(pix []uint16) { chromaVertical(pix, stride, rows, across, top) },
			func(pix []uint16) { chromaVerticalPortable(pix, stride, rows, across, top) }},
		{"chromaHorizontal", func(pix []uint16) { chromaHorizontal(pix, stride, along, top) },
			func(pix []uint16) { chromaHorizontalPortable(pix, stride, along, top) }},
	}
	for _, e := range edges {
		got, want := slices.Clone(pix), slices.Clone(pix)
		e.got(got)
		e.want(want)
		if i := firstDifference(got, want); i >= 0 {
			t.Fatalf("%s, depth %d, stride %d: sample %d,%d is %d, want %d", e.name, depth, stride, i%stride, i/stride,
				got[i], want[i])
		}
		if !slices.Equal(want, pix) {
			changed++
		}
	}
	checkOffsets(t, rng, pix, stride, depth)
	return changed
}

func checkOffsets(t *testing.T, rng *rand.Rand, pix []uint16, stride, depth int) {
	t.Helper()
	n, top := 1+rng.IntN(80), 1<<depth-1
	table := [8]int16{}
	for i := range 5 {
		table[i] = int16(rng.IntN(249) - 124)
	}
	src, a, b := pix[stride:][:n], pix[rng.IntN(stride):][:n], pix[2*stride+rng.IntN(stride):][:n]
	got, want := slices.Clone(pix[3*stride:]), slices.Clone(pix[3*stride:]) // longer than the part that is set
	offsetEdges(got[:n], src, a, b, &table, top)
	offsetEdgesPortable(want[:n], src, a, b, &table, top)
	if i := firstDifference(got, want); i >= 0 {
		t.Fatalf("offsetEdges, depth %d, %d samples: sample %d is %d, want %d", depth, n, i, got[i], want[i])
	}
	first := rng.IntN(32)
	table[4] = 0
	offsetBands(got[:n], src, &table, first, depth-5, top)
	offsetBandsPortable(want[:n], src, &table, first, depth-5, top)
	if i := firstDifference(got, want); i >= 0 {
		t.Fatalf("offsetBands, depth %d, %d samples: sample %d is %d, want %d", depth, n, i, got[i], want[i])
	}
}

func TestFilterKernelsMatchPortable(t *testing.T) {
	if !hasVectors {
		t.Skip("no vector instructions")
	}
	rng := rand.New(rand.NewPCG(11, 12))
	for depth := 8; depth <= 12; depth++ {
		changed := 0
		for range 1000 {
			changed += checkKernels(t, rng, depth)
		}
		if changed < 2000 {
			t.Errorf("depth %d: only %d of 4000 filters changed a sample", depth, changed)
		}
	}
}

func FuzzFilterKernels(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint8(0))
	f.Add(uint64(3), uint64(4), uint8(4))
	f.Fuzz(func(t *testing.T, a, b uint64, depth uint8) {
		checkKernels(t, rand.New(rand.NewPCG(a, b)), 8+int(depth%5))
	})
}
