package hevc

import (
	"bytes"
	"testing"
)

// TestCopyBytes copies rows of every length up to 100 samples from every place in a row.
func TestCopyBytes(t *testing.T) {
	p := Plane{Stride: 160, Width: 160, Height: 3, Depth: 8}
	for i := range p.Stride * p.Height {
		p.Pix = append(p.Pix, uint16(i*37&255))
	}
	for n := range 101 {
		for x := range 50 {
			got := bytes.Repeat([]byte{77}, n+40)
			p.CopyBytes(got[:n], x, 1)
			for i, v := range got {
				want := byte(77)
				if i < n {
					want = byte((p.Stride + x + i) * 37 & 255)
				}
				if v != want {
					t.Fatalf("%d samples from %d: sample %d is %d, want %d", n, x, i, v, want)
				}
			}
		}
	}
}
