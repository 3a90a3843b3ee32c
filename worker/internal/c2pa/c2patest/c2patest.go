// Package c2patest makes stores of content credentials for tests. Nothing in them is signed.
package c2patest

import (
	"encoding/binary"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Box returns a box of a type with these contents (ISO/IEC 19566-5, A.2).
func Box(kind string, contents ...[]byte) []byte {
	b := append(make([]byte, 4), kind...)
	for _, c := range contents {
		b = append(b, c...)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

// Superbox returns a superbox of a type that C2PA defines, given by its first four characters.
func Superbox(kind, label string, contents ...[]byte) []byte {
	const requestable, labelled = 1, 2
	body := append([]byte(kind), "\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	body = append(append(append(body, requestable|labelled), label...), 0)
	return Box("jumb", append([][]byte{Box("jumd", body)}, contents...)...)
}

// Manifest returns a manifest whose claim is a map of these members.
func Manifest(label string, claim map[string]any) []byte {
	text, err := cbor.Marshal(claim)
	if err != nil {
		panic(fmt.Sprintf("claim of a test: %v", err))
	}
	return Superbox("c2ma", label,
		Superbox("c2as", "c2pa.assertions", Superbox("cbor", "c2pa.actions.v2", Box("cbor", []byte{0xa0}))),
		Superbox("c2cl", "c2pa.claim.v2", Box("cbor", text)),
		Superbox("c2cs", "c2pa.signature", Box("cbor", []byte{0xa0})))
}

// Store returns a store of one manifest that names a program as its generator.
func Store(name, version string) []byte {
	return Superbox("c2pa", "c2pa", Manifest("urn:c2pa:1", map[string]any{
		"instanceID": "xmp:iid:1", "claim_generator_info": map[string]any{"name": name, "version": version}}))
}

// Segments returns the payloads of the APP11 segments that hold a box in a JPEG. Each holds at most limit bytes of its
// contents (ISO/IEC 19566-5, D.2).
func Segments(box []byte, instance uint16, limit int) [][]byte {
	var segments [][]byte
	head, rest := box[:8], box[8:]
	for sequence := uint32(1); len(rest) > 0; sequence++ {
		p := binary.BigEndian.AppendUint16([]byte("JP"), instance)
		p = append(binary.BigEndian.AppendUint32(p, sequence), head...)
		n := min(limit, len(rest))
		segments, rest = append(segments, append(p, rest[:n]...)), rest[n:]
	}
	return segments
}

// UUIDBox returns the body of the uuid box that holds a store in HEIC and AVIF: without the UUID itself.
func UUIDBox(store []byte) []byte {
	return append([]byte("\x00\x00\x00\x00manifest\x00\x00\x00\x00\x00\x00\x00\x00\x00"), store...)
}
