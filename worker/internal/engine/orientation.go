package engine

import (
	"encoding/binary"
	"image"
)

// maxEXIF is the most bytes of an EXIF block that is read. In a JPEG it has at most 64 KiB, the size of a segment; PNG
// and WebP have room for more, which cameras have no use for.
const maxEXIF = 1 << 20

// orientation reads the Orientation tag of an EXIF block, which begins with the TIFF header (CIPA DC-008, 4.6.4).
// It returns 1, upright, for a block that it cannot read or that has more than maxEXIF bytes: a broken tag is no reason
// to refuse a photo. It looks at
// the first directory alone and never reads outside the block.
func orientation(tiff []byte) int {
	const (
		tagOrientation = 0x0112
		typeShort      = 3
		entrySize      = 12
	)
	if len(tiff) < 8 || len(tiff) > maxEXIF {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	for dir := tiff[at+2:]; entries > 0 && len(dir) >= entrySize; entries, dir = entries-1, dir[entrySize:] {
		if order.Uint16(dir) != tagOrientation {
			continue
		}
		value := int(order.Uint16(dir[8:]))
		if order.Uint16(dir[2:]) != typeShort || order.Uint32(dir[4:]) != 1 || value < 1 || value > 8 {
			return 1
		}
		return value
	}
	return 1
}

// upright returns the size of the picture as it is meant to be seen.
func upright(stored size, orientation int) size {
	if orientation >= 5 {
		return stored.turned()
	}
	return stored
}

// orient returns src turned and mirrored as the EXIF orientation asks, which is src itself for 1.
func orient(src *image.NRGBA, orientation int) *image.NRGBA {
	if orientation == 1 {
		return src
	}
	from := size{src.Rect.Dx(), src.Rect.Dy()}
	to := upright(from, orientation)
	dst := image.NewNRGBA(image.Rect(0, 0, to.w, to.h))

	// A walk along a row of dst is a walk in src that begins at start, goes by step each pixel, and by line from
	// one row's beginning to the next. All three are offsets into Pix.
	right, down := 4, src.Stride
	lastX, lastY := (from.w-1)*right, (from.h-1)*down
	var start, step, line int
	switch orientation {
	case 2: // mirrored left to right
		start, step, line = lastX, -right, down
	case 3: // half a turn
		start, step, line = lastX+lastY, -right, -down
	case 4: // mirrored top to bottom
		start, step, line = lastY, right, -down
	case 5: // mirrored along the main diagonal
		start, step, line = 0, down, right
	case 6: // stored a quarter turn to the left: turn right
		start, step, line = lastY, -down, right
	case 7: // mirrored along the other diagonal
		start, step, line = lastX+lastY, -down, -right
	case 8: // stored a quarter turn to the right: turn left
		start, step, line = lastX, down, -right
	}
	for y := range to.h {
		at := start + y*line
		row := dst.Pix[y*dst.Stride : y*dst.Stride+4*to.w]
		for x := 0; x < len(row); x += 4 {
			copy(row[x:x+4], src.Pix[at:at+4])
			at += step
		}
	}
	return dst
}
