package vp8l

// Memory returns the most bytes that [Decode] takes for a picture of this size, excluding the returned picture and the
// prefix codes: see [CodesMemory].
func Memory(width, height int) int64 {
	const (
		pixel  = 4
		kinds  = 3       // pictures of tiles: two for transforms, and one for groups
		rows   = 6       // rows that all stages keep
		others = 1 << 20 // the colour caches, and the numbers of the groups
	)
	n := int64(width) * int64(height)
	small := int64(tiles(width, 2)) * int64(tiles(height, 2))
	return pixel*(min(n, 2*window)+kinds*small+rows*int64(width)) + others
}

// CodesMemory returns the most bytes that prefix codes take for a picture of this size that is coded in this many
// bytes. Ordinary pictures need a small part of that, but how much is known only after decoding.
func CodesMemory(width, height int, coded int64) int64 {
	const (
		most = entryBytes*(maxTable+4*(rootSize*5/2)) + groupBytes // a group of the largest possible codes
		// simple is the number of bits that the shortest code with a table of rootSize entries takes.
		simple = 4
	)
	small := int64(tiles(width, 2)) * int64(tiles(height, 2))
	return min(tablesLimit, small*most, most+coded*8/simple*(entryBytes*rootSize+groupBytes/5))
}
