package pngscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/png"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/deploy/testkit/race"
)

// compare decodes a file with and without accepting damage, and compares the result with image/png if that decodes it
// too.
func compare(data []byte) (decoded bool, err error) {
	got, rows, of, err := decode(data, false)
	if err != nil && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrCorrupt) {
		return false, fmt.Errorf("an error of an unknown kind: %w", err)
	}
	all, more, _, fault := decode(data, true)
	switch {
	case rows < of && rows > 0 && err == nil:
		return false, fmt.Errorf("%d of %d rows without an error", rows, of)
	case err == nil && (fault != nil || !bytes.Equal(got.Pix, all.Pix)):
		return false, fmt.Errorf("another picture if damage is accepted: %w", fault)
	case more < rows:
		return false, fmt.Errorf("%d rows if damage is accepted, else %d", more, rows)
	}
	want, other := png.Decode(bytes.NewReader(data))
	switch {
	case other != nil || differsFromImagePNG(data):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("image/png decodes it: %w", err)
	case !bytes.Equal(got.Pix, flat(want).Pix):
		return false, errors.New("the picture differs from that of image/png")
	}
	return true, nil
}

// differsFromImagePNG reports whether a file has features that image/png reads differently from libpng: unknown
// critical chunks, or bits of a transparent colour beyond the depth.
func differsFromImagePNG(data []byte) bool {
	depth := data[24]
	for rest := data[len(Signature):]; ; {
		c, after, err := nextChunk(rest)
		if err != nil || c.kind() == "IDAT" {
			return false
		}
		if c.isCritical() && c.kind() != "IHDR" && c.kind() != "PLTE" {
			return true
		}
		for i := 0; c.kind() == "tRNS" && data[25] != indexed && i+2 <= len(c.payload); i += 2 {
			if int(binary.BigEndian.Uint16(c.payload[i:]))>>depth > 0 {
				return true
			}
		}
		rest = after
	}
}

// repairChecksums returns a file with corrected checksums, so that damage gets past them.
func repairChecksums(data []byte) []byte {
	data = bytes.Clone(data)
	for at := len(Signature); at+12 <= len(data); {
		n := int64(binary.BigEndian.Uint32(data[at:]))
		if n > int64(len(data)-at-12) {
			break
		}
		end := at + 8 + int(n)
		binary.BigEndian.PutUint32(data[end:], crc32.ChecksumIEEE(data[at+4:end]))
		at = end + 4
	}
	return data
}

// FuzzDecode decodes damaged files, as they are and with corrected checksums.
func FuzzDecode(f *testing.F) {
	for name, p := range kinds(20, 15) {
		p.piece = 100 + 200*(len(name)%3)
		f.Add(encode(f, p))
	}
	f.Add(animated(f, scene(20, 15, rgb, 8, 1), true))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, d := range [][]byte{data, repairChecksums(data)} {
			if w, h, err := ReadSize(d); err == nil && int64(w)*int64(h) > 1<<16 {
				continue // the caller's limit
			}
			if _, err := compare(d); err != nil {
				t.Fatal(err)
			}
			if file, err := Open(d, true); err == nil && file.Frame() != nil {
				file.Frame().Image(t.Context(), nil) // any result is fine
			}
		}
	})
}

// FuzzInflate inflates arbitrary bytes.
func FuzzInflate(f *testing.F) {
	p := scene(30, 20, grey, 8, 1)
	for _, level := range []int{0, 1, 6, -2} {
		f.Add(deflate(f, level, p.filterRows()))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		if _, err := compare(p.wrap(packed)); err != nil {
			t.Fatal(err)
		}
	})
}

// TestDecodeMutated is FuzzDecode on fixed mutations, in every run of the tests.
func TestDecodeMutated(t *testing.T) {
	decoded := 0
	all := kinds(30, 20)
	names := slices.Sorted(maps.Keys(all))
	for i := 0; i < 2000; i += race.Every(7) {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		p := all[names[i%len(names)]]
		p.level, p.piece = []int{6, 0, 1, -2, 9}[i%5], 50+i%300
		var data []byte
		if i%3 == 0 { // damage that only the inflater can detect
			packed := deflate(t, p.level, p.filterRows())
			packed[r.IntN(len(packed)-4)] ^= 1 << r.IntN(8)
			data = p.wrap(packed)
		} else {
			data = encode(t, p)
			at := r.IntN(len(data))
			data[at] ^= 1 << r.IntN(8)
			if i%3 == 1 {
				data = repairChecksums(data)
			}
		}
		if w, h, err := ReadSize(data); err == nil && int64(w)*int64(h) > 1<<16 {
			continue
		}
		ok, err := compare(data)
		if err != nil {
			t.Fatalf("mutation %d: %v", i, err)
		}
		if ok {
			decoded++
		}
	}
	if decoded < 14 {
		t.Errorf("%d mutations decode: too few to compare", decoded)
	}
}
