package c2pa

import (
	"bytes"
	"slices"
	"testing"

	"darkroom/worker/internal/c2pa/c2patest"
)

var (
	v1 = map[string]any{"claim_generator": "Camera/1.0 c2pa-rs/0.1", "claim_generator_info": []any{map[string]any{"name": "Camera", "version": "1.0", "icon": map[string]any{"url": "x"}}}}
	v2 = map[string]any{"claim_generator_info": map[string]any{"name": "Editor", "version": "2.0"}}
)

func storeOf(manifests ...[]byte) []byte {
	return c2patest.Superbox("c2pa", "c2pa", manifests...)
}

func TestGenerator(t *testing.T) {
	manifest := func(claim map[string]any) []byte { return c2patest.Manifest("urn:1", claim) }
	whole := storeOf(manifest(v1), manifest(v2))
	large := bytes.Clone(whole)
	copy(large, "\x00\x00\x00\x01") // a size of 64 bits
	large = slices.Concat(large[:8], []byte{0, 0, 0, 0, 0, 0, 0, byte(len(whole) + 8)}, large[8:])
	large[14], large[15] = byte((len(whole)+8)>>8), byte(len(whole)+8)
	for name, c := range map[string]struct {
		store []byte
		want  string
	}{
		"version 1":             {storeOf(manifest(v1)), "Camera 1.0"},
		"version 2":             {storeOf(manifest(v2)), "Editor 2.0"},
		"the last is active":    {whole, "Editor 2.0"},
		"size of 64 bits":       {large, "Editor 2.0"},
		"size to the end":       {append(make([]byte, 4), whole[4:]...), "Editor 2.0"},
		"update manifest":       {storeOf(manifest(v1), c2patest.Superbox("c2um", "urn:2", c2patest.Superbox("c2cl", "c2pa.claim", c2patest.Box("cbor", []byte("\xa1\x6fclaim_generator\x61u"))))), "u"},
		"text alone":            {storeOf(manifest(map[string]any{"claim_generator": "Camera/1.0"})), "Camera/1.0"},
		"name alone":            {storeOf(manifest(map[string]any{"claim_generator_info": map[string]any{"name": "Editor"}})), "Editor"},
		"info without a name":   {storeOf(manifest(map[string]any{"claim_generator": "Camera/1.0", "claim_generator_info": []any{}})), "Camera/1.0"},
		"info of another type":  {storeOf(manifest(map[string]any{"claim_generator": "Camera/1.0", "claim_generator_info": 7})), "Camera/1.0"},
		"no generator":          {storeOf(manifest(map[string]any{"alg": "sha256"})), ""},
		"generator is a number": {storeOf(manifest(map[string]any{"claim_generator": 7})), ""},
		"no CBOR":               {storeOf(c2patest.Superbox("c2ma", "urn:1", c2patest.Superbox("c2cl", "c2pa.claim", c2patest.Box("cbor", []byte{0xff})))), ""},
		"deep CBOR":             {storeOf(c2patest.Superbox("c2ma", "urn:1", c2patest.Superbox("c2cl", "c2pa.claim", c2patest.Box("cbor", append([]byte("\xa1\x6fclaim_generator"), bytes.Repeat([]byte{0x81}, 1000)...))))), ""},
		"no claim":              {storeOf(c2patest.Superbox("c2ma", "urn:1")), ""},
		"no manifest":           {storeOf(), ""},
		"another kind of box":   {c2patest.Box("free", manifest(v1)), ""},
		"empty":                 {nil, ""},
	} {
		if got := Generator(c.store); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, size := range []int{1, 7, 40} { // sizes of the parts
			if got := Generator(slices.Collect(slices.Chunk(c.store, size))...); got != c.want {
				t.Errorf("%s in parts of %d: %q, want %q", name, size, got, c.want)
			}
		}
	}
}

// TestCutStores cuts a store at every position. Generator finds the program of the complete claim or nothing, and
// IsStore recognises the beginning.
func TestCutStores(t *testing.T) {
	whole := c2patest.Store("Camera", "1.0")
	for n := range whole {
		if got := Generator(whole[:n]); got != "" && got != "Camera 1.0" {
			t.Errorf("%d bytes of %d: %q", n, len(whole), got)
		}
		// The last byte of the beginning ends the label.
		if beginning := 8 + 8 + 16 + 1 + len("c2pa") + 1; IsStore(whole[:n]) != (n >= beginning-1) {
			t.Errorf("%d bytes of %d: a store is %v", n, len(whole), IsStore(whole[:n]))
		}
	}
}

func TestIsStore(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want bool
	}{
		"a store":         {c2patest.Store("a", "1"), true},
		"another label":   {c2patest.Superbox("c2pa", "c2pb"), false},
		"a box alone":     {c2patest.Box("jumd"), false},
		"a JPEG 360 box":  {c2patest.Box("jumb", c2patest.Box("jumd", []byte("\x78\x6d\x6c\x20\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03JPEG360\x00"))), false},
		"nothing":         {nil, false},
		"a foreign UUID":  {c2patest.Box("jumb", c2patest.Box("jumd", []byte("c2pa0123456789ab\x03c2pa\x00"))), false},
		"without a label": {c2patest.Box("jumb", c2patest.Box("jumd", []byte("c2pa"+typeTail+"\x00"))), false},
	} {
		if got := IsStore(c.data); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestManyBoxes counts the boxes that are read in a hostile store.
func TestManyBoxes(t *testing.T) {
	s := store{parts: [][]byte{storeOf(bytes.Repeat(c2patest.Box("free"), 1<<20))}}
	s.size = int64(len(s.parts[0]))
	outer, _ := s.header(0, s.size)
	n := 0
	for range s.children(outer) {
		n++
	}
	if n >= maxBoxes {
		t.Errorf("%d boxes read, want fewer than %d", n, maxBoxes)
	}
}

func FuzzGenerator(f *testing.F) {
	f.Add(c2patest.Store("Camera", "1.0"), 7)
	f.Add(storeOf(c2patest.Manifest("urn:1", v1), c2patest.Manifest("urn:2", v2)), 100)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size = 1 + size&0xff
		whole, parts := Generator(data), Generator(slices.Collect(slices.Chunk(data, size))...)
		if whole != parts {
			t.Fatalf("%q as a whole, %q in parts of %d", whole, parts, size)
		}
		IsStore(data)
	})
}
