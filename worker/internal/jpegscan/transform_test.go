package jpegscan

import (
	"bytes"
	"testing"
)

// TestTransformPortable compares the transforms that the decoder uses on this machine with the portable ones.
func TestTransformPortable(t *testing.T) {
	rnd := newRand(1)
	for i := range 20000 {
		var b [64]int32
		limit := []int32{4, 300, 1024, maxCoefficient}[i%4]
		for n := rnd.IntN(64); n >= 0; n-- {
			b[rnd.IntN(64)] = rnd.Int32N(2*limit+1) - limit
		}
		if i%8 == 3 { // the values that overflow most
			for k := range b {
				b[k] = maxCoefficient * (1 - 2*rnd.Int32N(2))
			}
		}
		const stride = 11
		got, want := make([]byte, 7*stride+8), make([]byte, 7*stride+8)
		transform8(&b, got, stride)
		transform8Portable(&b, want, stride)
		if !bytes.Equal(got, want) {
			t.Fatalf("8 by 8 of %v: got %v, want %v", b, got, want)
		}
		got, want = make([]byte, 3*stride+4), make([]byte, 3*stride+4)
		small := (*[16]int32)(b[:])
		transform4(small, got, stride)
		transform4Portable(small, want, stride)
		if !bytes.Equal(got, want) {
			t.Fatalf("4 by 4 of %v: got %v, want %v", b, got, want)
		}
	}
}

// TestTransformDC compares the shortcut for blocks of one coefficient with the full transforms.
func TestTransformDC(t *testing.T) {
	for dc := int32(-maxCoefficient); dc <= maxCoefficient; dc++ {
		for _, size := range []int{8, 4, 2} {
			b := [64]int32{dc}
			got, want := make([]byte, size*size), make([]byte, size*size)
			draw(b[:], true, got, size, size)
			draw(b[:], false, want, size, size)
			if !bytes.Equal(got, want) {
				t.Fatalf("%d at size %d: got %v, want %v", dc, size, got, want)
			}
		}
	}
}
