package hevc

import (
	"encoding/binary"
	"errors"
)

// heicItem is a coded picture in a HEIC file, or a tile of one: its NAL units, parameter sets first.
type heicItem struct {
	id    int
	units [][]byte
}

// boxReader reads fields of ISO boxes. It panics if they end early; readHEIC turns that into an error.
type boxReader []byte

func (r *boxReader) take(n int) []byte {
	b := (*r)[:n]
	*r = (*r)[n:]
	return b
}

func (r *boxReader) number(bytes int) (v int) {
	for _, b := range r.take(bytes) {
		v = v<<8 | int(b)
	}
	return v
}

// boxes calls f for each box.
func (r boxReader) boxes(f func(kind string, content boxReader)) {
	for len(r) >= 8 {
		size, kind := r.number(4), string(r.take(4))
		switch size {
		case 0:
			size = len(r) + 8
		case 1:
			size = r.number(8) - 8
		}
		f(kind, boxReader(r.take(size-8)))
	}
}

// heicFile holds what the boxes of a HEIC file say about its coded pictures (ISO/IEC 14496-12, 8.11; 23008-12).
type heicFile struct {
	file       []byte
	coded      []int // items of type hvc1
	locations  map[int][]byte
	config     map[int][][]byte // parameter sets by index of the property
	properties map[int][]int    // property indexes by item
	inMeta     []byte           // idat
}

// readHEIC returns the coded pictures of a HEIC file that another program has written.
func readHEIC(file []byte) (items []heicItem, err error) {
	defer func() {
		if e := recover(); e != nil {
			items, err = nil, errors.New("file ends early")
		}
	}()
	h := &heicFile{file: file, locations: map[int][]byte{}, config: map[int][][]byte{}, properties: map[int][]int{}}
	boxReader(file).boxes(func(kind string, r boxReader) {
		if kind == "meta" {
			r.take(4)
			r.boxes(func(kind string, r boxReader) {
				if kind == "idat" {
					h.inMeta = r
				}
			})
			r.boxes(h.metaBox)
		}
	})
	for _, id := range h.coded {
		item := heicItem{id: id}
		for _, p := range h.properties[id] {
			item.units = append(item.units, h.config[p]...)
		}
		for r := boxReader(h.locations[id]); len(r) > 0; { // lengths of four bytes, as every encoder writes them
			item.units = append(item.units, r.take(r.number(4)))
		}
		items = append(items, item)
	}
	return items, nil
}

func (h *heicFile) metaBox(kind string, r boxReader) {
	switch kind {
	case "iloc":
		h.iloc(r)
	case "iinf":
		version := r.number(1)
		r.take(3 + 2 + 2*min(version, 1))
		r.boxes(func(kind string, r boxReader) {
			version := r.number(1)
			r.take(3)
			id := r.number(2 + 2*bit(version == 3))
			if r.take(2); string(r.take(4)) == "hvc1" {
				h.coded = append(h.coded, id)
			}
		})
	case "iprp":
		r.boxes(func(kind string, r boxReader) {
			switch kind {
			case "ipco":
				index := 0
				r.boxes(func(kind string, r boxReader) {
					if index++; kind == "hvcC" {
						h.config[index] = parameterSets(r)
					}
				})
			case "ipma":
				h.ipma(r)
			}
		})
	}
}

// parameterSets returns the NAL units in an hvcC box (ISO/IEC 14496-15, 8.3.3.1).
func parameterSets(r boxReader) (units [][]byte) {
	r.take(22)
	for range r.number(1) {
		r.take(1)
		for range r.number(2) {
			units = append(units, r.take(r.number(2)))
		}
	}
	return units
}

func (h *heicFile) ipma(r boxReader) {
	version, flags := r.number(1), r.number(3)
	for range r.number(4) {
		id := r.number(2 + 2*min(version, 1))
		for range r.number(1) {
			bits := 8 + 8*(flags&1)
			h.properties[id] = append(h.properties[id], r.number(bits/8)&(1<<(bits-1)-1))
		}
	}
}

func (h *heicFile) iloc(r boxReader) {
	version := r.number(1)
	r.take(3)
	sizes := binary.BigEndian.Uint16(r.take(2))
	nibble := func(i int) int { return int(sizes >> (12 - 4*i) & 15) }
	wide := 2 + 2*bit(version == 2)
	for range r.number(wide) {
		id, inMeta := r.number(wide), false
		if version > 0 {
			inMeta = r.number(2)&15 == 1
		}
		r.take(2)
		base := r.number(nibble(2))
		for range r.number(2) {
			if version > 0 {
				r.take(nibble(3))
			}
			from, length := base+r.number(nibble(0)), r.number(nibble(1))
			data := h.file
			if inMeta {
				data = h.inMeta
			}
			h.locations[id] = append(h.locations[id], data[from:from+length]...)
		}
	}
}
