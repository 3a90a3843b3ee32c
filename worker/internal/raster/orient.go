package raster

import (
	"context"
	"image"
)

// orient returns src turned and mirrored as the EXIF orientation says. The result has the size to. For orientation 1 it
// returns src itself.
func orient(ctx context.Context, src *image.NRGBA, to Size, orientation int) (*image.NRGBA, error) {
	if orientation == 1 {
		return src, nil
	}
	from := sizeOf(src)
	dst := image.NewNRGBA(image.Rect(0, 0, to.Width, to.Height))

	// A walk along a row of dst is a walk in src. It begins at start, and moves by step from one pixel to the next and
	// by line from the beginning of one row to the next. All three are offsets into Pix.
	right, down := 4, src.Stride
	lastX, lastY := (from.Width-1)*right, (from.Height-1)*down
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
	for y := range to.Height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		pos := start + y*line
		row := dst.Pix[y*dst.Stride : y*dst.Stride+4*to.Width]
		for x := 0; x < len(row); x += 4 {
			copy(row[x:x+4], src.Pix[pos:pos+4])
			pos += step
		}
	}
	return dst, nil
}
