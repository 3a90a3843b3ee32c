package photo

// DefaultMemoryBudget is the memory budget in bytes of a worker that has no container's limit to derive it from.
const DefaultMemoryBudget = 1 << 30

// RenderMemory returns the part of a worker's memory budget that renders may take together. The rest is for originals,
// of which one has at most maxBytes.
func RenderMemory(budget, maxBytes int64) int64 { return budget - max(budget/4, maxBytes) }

// rendering is how much of that memory a picture of a format takes: bytes for each pixel, and a fixed number. It holds
// for the kind of picture that takes most, with the default variants and a file of at most a byte for each pixel. A
// test compares it with the engine's estimates.
var rendering = map[Format]struct{ pixel, fixed int64 }{
	JPEG: {5, 48 << 20},   // grey or YCbCr; CMYK takes up to 34
	PNG:  {9, 48 << 20},   // an animation's first frame that covers a part of the picture
	GIF:  {13, 48 << 20},  // a transparent one
	WebP: {21, 180 << 20}, // an animation's first frame with alpha, and the tables of hostile files
	HEIC: {15, 48 << 20},  // 4:4:4 with alpha, without tiles; overlays with alpha take up to 28
	AVIF: {45, 48 << 20},  // 10 bits, 4:4:4, film grain, without tiles
}

// PixelsWithin returns how many pixels of any kind of picture in the format a worker with this memory budget can
// render: see [RenderMemory]. Many kinds take less memory, and may have more pixels. It returns 0 for a format that
// Darkroom does not read.
func (f Format) PixelsWithin(budget, maxBytes int64) int64 {
	r, ok := rendering[f]
	if !ok {
		return 0
	}
	return max(0, (RenderMemory(budget, maxBytes)-r.fixed)/r.pixel)
}
