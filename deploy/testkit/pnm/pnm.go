// Package pnm reads the pictures that the command-line decoders write, for tests that compare with them: PGM, PPM and
// PAM (https://netpbm.sourceforge.net/doc/).
package pnm

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
)

// Decode returns the first picture in data. Samples of 16 bits keep their upper 8, others are scaled to 8 bits. A
// picture without alpha is opaque. Only the binary forms are supported: P5, P6 and P7.
func Decode(data []byte) (*image.NRGBA, error) {
	var w, h, most, depth int
	var rest []byte
	if head, pixels, ok := bytes.Cut(data, []byte("ENDHDR\n")); ok && bytes.HasPrefix(data, []byte("P7\n")) {
		fields := map[string]*int{"WIDTH": &w, "HEIGHT": &h, "DEPTH": &depth, "MAXVAL": &most}
		for line := range bytes.Lines(head) {
			var name string
			var value int
			if n, _ := fmt.Sscan(string(line), &name, &value); n == 2 && fields[name] != nil {
				*fields[name] = value
			}
		}
		rest = pixels
	} else {
		var kind byte
		if _, err := fmt.Sscanf(string(data[:min(len(data), 64)]), "P%c\n%d %d\n%d\n", &kind, &w, &h, &most); err != nil {
			return nil, fmt.Errorf("pnm: header: %w", err)
		}
		switch kind {
		case '5':
			depth = 1
		case '6':
			depth = 3
		default:
			return nil, fmt.Errorf("pnm: kind P%c is not supported: want P5, P6 or P7", kind)
		}
		rest = data[len(fmt.Sprintf("P%c\n%d %d\n%d\n", kind, w, h, most)):]
	}
	if w < 1 || h < 1 || depth < 1 || depth > 4 || most < 1 || most > 0xffff {
		return nil, fmt.Errorf("pnm: %d x %d pixels of %d samples up to %d", w, h, depth, most)
	}
	size := 1
	if most > 0xff {
		size = 2
	}
	if len(rest) < w*h*depth*size {
		return nil, errors.New("pnm: the pixels are incomplete")
	}
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		var s [4]uint8
		for c := range depth {
			at := (i*depth + c) * size
			switch value := int(rest[at]); {
			case most == 0xffff:
				s[c] = rest[at]
			case size == 2:
				s[c] = scaled(value<<8|int(rest[at+1]), most)
			default:
				s[c] = scaled(value, most)
			}
		}
		m.SetNRGBA(i%w, i/w, pixel(s, depth))
	}
	return m, nil
}

// scaled returns a sample of 0 to most as one of 0 to 255.
func scaled(value, most int) uint8 { return uint8((min(value, most)*255 + most/2) / most) }

// pixel returns the pixel with depth samples: grey or RGB, with alpha if depth is even.
func pixel(s [4]uint8, depth int) color.NRGBA {
	switch depth {
	case 1:
		return color.NRGBA{s[0], s[0], s[0], 255}
	case 2:
		return color.NRGBA{s[0], s[0], s[0], s[1]}
	case 3:
		return color.NRGBA{s[0], s[1], s[2], 255}
	}
	return color.NRGBA{s[0], s[1], s[2], s[3]}
}
