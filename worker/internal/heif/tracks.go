package heif

import (
	"math"
)

// Section numbers in this file are those of ISO/IEC 14496-12, unless a comment says otherwise.

// maxTracks is the most tracks of a file. A sequence needs two: colours and alpha.
const maxTracks = 16

// readTracks reads the tracks of the movie box (8.2.1).
func readTracks(data []byte) (tracks []track, err error) {
	var count int
	movie, err := find(data, &count, "moov")
	if err != nil || movie == nil {
		return nil, err
	}
	list := boxes{rest: movie, count: &count}
	for {
		kind, body, err := list.next()
		switch {
		case err != nil:
			return nil, err
		case kind == "":
			return tracks, nil
		case kind != "trak":
			continue
		case len(tracks) == maxTracks:
			return nil, unsupported("more than %d tracks", maxTracks)
		}
		var t track
		if err := t.read(body, &count); err != nil {
			return nil, err
		}
		tracks = append(tracks, t)
	}
}

// find returns the body of the first box of a type among the boxes of data, or nil.
func find(data []byte, count *int, want string) ([]byte, error) {
	list := boxes{rest: data, file: true, count: count}
	for {
		kind, body, err := list.next()
		if kind == want && err == nil {
			return body, nil
		}
		if err != nil || kind == "" {
			return nil, err
		}
	}
}

// read reads the boxes of a track (8.3.1) and those inside them.
func (t *track) read(body []byte, count *int) error {
	list := boxes{rest: body, count: count}
	for {
		kind, body, err := list.next()
		if err != nil || kind == "" {
			return err
		}
		switch kind {
		case "tkhd":
			err = t.header(body)
		case "tref":
			err = t.references(body, count)
		case "edts", "mdia", "minf", "stbl":
			err = t.read(body, count)
		case "elst":
			err = t.edits(body)
		case "mdhd":
			r := reader{data: body}
			if v := r.version(); v == 1 {
				r.bytes(16)
			} else {
				r.bytes(8)
			}
			t.scale = r.u32()
		case "hdlr":
			r := reader{data: body}
			r.bytes(8)
			t.handler = r.fourCC()
		case "stsd":
			err = t.entry(body, count)
		case "stts":
			t.times, err = table(body, 8)
		case "stsc":
			t.runs, err = table(body, 12)
		case "stco":
			t.chunks, err = table(body, 4)
		case "co64":
			t.wide = true
			t.chunks, err = table(body, 8)
		case "stss":
			t.keysGiven = true
			t.keys, err = table(body, 4)
		case "stsz":
			err = t.sampleSizes(body)
		}
		if err != nil {
			return err
		}
	}
}

// table returns the entries of a full box that begins with their number.
func table(body []byte, size uint64) ([]byte, error) {
	r := reader{data: body}
	r.fullBox()
	entries := r.bytes(uint64(r.u32()) * size)
	if r.short {
		return nil, corrupt("a table of a track")
	}
	return entries, nil
}

// header reads a track header (8.3.2).
func (t *track) header(body []byte) error {
	r := reader{data: body}
	if v := r.version(); v == 1 {
		r.bytes(16)
		t.id = r.u32()
		r.bytes(4)
		t.duration = r.uint(8)
	} else {
		r.bytes(8)
		t.id = r.u32()
		r.bytes(4)
		if t.duration = uint64(r.u32()); t.duration == math.MaxUint32 {
			t.duration = math.MaxUint64
		}
	}
	if r.short {
		return corrupt("box %q", "tkhd")
	}
	return nil
}

// references reads the track references (8.3.3): alpha is auxiliary to its track.
func (t *track) references(body []byte, count *int) error {
	list := boxes{rest: body, count: count}
	for {
		kind, body, err := list.next()
		if err != nil || kind == "" {
			return err
		}
		if r := (reader{data: body}); kind == "auxl" {
			t.alphaOf = r.u32()
		}
	}
}

// edits reads an edit list (8.6.6), which has one edit. The first flag says that it repeats (ISO/IEC 23008-12, 9.6.1).
func (t *track) edits(body []byte) error {
	r := reader{data: body}
	v, flags := r.fullBox()
	n := r.u32()
	if v == 1 {
		t.segment = r.uint(8)
	} else {
		t.segment = uint64(r.u32())
	}
	t.edited, t.repeating = true, flags&1 != 0
	if r.short || n != 1 {
		return corrupt("box %q", "elst")
	}
	return nil
}

// sampleSizes reads a sample size box (8.7.3.2).
func (t *track) sampleSizes(body []byte) error {
	r := reader{data: body}
	r.fullBox()
	t.size, t.samples = r.u32(), r.u32()
	if t.size == 0 {
		t.sizes = r.bytes(4 * uint64(t.samples))
	}
	if r.short {
		return corrupt("box %q", "stsz")
	}
	return nil
}

// entry reads the first sample entry (8.5.2, 12.1.3) with the configuration and the colours in it.
func (t *track) entry(body []byte, count *int) error {
	r := reader{data: body}
	r.fullBox()
	r.u32()
	list := boxes{rest: r.data, count: count}
	kind, body, err := list.next()
	if err != nil {
		return err
	}
	t.kind = kind
	r = reader{data: body}
	r.bytes(24)
	t.width, t.height = r.u16(), r.u16()
	r.bytes(50)
	inner := boxes{rest: r.data, count: count}
	for {
		kind, body, err := inner.next()
		if err != nil || kind == "" {
			return err
		}
		r := reader{data: body}
		switch kind {
		case "av1C":
			t.config = body
		case "colr":
			if r.fourCC() == "nclx" {
				n := nclx{primaries: r.u16(), transfer: r.u16(), matrix: r.u16()}
				n.full = r.u8()&0x80 != 0
				if !r.short {
					t.nclx = &n
				}
			}
		case "auxi":
			r.fullBox()
			t.alphaType = r.text()
		}
	}
}
