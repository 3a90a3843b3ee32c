package heif

import (
	"encoding/binary"
	"fmt"
	"slices"
)

func reader32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// file is a file whose boxes have been read.
type file struct {
	*meta
	data       []byte
	part       bool                 // coded data beyond the end of the file are left out
	codedItems map[*item]*codedItem // coded items that have been read

	animated    bool   // there is an image sequence
	credentials []byte // store of content credentials, or nil

	// Sums over the images read so far. An image counts each time it is used.
	images int
	pixels int64 // pixels of coded images, and of the canvases of overlays
	bytes  int64 // coded data
}

// ReadHeader reads the boxes of a file (ISO/IEC 14496-12 and 23008-12). It decodes nothing. If data of the
// picture are missing, the error is ErrTruncated.
func ReadHeader(data []byte) (Header, error) { return readHeader(data, false) }

// ReadPart is ReadHeader for a file that may be damaged: missing coded data are not an error.
func ReadPart(data []byte) (Header, error) { return readHeader(data, true) }

func readHeader(data []byte, part bool) (Header, error) {
	f, err := readFile(data, part)
	if err != nil {
		return Header{}, err
	}
	h, err := f.header(f.primary)
	if err != nil {
		return Header{}, err
	}
	h.EXIF, h.XMP = f.metadata()
	h.Credentials, h.Animated = f.credentials, f.animated
	return h, nil
}

// readFile reads the boxes.
func readFile(data []byte, part bool) (*file, error) {
	if Brand(data) == 0 {
		return nil, unsupported("no HEIF brand")
	}
	f := file{data: data, part: part, codedItems: map[*item]*codedItem{}}
	var count int
	list := boxes{rest: data, file: true, count: &count}
	var cut error // the last box is cut off, but the missing part may not be needed
	for cut == nil {
		kind, body, err := list.next()
		if err != nil && (kind != "mdat" || f.meta == nil) {
			return nil, err
		}
		cut = err
		if kind == "" {
			break
		}
		switch {
		case kind == "moov":
			f.animated = true
		case kind == "uuid" && f.credentials == nil && err == nil:
			f.credentials = readCredentials(body)
		case kind == "meta" && f.meta == nil:
			if f.meta, err = readMeta(body, &count); err != nil {
				return nil, err
			}
		}
	}
	if f.meta == nil && f.animated {
		return nil, unsupported("a video without a still picture")
	}
	if f.meta == nil {
		return nil, fmt.Errorf("%w: no box %q", ErrTruncated, "meta")
	}
	return &f, nil
}

// header returns the header of an item's picture, without metadata.
func (f *file) header(id uint32) (Header, error) {
	l, err := f.readItem(id, nil)
	if err != nil {
		return Header{}, fmt.Errorf("item %d: %w", id, err)
	}
	if err := l.checkMatrix(); err != nil {
		return Header{}, err
	}
	return Header{
		Codec: l.colour.codec, Width: l.layout.width, Height: l.layout.height,
		StoredWidth: l.colour.width, StoredHeight: l.colour.height, CodedPixels: f.pixels,
		Orientation: l.layout.orientation(), Depth: l.colour.depth, Alpha: l.translucent(),
		Tiles: l.tiles(), ICC: l.colour.icc, Colour: l.colour.colours(), layer: l,
	}, nil
}

// translucent reports whether a pixel of the layer may be transparent.
func (l *layer) translucent() bool {
	switch {
	case l.alpha != nil:
		return true
	case l.overlay == nil:
		return false
	case l.overlay.covered:
		return slices.ContainsFunc(l.overlay.layers, func(l layer) bool { return l.translucent() })
	}
	return l.overlay.fill.A < 0xffff
}

// tiles counts the coded pictures that hold colours.
func (l *layer) tiles() int {
	n := len(l.colour.tiles)
	if l.overlay != nil {
		for i := range l.overlay.layers {
			n += l.overlay.layers[i].tiles()
		}
	}
	return n
}
