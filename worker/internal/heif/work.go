package heif

import "fmt"

// Limits on the contents of a file. They are far beyond what cameras and editors write: a picture of 48 megapixels in
// tiles of 512 x 512 has some 200 items, and twice as many with a gain map.
const (
	maxBoxes         = 20_000 // boxes that are read, in the whole file
	maxItems         = 8192
	maxProperties    = 4096
	maxAssociations  = 64     // properties of an item
	maxAssociated    = 20_000 // entries of all boxes that give properties to items
	maxExtents       = 20_000 // extents of all items
	maxReferences    = 20_000
	maxTiles         = 1024          // tiles of a grid: 268 megapixels in tiles of 512 x 512
	maxImages        = 4 * maxTiles  // images read, counted each time they are used
	maxDepth         = 8             // images derived from each other
	maxCodedPixels   = 3 * MaxPixels // pixels of all coded pictures, including alpha and canvases
	maxUses          = 16            // uses of one coded picture; editors repeat a stamp or an empty tile
	maxShared        = 64 << 10      // bytes of coded data beyond twice the file
	maxParameterSets = 32            // sets in an HEVC configuration, and in the data of an item; pictures have three
	maxConfig        = 64 << 10      // bytes of an HEVC configuration; it can hold messages too
	maxSlices        = 4096          // slice segments of a coded picture: level 6.2 allows 600 (ITU-T H.265, table A.8)
	maxUnits         = 8192          // units of an AV1 picture, which can have 4096 tiles in as many units
)

// WorkError reports that decoding the file would take more work than a picture of its size is worth. It wraps
// [ErrUnsupported].
type WorkError struct {
	Part  Part
	Limit int64
}

func (e *WorkError) Error() string {
	return fmt.Sprintf("%v: more than %d %s", ErrUnsupported, e.Limit, e.Part)
}

func (e *WorkError) Unwrap() error { return ErrUnsupported }

// Part is a kind of contents that a file can have too much of.
type Part string

// Parts of a file that take time to read. A coded picture counts each time it is used.
const (
	Boxes         Part = "boxes"
	Items         Part = "items"
	Properties    Part = "properties"
	Extents       Part = "pieces of coded data"
	References    Part = "references"
	Tiles         Part = "tiles"
	Images        Part = "images that it is derived from"
	Levels        Part = "levels of images derived from each other"
	CodedPixels   Part = "pixels in the pictures that it is made of"
	CodedBytes    Part = "bytes in the pictures that it is made of"
	CodedUses     Part = "uses of one picture that it is made of"
	ParameterSets Part = "parameter sets"
	ConfigBytes   Part = "bytes of parameter sets"
	Slices        Part = "slices"
	Units         Part = "units of coded data"
)

// Parts lists every Part.
var Parts = []Part{Boxes, Items, Properties, Extents, References, Tiles, Images, Levels, CodedPixels, CodedBytes, CodedUses,
	ParameterSets, ConfigBytes, Slices, Units}

// checkLimit returns a WorkError if n is more than the limit.
func checkLimit[N int | int64](part Part, n, limit N) error {
	if n > limit {
		return &WorkError{part, int64(limit)}
	}
	return nil
}
