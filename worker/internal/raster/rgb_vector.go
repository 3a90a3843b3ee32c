//go:build amd64 || arm64

package raster

// pixelsAtOnce is how many pixels the vector code converts in one step. With three bytes a pixel it reads two pixels
// beyond them.
const pixelsAtOnce = 8

// convertRowVector does what convertRowPortable does for count pixels, a multiple of 8 and at least 8. pix must have
// two pixels more.
//
//go:noescape
func convertRowVector(luma, blue, red, pix []uint8, bytes, count int)

// convertRow does what convertRowPortable does.
func convertRow(luma, blue, red, pix []uint8, bytes int) {
	n := len(luma)
	blue, red, pix = blue[:n], red[:n], pix[:n*bytes] // panics where the assembly would go past the ends
	done := 0
	if hasVectors && n >= pixelsAtOnce+2 {
		done = (n - 2) &^ (pixelsAtOnce - 1)
		convertRowVector(luma, blue, red, pix, bytes, done)
	}
	convertRowPortable(luma[done:], blue[done:], red[done:], pix[done*bytes:], bytes)
}
