package vp8l

const maxCacheBits = 11 // bits of an index of the colour cache (3.6.2.3)

// colourCache has the last colours by their hash (3.6.2.3).
type colourCache struct {
	colours [maxCached]uint32
	shift   uint // 32 less the bits of an index
}

// add puts a colour into the cache. All pixels are added, however they are coded.
func (c *colourCache) add(v uint32) {
	const hash = 0x1e35a7bd
	c.colours[hash*v>>(c.shift&31)%maxCached] = v
}
