// Package c2pa reads which program made the content credentials of a picture: the manifest store that the specification
// of the Coalition for Content Provenance and Authenticity (C2PA, version 2.2) embeds in files. It verifies nothing:
// neither signatures nor whether the store belongs to the picture.
//
// A store is a JUMBF superbox (ISO/IEC 19566-5) of superboxes, each of which is a manifest. The last manifest is the
// active one. Its claim, in CBOR, names the program that made it.
//
// Section numbers are those of the C2PA specification, unless a comment names JUMBF.
package c2pa

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// label is the label of a store's superbox (11.1.4.2).
const label = "c2pa"

// The end of every superbox type, after its first four characters (11.1.4).
const typeTail = "\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"

// Limits of a store.
const (
	maxBoxes = 1 << 14   // boxes that are read in the whole store; a manifest has about 20
	maxClaim = 256 << 10 // bytes of a claim; claims in use have about 2 KiB
)

// IsStore reports whether data begin like the superbox of a store.
func IsStore(data []byte) bool {
	s := store{parts: [][]byte{data}, size: int64(len(data))}
	outer, ok := s.header(0, s.size)
	if !ok || outer.kind != "jumb" {
		return false
	}
	_, name, ok := s.description(outer)
	return ok && name == label
}

// Generator returns the name of the program that made the active manifest of a store, and its version if it says so.
// The store comes in parts, one after another. The result is "" if the store is damaged or names no program. The text
// is under the control of whoever made the store.
func Generator(parts ...[]byte) string {
	s := store{parts: parts}
	for _, p := range parts {
		s.size += int64(len(p))
	}
	outer, ok := s.header(0, s.size)
	if !ok || outer.kind != "jumb" {
		return ""
	}
	var active box
	for child := range s.children(outer) {
		if kind, _, ok := s.description(child); ok && (kind == "c2ma" || kind == "c2um") {
			active = child
		}
	}
	for child := range s.children(active) {
		if kind, _, ok := s.description(child); ok && kind == "c2cl" {
			return s.claim(child)
		}
	}
	return ""
}

// claim returns the program that the claim in a superbox names.
func (s *store) claim(superbox box) string {
	for content := range s.children(superbox) {
		if content.kind == "cbor" && content.end-content.start <= maxClaim {
			return generator(s.bytes(content.start, content.end-content.start))
		}
	}
	return ""
}

// Memory is the most bytes that [Generator] takes.
const Memory = 8 * maxClaim

// decoding refuses CBOR features that no claim needs.
var decoding = func() cbor.DecMode {
	m, err := cbor.DecOptions{MaxNestedLevels: 16, MaxArrayElements: 4096, MaxMapPairs: 1024}.DecMode()
	if err != nil {
		panic(err) // the error is nil, because the options are valid
	}
	return m
}()

// program is an entry of claim_generator_info (10.2.1).
type program struct {
	Name    string `cbor:"name"`
	Version string `cbor:"version"`
}

// generator returns the program that a claim names (10.2.1). A claim of version 2 has a map of its name and version. A
// claim of version 1 has an array of such maps, and a text like a User-Agent.
func generator(claim []byte) string {
	var c struct {
		Generator string          `cbor:"claim_generator"`
		Info      cbor.RawMessage `cbor:"claim_generator_info"`
	}
	if decoding.Unmarshal(claim, &c) != nil {
		return ""
	}
	var programs []program
	if decoding.Unmarshal(c.Info, &programs) != nil {
		programs = make([]program, 1)
		if decoding.Unmarshal(c.Info, &programs[0]) != nil {
			programs = nil
		}
	}
	switch {
	case len(programs) == 0 || programs[0].Name == "":
		return c.Generator
	case programs[0].Version == "":
		return programs[0].Name
	}
	return programs[0].Name + " " + programs[0].Version
}

// store reads the boxes of a store that comes in parts.
type store struct {
	parts [][]byte
	size  int64
	boxes int // read so far
}

// box is a box with the position of its contents.
type box struct {
	kind       string
	start, end int64
}

// bytes returns n bytes at a position, or fewer if the store ends. They may share memory with it.
func (s *store) bytes(pos, n int64) []byte {
	var out []byte
	for _, p := range s.parts {
		if pos >= int64(len(p)) {
			pos -= int64(len(p))
			continue
		}
		piece := p[pos:min(pos+n, int64(len(p)))]
		n, pos = n-int64(len(piece)), 0
		if out == nil {
			out = slices.Clip(piece)
		} else {
			out = append(out, piece...)
		}
		if n == 0 {
			break
		}
	}
	return out
}

// header reads the header of the box at a position before end. A box that extends beyond end is cut off there.
func (s *store) header(pos, end int64) (b box, ok bool) {
	head := s.bytes(pos, min(16, end-pos))
	if s.boxes++; len(head) < 8 || s.boxes > maxBoxes {
		return box{}, false
	}
	size, start := uint64(binary.BigEndian.Uint32(head)), pos+8
	switch {
	case size == 0: // the box extends to the end
		size = uint64(end - pos)
	case size == 1 && len(head) == 16:
		size, start = binary.BigEndian.Uint64(head[8:]), pos+16
	}
	if size < uint64(start-pos) {
		return box{}, false
	}
	return box{kind: string(head[4:8]), start: start, end: pos + int64(min(size, uint64(end-pos)))}, true
}

// children returns the boxes in a box.
func (s *store) children(b box) func(yield func(box) bool) {
	return func(yield func(box) bool) {
		for pos := b.start; pos < b.end; {
			child, ok := s.header(pos, b.end)
			if !ok || !yield(child) {
				return
			}
			pos = child.end
		}
	}
}

// maxDescription is how many bytes of a description box are read. Labels of manifests have about 60 bytes.
const maxDescription = 1 << 10

// description reads the description box that a superbox begins with (JUMBF, A.3): the four characters of its type, and
// its label. It reports false if the box is not a superbox of a type that C2PA defines.
func (s *store) description(b box) (kind, name string, ok bool) {
	const labelled = 1 << 1
	if b.kind != "jumb" {
		return "", "", false
	}
	d, ok := s.header(b.start, b.end)
	if !ok || d.kind != "jumd" {
		return "", "", false
	}
	body := s.bytes(d.start, min(d.end-d.start, maxDescription))
	if len(body) < 17 || string(body[4:16]) != typeTail {
		return "", "", false
	}
	if body[16]&labelled != 0 {
		text, _, _ := bytes.Cut(body[17:], []byte{0})
		name = string(text)
	}
	return string(body[:4]), name, true
}
