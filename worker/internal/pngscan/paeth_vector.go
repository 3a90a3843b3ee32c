//go:build amd64 || arm64

package pngscan

// vectorSlack is how many pixels at the end of a row the vector code leaves to the portable code: it loads up to eight
// bytes, starting at the next pixel.
const vectorSlack = 4

// paethVector is paethPortable for the first pixels of a row, of 3 or 4 bytes each. There must be at least one,
// followed by vectorSlack more.
//
//go:noescape
func paethVector(row, above []byte, pixel, count int)

// paethRow is paethPortable.
func paethRow(row, above []byte, pixel int) {
	above = above[:len(row)]
	count := len(row)/pixel - vectorSlack
	if !hasVectors || pixel < 3 || pixel > 4 || count < 1 {
		paethPortable(row, above, pixel)
		return
	}
	paethVector(row, above, pixel, count)
	paethFrom(count*pixel, row, above, pixel)
}
