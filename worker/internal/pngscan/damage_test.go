package pngscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/png"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
)

func TestTruncated(t *testing.T) {
	p := scene(40, 30, 4, 1)
	p.piece = 500
	file := encode(t, p)
	for n := len(signature); n < len(file); n++ {
		if _, err := Decode(file[:n]); !errors.Is(err, ErrTruncated) {
			t.Fatalf("%d of %d bytes: %v, want ErrTruncated", n, len(file), err)
		}
	}
	// The file is whole, the data of its pixels are not.
	for _, level := range []int{0, 1, 6, -2} {
		packed := deflate(t, level, p.filtered())
		for n := 0; n < len(packed); n += 1 + n/9 {
			if _, err := Decode(p.wrap(packed[:n])); !errors.Is(err, ErrTruncated) && (n > 0 || !errors.Is(err, ErrUnsupported)) {
				t.Fatalf("level %d, %d of %d bytes of data: %v, want ErrTruncated", level, n, len(packed), err)
			}
		}
	}
}

func TestCorrupt(t *testing.T) {
	p := scene(40, 30, 3, 2)
	rows := p.filtered()
	packed := deflate(t, 6, rows)
	file := p.wrap(packed)
	changed := func(from []byte, at int) []byte {
		b := bytes.Clone(from)
		b[(at+len(b))%len(b)] ^= 0x55
		return b
	}
	zlibOf := func(blocks ...byte) []byte { return p.wrap(append([]byte{0x78, 0x9c}, blocks...)) }
	for name, data := range map[string][]byte{
		"checksum of a chunk":         changed(file, len(file)-16),
		"checksum of another chunk":   changed(file, 33+8),
		"checksum of the pixels":      p.wrap(changed(packed, -1)),
		"zlib header":                 p.wrap(changed(packed, 0)),
		"unknown filter":              p.wrap(deflate(t, 6, changed(rows, 0))),
		"too many rows":               p.wrap(deflate(t, 6, append(bytes.Clone(rows), rows[:121]...))),
		"half a row":                  p.wrap(deflate(t, 6, rows[:len(rows)-50])),
		"unknown block":               zlibOf(append([]byte{7}, packed...)...),
		"stored length":               zlibOf(append([]byte{1, 9, 9, 9, 9}, packed...)...),
		"distance before the picture": zlibOf(append([]byte{0x4b, 0x04, 0x42}, packed...)...),
		"too many codes":              zlibOf(append([]byte{0xfd, 0xff, 0xff}, packed...)...),
	} {
		if _, err := Decode(data); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
		if _, err := png.Decode(bytes.NewReader(data)); err == nil {
			t.Errorf("%s: image/png decodes it", name)
		}
	}
}

// A header that promises more than its data can hold is refused before anything is allocated for it.
func TestSmallFileOfManyPixels(t *testing.T) {
	p := picture{width: 16000, height: 16000, colour: rgbAlpha, piece: 1000}
	data := p.wrap(deflate(t, 9, make([]byte, 100_000)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Decode(data)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTruncated) {
		t.Errorf("%v, want ErrTruncated", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
		t.Errorf("%d bytes allocated", n)
	}
}

// compare holds what Decode says of a file against image/png.
func compare(data []byte) (decoded bool, err error) {
	got, err := Decode(data)
	if err != nil && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrCorrupt) {
		return false, fmt.Errorf("an error of no kind: %w", err)
	}
	if errors.Is(err, ErrUnsupported) {
		return false, nil
	}
	want, other := png.Decode(bytes.NewReader(data))
	switch {
	case err != nil && other == nil:
		return false, fmt.Errorf("image/png decodes it: %w", err)
	case err != nil:
		return false, nil
	case other != nil:
		return false, fmt.Errorf("image/png does not decode it: %w", other)
	case !reflect.DeepEqual(got, want):
		return false, errors.New("another picture than that of image/png")
	}
	return true, nil
}

// repaired returns a file with the checksums of its chunks set right, so that damage reaches what they guard.
func repaired(data []byte) []byte {
	data = bytes.Clone(data)
	for at := len(signature); at+12 <= len(data); {
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

// FuzzDecode decodes damaged files, as they are and with the checksums of their chunks set right.
func FuzzDecode(f *testing.F) {
	for i := range 8 {
		p := scene(20+i, 15, 1+i%4, uint64(i))
		p.level, p.piece = []int{6, 0, 1, -2}[i/2], 100+200*(i%3)
		f.Add(encode(f, p))
	}
	p := scene(20, 20, 1, 5)
	p.colour, p.palette, p.alphas = indexed, make([]byte, 3*200), []byte{0, 1, 2}
	f.Add(encode(f, p))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, d := range [][]byte{data, repaired(data)} {
			if len(d) >= 24 && int64(binary.BigEndian.Uint32(d[16:]))*int64(binary.BigEndian.Uint32(d[20:])) > 1<<22 {
				continue // the caller's limit
			}
			if _, err := compare(d); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzInflate inflates what no encoder has made. Behind it is the checksum that image/png will find right, if it
// inflates to as many bytes as the picture has.
func FuzzInflate(f *testing.F) {
	p := scene(30, 20, 1, 1)
	for _, level := range []int{0, 1, 6, -2} {
		f.Add(deflate(f, level, p.filtered()))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		if _, err := compare(p.wrap(packed)); err != nil {
			t.Fatal(err)
		}
	})
}

// TestDecodeMutated is FuzzDecode on mutations of its own, which every run of the tests makes.
func TestDecodeMutated(t *testing.T) {
	decoded := 0
	for i := range 1000 {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		p := scene(30, 20, 1+i%4, uint64(i%16))
		p.level, p.piece = []int{6, 0, 1, -2, 9}[i%5], 50+i%300
		rows := p.filtered()
		var data []byte
		if i%3 == 0 { // damage that only the inflater can see
			packed := deflate(t, p.level, rows)
			packed[r.IntN(len(packed)-4)] ^= 1 << r.IntN(8)
			data = p.wrap(packed)
		} else {
			data = encode(t, p)
			at := r.IntN(len(data))
			data[at] ^= 1 << r.IntN(8)
			if i%3 == 1 {
				data = repaired(data)
			}
		}
		ok, err := compare(data)
		if err != nil {
			t.Fatalf("mutation %d: %v", i, err)
		}
		if ok {
			decoded++
		}
	}
	if decoded < 7 {
		t.Errorf("%d mutations decode: too few to compare", decoded)
	}
}
