package engine

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"darkroom/worker/photo"
)

// budgets are the default memory budgets of the systems in this repository: the local stack, docker-compose.yml, and
// the template's tasks with a collector.
var budgets = map[string]int64{
	"local": photo.DefaultMemoryBudget, "compose": 2 << 30 / 5 * 3, "1 vCPU": 1792 << 20 / 5 * 3, "2 vCPU": 3840 << 20 / 5 * 3,
	"4 vCPU": 7936 << 20 / 5 * 3, "8 vCPU": 16128 << 20 / 5 * 3,
}

// beyond is the prefix of pictures that may take more memory than is promised for their format.
const beyond = "JPEG, inks"

// TestPromisedPicturesFit checks that the largest picture that the API promises to accept fits the memory of a worker,
// for every format and kind, and for the budget of each system.
func TestPromisedPicturesFit(t *testing.T) {
	e := engine(t, Config{})
	files := storedPictures(t)
	for name, file := range varieties(t, 400, 300) {
		files[name] = file
	}
	tried := map[photo.Format]bool{}
	for system, budget := range budgets {
		for name, file := range files {
			h, err := e.Inspect(file)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			most := min(h.Format.PixelsWithin(budget, DefaultMaxBytes), DefaultMaxPixels)
			side := int(math.Sqrt(float64(most) * 3 / 4))
			if h.Format == photo.WebP {
				side = min(side, 12287)
			}
			memory := e.Memory(h)
			// Such a file has its size in other places too, and the estimate grows with the pixels.
			if h.Format == photo.HEIC || strings.Contains(name, "grid") {
				var fixed int64
				for _, v := range h.plan.variants {
					fixed += v.outputMemory(h, true, true)
				}
				memory = fixed + int64(float64(memory-fixed)/float64(h.Stored().Pixels())*float64(most))
			} else if h, err = e.Inspect(setSize(h, file, side*4/3, side)); err != nil {
				t.Fatalf("%s, resized: %v", name, err)
			} else {
				memory = e.Memory(h)
			}
			tried[h.Format] = true
			room := photo.RenderMemory(budget, DefaultMaxBytes)
			if memory > room && !strings.HasPrefix(name, beyond) {
				t.Errorf("%s: %s of %d pixels takes %d bytes of %d", system, name, most, memory, room)
			}
		}
		for _, f := range photo.Readable {
			if least := f.PixelsWithin(budget, DefaultMaxBytes); least < 12_000_000 {
				t.Errorf("%s: %d pixels of %s are promised, fewer than a phone takes", system, least, f)
			}
		}
	}
	if len(tried) != len(photo.Readable) {
		t.Errorf("only %v were tried", tried)
	}
}

// setSize returns the file with another size in its header.
func setSize(h Header, file []byte, w, ht int) []byte {
	file = bytes.Clone(file)
	be, le := binary.BigEndian, binary.LittleEndian
	switch h.Format {
	case photo.JPEG:
		for _, marker := range []byte{markerSOF0, markerSOF2} {
			if at := bytes.Index(file, []byte{0xff, marker, 0}); at >= 0 {
				be.PutUint16(file[at+5:], uint16(ht))
				be.PutUint16(file[at+7:], uint16(w))
			}
		}
		file = append(file, make([]byte, w*ht/1024)...) // no smaller file has so many pixels
	case photo.PNG:
		be.PutUint32(file[16:], uint32(w))
		be.PutUint32(file[20:], uint32(ht))
		file = insert(file, 33, chunk("IDAT", make([]byte, w*ht*8/1024))) // no smaller file has so many pixels
		if at := bytes.Index(file, []byte("PLTE")); at >= 0 {
			file = insert(file, 33, chunk("PLTE", make([]byte, 3)))
		}
		fixChecksums(file)
	case photo.GIF:
		le.PutUint16(file[6:], uint16(w))
		le.PutUint16(file[8:], uint16(ht))
	case photo.WebP:
		if at := bytes.Index(file, []byte("VP8X")); at >= 0 {
			copy(file[at+12:], put24(put24(nil, w-1), ht-1))
		}
		if at := bytes.Index(file, []byte("ANMF")); at >= 0 {
			copy(file[at+14:], put24(put24(nil, w-1), ht-1))
			copy(file[at+8:], make([]byte, 6))
		}
		if at := bytes.Index(file, []byte("VP8 ")); at >= 0 {
			le.PutUint16(file[at+14:], uint16(w))
			le.PutUint16(file[at+16:], uint16(ht))
		}
		if at := bytes.Index(file, []byte("VP8L")); at >= 0 {
			bits := le.Uint32(file[at+9:])
			le.PutUint32(file[at+9:], bits&^(1<<28-1)|uint32(w-1)|uint32(ht-1)<<14)
		}
	case photo.AVIF:
		for at := 0; ; {
			i := bytes.Index(file[at:], []byte("ispe\x00\x00\x00\x00"))
			if i < 0 {
				break
			}
			at += i + 8
			be.PutUint32(file[at:], uint32(w))
			be.PutUint32(file[at+4:], uint32(ht))
		}
	}
	return file
}
