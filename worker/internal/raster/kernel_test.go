package raster

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

func TestLanczos(t *testing.T) {
	for i := -400; i <= 400; i++ {
		x := float64(i) / 100
		want := math.Sin(math.Pi*x) / (math.Pi * x) * math.Sin(math.Pi*x/3) / (math.Pi * x / 3)
		switch {
		case i == 0:
			want = 1
		case i <= -300, i >= 300:
			want = 0
		}
		if got := lanczos(x); math.Abs(got-want) > 1e-10 {
			t.Errorf("%v: %v, want %v", x, got, want)
		}
	}
}

// TestKernel checks the bounds on which the arithmetic of the rows relies: no sum exceeds 32 bits, and no row exceeds
// 16.
func TestKernel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a := someAxis(r, []int{rowsAtOnce, tapsAtOnce}[r.IntN(2)])
		k := must(a.kernel(t.Context()))
		first, end := a.samples, 0
		for i, start := range k.starts {
			sum, size := 0, 0
			for _, w := range k.weights[i*k.taps : (i+1)*k.taps] {
				sum += int(w)
				size += max(int(w), -int(w))
			}
			if sum != 1<<weightBits || size > 2<<weightBits {
				t.Fatalf("%+v: weights of %d sum to %d, %d without their signs", a, i, sum, size)
			}
			if start < 0 || int(start)+k.taps > a.samples {
				t.Fatalf("%+v: %d begins at %d with %d taps", a, i, start, k.taps)
			}
			first, end = min(first, int(start)), max(end, int(start)+k.taps)
		}
		if k.first != first || k.end != end {
			t.Fatalf("%+v: from %d to %d, says %d to %d", a, first, end, k.first, k.end)
		}
		if k.taps%a.lanes != 0 && k.taps != a.samples {
			t.Fatalf("%+v: %d taps", a, k.taps)
		}
	}
}

// TestKernelsAreTheSameEverywhere checks that the weights are the same on every architecture.
func TestKernelsAreTheSameEverywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	sum := sha256.New()
	for range 2000 {
		k := must(someAxis(r, tapsAtOnce).kernel(t.Context()))
		for _, v := range []any{k.starts, k.weights} {
			if err := binary.Write(sum, binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	const want = "ac57a9bc697bb981d76559c76eab4c0489614f62fc4c0eab7ca4527eb8dfd3ae"
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKernelsAreBounded(t *testing.T) {
	var kernels Kernels
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 300 {
				a := axis{samples: 2000, extent: 2000, pitch: 1, whole: 1000 + (i+g*100)%400, count: 1000, step: 1, parts: 1, lanes: tapsAtOnce}
				if k := must(kernels.kernel(t.Context(), a)); len(k.starts) != a.count {
					t.Errorf("%+v: a kernel of %d", a, len(k.starts))
				}
			}
		})
	}
	wg.Wait()
	var size int64
	for _, k := range kernels.kept {
		size += k.size()
	}
	if size != kernels.size || size > maxKept || size == 0 {
		t.Errorf("%d bytes are kept, counted %d, at most %d", size, kernels.size, maxKept)
	}
	a := axis{samples: 65535, extent: 65535, pitch: 1, whole: 60000, count: 60000, step: 1, parts: 1, lanes: tapsAtOnce}
	if before := kernels.size; must(kernels.kernel(t.Context(), a)) == nil || kernels.size != before {
		t.Error("a kernel that would take most of the room is kept")
	}
	b := axis{samples: 100, extent: 100, pitch: 1, whole: 50, count: 50, step: 1, parts: 1, lanes: tapsAtOnce}
	if k := must(kernels.kernel(t.Context(), b)); must(kernels.kernel(t.Context(), b)) != k {
		t.Error("a kernel is calculated twice")
	}
}
