//go:build linux && (amd64 || arm64)

package raster

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestVectorsConvertAsThePortableCode(t *testing.T) {
	if !hasVectors {
		t.Skip("this machine has no vector instructions")
	}
	r := rand.New(rand.NewPCG(5, 1))
	for n := 1; n < 200; n++ {
		for _, bytes := range []int{3, 4} {
			pix := guarded(t, n*bytes)
			for i := range pix {
				pix[i] = uint8(r.Uint32())
				if n%3 == 0 { // corners of the cube
					pix[i] = -(pix[i] & 1)
				}
			}
			got := [3][]uint8{guarded(t, n), guarded(t, n), guarded(t, n)}
			want := [3][]uint8{make([]uint8, n), make([]uint8, n), make([]uint8, n)}
			convertRow(got[0], got[1], got[2], pix, bytes)
			convertRowPortable(want[0], want[1], want[2], pix, bytes)
			for i := range got {
				if !slices.Equal(got[i], want[i]) {
					t.Fatalf("%d pixels of %d bytes, plane %d: other samples", n, bytes, i)
				}
			}
		}
	}
}
