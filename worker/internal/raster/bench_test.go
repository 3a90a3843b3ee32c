package raster

import (
	"math/rand/v2"
	"testing"
)

// These benchmarks make the largest variant of a photo of 12 million pixels that was decoded at half its size.
var large = axis{samples: 2000, extent: 4000, pitch: 2, whole: 1600, count: 1600, step: 1, parts: 1, lanes: tapsAtOnce}

func BenchmarkKernel(b *testing.B) {
	for b.Loop() {
		large.kernel(b.Context())
	}
}

func BenchmarkPlane(b *testing.B) {
	high := axis{samples: 1500, extent: 3000, pitch: 2, whole: 1200, count: 1200, step: 1, parts: 1, lanes: rowsAtOnce}
	src := noise(rand.New(rand.NewPCG(1, 2)), 2000, 1500, 2000, 2, 2)
	var kernels Kernels
	for b.Loop() {
		kernels.resamplePlane(b.Context(), src, large, high, nil)
	}
}

func BenchmarkTransposed(b *testing.B) {
	src := noise(rand.New(rand.NewPCG(1, 2)), 1600, 1200, 1600, 1, 1)
	for b.Loop() {
		src.transposed(b.Context())
	}
}
