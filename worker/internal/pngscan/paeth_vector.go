//go:build amd64 || arm64

package pngscan

// vectorSlack is how many pixels of a row the vector instructions leave: they load up to eight bytes at a time, of the
// next pixel already.
const vectorSlack = 4

// paethVector is paethPortable for the first pixels of a row, of 3 or 4 bytes each. There must be at least one, and
// beyond more.
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
