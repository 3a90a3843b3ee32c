//go:build (amd64 || arm64) && !noasm

package hevc

// narrowVector is narrowPortable for n samples. n is a multiple of 32 and at least 32.
//
//go:noescape
func narrowVector(dst *byte, src *uint16, n int)

// narrow stores samples of 8 bits in bytes. src is as long as dst.
func narrow(dst []byte, src []uint16) {
	n := 0
	if hasVectors && len(dst) >= 32 {
		n = min(len(dst), len(src)) &^ 31
		narrowVector(&dst[0], &src[0], n)
	}
	narrowPortable(dst[n:], src[n:])
}
