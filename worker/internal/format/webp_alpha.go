package format

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"darkroom/worker/internal/vp8l"
)

// decodeAlpha decodes the ALPH chunk of a lossy picture to one byte a pixel (RFC 9649, 2.7.1.2). Its first byte says
// how alpha is compressed and filtered.
func (p webpPicture) decodeAlpha(ctx context.Context) (alpha []byte, err error) {
	if len(p.alpha) == 0 {
		return nil, fmt.Errorf("chunk of 0 bytes")
	}
	fields, data := p.alpha[0], p.alpha[1:]
	switch compression := fields & 3; compression {
	case 0:
		if n := int(p.size.Pixels()); len(data) >= n {
			alpha = bytes.Clone(data[:n])
		} else {
			err = fmt.Errorf("%d bytes for %d pixels: %w", len(data), n, io.ErrUnexpectedEOF)
		}
	case 1:
		alpha, err = vp8l.DecodeAlpha(ctx, data, p.size.Width, p.size.Height)
	default:
		err = fmt.Errorf("compression %d, want 0 or 1", compression)
	}
	if err != nil {
		return nil, err
	}
	return alpha, unfilterAlpha(ctx, alpha, p.size.Width, fields>>2&3)
}

// unfilterAlpha adds the prediction of each value: the one to the left, the one above, or the gradient of both. The
// first row has nothing above it and is predicted from the left. The first column has nothing to the left and is
// predicted from above.
func unfilterAlpha(ctx context.Context, alpha []byte, width int, filter byte) error {
	const none, horizontal, vertical = 0, 1, 2
	if filter == none {
		return nil
	}
	var above []byte
	for ; len(alpha) > 0; alpha = alpha[width:] {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := alpha[:width]
		if above != nil {
			row[0] += above[0]
		}
		for x := 1; x < width; x++ {
			switch {
			case filter == horizontal || above == nil:
				row[x] += row[x-1]
			case filter == vertical:
				row[x] += above[x]
			default:
				row[x] += byte(min(max(int(row[x-1])+int(above[x])-int(above[x-1]), 0), 255))
			}
		}
		above = row
	}
	return nil
}
