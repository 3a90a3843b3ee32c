package format

import "darkroom/worker/internal/exif"

// orientation returns the value of an EXIF block's Orientation tag, or 1 (upright) if the block has no valid tag: a
// broken tag is no reason to reject a photo.
func orientation(block []byte) int { return max(1, orientationTag(block)) }

// orientationTag reads the Orientation tag of an EXIF block. The tag should be a SHORT, but programs write other
// integer types, and all are read. orientationTag returns 0 for a block that has no valid tag. See [exif.Entries].
func orientationTag(block []byte) int {
	for e := range exif.Entries(block) {
		if e.Tag != exif.Orientation {
			continue
		}
		value := e.Integer()
		if e.Count != 1 || value < 1 || value > 8 {
			return 0
		}
		return int(value)
	}
	return 0
}
