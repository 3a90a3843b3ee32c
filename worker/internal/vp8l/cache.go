package vp8l

const maxCacheBits = 11 // bits of an index of the colour cache (3.6.2.3)

// colourCache holds recent colours by hash (3.6.2.3).
type colourCache struct {
	colours [maxCached]uint32
	shift   uint // 32 minus the bits of an index
}

// add puts a colour into the cache. Every pixel is added, however it is coded.
func (c *colourCache) add(v uint32) {
	const hash = 0x1e35a7bd
	c.colours[hash*v>>(c.shift&31)%maxCached] = v
}
