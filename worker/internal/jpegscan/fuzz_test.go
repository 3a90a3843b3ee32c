package jpegscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	stdjpeg "image/jpeg"
	"runtime"
	"testing"

	"github.com/gen2brain/jpegn"
)

// FuzzDecode decodes damaged files. A file that decodes when damage is not accepted must decode to the same picture
// when it is.
func FuzzDecode(f *testing.F) {
	for i, sub := range []jpegn.Subsampling{
		jpegn.Subsample444, jpegn.Subsample440, jpegn.Subsample422, jpegn.Subsample420, jpegn.SubsampleGray,
	} {
		for _, restart := range []int{0, 2} {
			f.Add(encode(f, scene(35, 29, uint64(i)), jpegn.EncodeOptions{
				Quality: 60 + 10*i, Subsampling: sub, RestartInterval: restart, OptimizeCoding: i%2 == 0,
			}), uint8(i))
		}
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, scene(20, 20, 7), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), uint8(1))
	for name, script := range scripts {
		for sampling := range 4 {
			d := newDrawing(newRand(uint64(sampling)), image.Pt(37, 35), 3, 1+sampling&1, 1+sampling>>1, 3*sampling, 12, 7)
			f.Add(d.file(script), uint8(sampling+len(name)))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, scale uint8) {
		denom := 1 << (scale % 4)
		strict, err := Decode(t.Context(), data, denom, false)
		if err != nil && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrCorrupt) {
			t.Fatalf("an error of no kind: %v", err)
		}
		all, allErr := Decode(t.Context(), data, denom, true)
		switch {
		case err == nil && allErr != nil:
			t.Fatalf("decodes only where damage is not accepted: %v", allErr)
		case err != nil && allErr == nil && all.Damage == nil:
			t.Fatalf("rejected, but without damage: %v", err)
		}
		if err == nil {
			for i, p := range strict.Planes {
				if !bytes.Equal(p.Pix, all.Planes[i].Pix) {
					t.Fatalf("plane %d depends on whether damage is accepted", i)
				}
			}
		}
		if full, err := Decode(t.Context(), data, 1, true); (err == nil) != (allErr == nil) || err == nil && (full.Damage == nil) != (all.Damage == nil) {
			t.Fatalf("damage depends on the scale: %v, %v at 1/%d, and %v, %v", all.Damage, allErr, denom, full.Damage, err)
		}
		if h, err := Inspect(data, true, nil); allErr == nil {
			if err != nil || len(h.Components) != len(all.Planes) {
				t.Fatalf("%v, %d components and %d planes", err, len(h.Components), len(all.Planes))
			}
		}
	})
}

// TestDecodeMutated compares pictures of damaged files with those of jpegn. The damage is one bit, byte or piece of the
// picture's data, or a number in a header.
func TestDecodeMutated(t *testing.T) {
	large := encode(t, scene(300, 250, 6), jpegn.EncodeOptions{Quality: 97}) // larger than the window
	mutate(t, [][]byte{photo(t, 0), photo(t, 5), photo(t, 1), large})
}

// TestDecodeMutatedProgressive is TestDecodeMutated for progressive pictures.
func TestDecodeMutatedProgressive(t *testing.T) {
	var seeds [][]byte
	for _, interval := range []int{0, 3} {
		data, _ := progressive(t, interval, scripts["libjpeg"])
		seeds = append(seeds, data, encode(t, scene(90, 70, 5), jpegn.EncodeOptions{Quality: 85, Progressive: true, RestartInterval: interval}))
	}
	mutate(t, seeds)
}

func mutate(t *testing.T, seeds [][]byte) {
	decoded := 0
	for i := range 1000 {
		rnd := newRand(uint64(i))
		data := bytes.Clone(seeds[i%4])
		_, head := segment(t, data, markerSOS)
		low := 2
		if i%5 > 0 {
			low = head
		}
		at := low + rnd.IntN(len(data)-low-2)
		switch rnd.IntN(4) {
		case 0:
			data[at] ^= 1 << rnd.IntN(8)
		case 1:
			data[at] = byte(rnd.Uint32())
		case 2:
			data = append(data[:at], data[min(at+1+rnd.IntN(9), len(data)-2):]...)
		case 3:
			binary.BigEndian.PutUint16(data[at:], uint16(rnd.Uint32()))
		}
		denom := denoms[rnd.IntN(4)]
		got, err := decode(data, denom)
		if err != nil {
			continue
		}
		decoded++
		want, err := reference(data, denom)
		if err != nil {
			continue // jpegn is stricter with headers
		}
		if s := difference(got, want); s != "" {
			t.Fatalf("mutation %d at 1/%d: %s", i, denom, s)
		}
	}
	if decoded < 100 {
		t.Errorf("%d mutations decode: too few to compare", decoded)
	}
}

// TestDecodeAllocates compares the memory that Decode allocates with the planes that the header asks for.
func TestDecodeAllocates(t *testing.T) {
	data := photo(t, 0)
	start, _ := segment(t, data, markerSOF0)
	binary.BigEndian.PutUint16(data[start+5:], 1000) // a damaged size, as far as the limits go
	binary.BigEndian.PutUint16(data[start+7:], 2000)
	if _, err := decode(data, 1); !errors.Is(err, ErrTruncated) {
		t.Fatalf("got %v, want ErrTruncated", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const n = 10
	for range n {
		_, _ = decode(data, 1)
	}
	runtime.ReadMemStats(&after)
	planes, got := uint64(1008*2000*3/2), (after.TotalAlloc-before.TotalAlloc)/n
	if got > planes+planes/4 {
		t.Errorf("allocates %d bytes for planes of %d", got, planes)
	}
}
