package plane

// pixelsAtOnce are converted by the vector instructions. Of three bytes a pixel they load those of two more.
const pixelsAtOnce = 8

// convertRowAVX2 is convertRowPortable for a number of pixels that is a multiple of 8 and not 0. pix must have two more.
//
//go:noescape
func convertRowAVX2(luma, blue, red, pix []uint8, bytes, count int)

// convertRow is convertRowPortable.
func convertRow(luma, blue, red, pix []uint8, bytes int) {
	n := len(luma)
	blue, red, pix = blue[:n], red[:n], pix[:n*bytes] // panic, where the assembly would go beyond the ends
	done := 0
	if hasAVX2 && n >= pixelsAtOnce+2 {
		done = (n - 2) &^ (pixelsAtOnce - 1)
		convertRowAVX2(luma, blue, red, pix, bytes, done)
	}
	convertRowPortable(luma[done:], blue[done:], red[done:], pix[done*bytes:], bytes)
}
