package engine

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"

	"darkroom/worker/internal/credit"
	"darkroom/worker/photo"
)

// Each decoder has its own fuzz target: a fuzzer with all of them would spend its time on the fastest one.

// fuzzFormat renders files of one format with and without damage accepted.
func fuzzFormat(f *testing.F, format photo.Format, more ...[]byte) {
	seeds := files(f, 24, 16)
	for _, name := range slices.Sorted(maps.Keys(seeds)) {
		if strings.HasPrefix(name, string(format)) {
			f.Add(seeds[name])
		}
	}
	for _, file := range more {
		f.Add(file)
	}
	c := Config{Specs: []Spec{{Name: "v", Width: 9, Height: 9, Fit: Inside, Quality: 80}}, MaxBytes: 1 << 20, MaxPixels: 1 << 14, Keep: credit.Fields}
	strict := engine(f, c)
	c.Damaged = true
	lenient := engine(f, c)
	f.Fuzz(func(t *testing.T, data []byte) {
		if format == photo.PNG && bytes.HasPrefix(data, []byte(pngSignature)) {
			data = bytes.Clone(data)
			fixChecksums(data)
		}
		if h, err := strict.Inspect(data); err == nil && h.Format != format {
			return
		}
		if _, err := comparePolicies(t, strict, lenient, data); err != nil {
			t.Fatal(err)
		}
	})
}

// fixChecksums corrects the checksums of the chunks of a PNG, which a fuzzer would not find.
func fixChecksums(data []byte) {
	for rest := data[len(pngSignature):]; len(rest) >= 12; {
		length := int64(binary.BigEndian.Uint32(rest))
		if length > int64(len(rest)-12) {
			return
		}
		binary.BigEndian.PutUint32(rest[8+length:], crc32.ChecksumIEEE(rest[4:8+length]))
		rest = rest[12+length:]
	}
}

func FuzzJPEG(f *testing.F) {
	fuzzFormat(f, photo.JPEG, plantedFiles(f, author, "54.3213N-GPS-secret")["JPEG"], flatJPEG(adobe(0), 1, 2, 3, 4), flatJPEG(append(adobe(2), iccSegment(1, 1, inkProfile())...), 9, 8, 7, 6))
}

func FuzzPNG(f *testing.F) {
	fuzzFormat(f, photo.PNG, encodePNG(5, 3, 8, 2, 1, chunk("tRNS", make([]byte, 6)), make([]byte, 100)),
		plantedFiles(f, author, "54.3213N-GPS-secret")["PNG"], insert(toPNG(f, scene(9, 7)), 33, append(pngICC(displayP3()), chunk("eXIf", exifBlock(binary.BigEndian, 6))...)))
}

func FuzzGIF(f *testing.F) {
	fuzzFormat(f, photo.GIF, plantedFiles(f, author, "54.3213N-GPS-secret")["GIF"])
}

func FuzzWebP(f *testing.F) {
	fuzzFormat(f, photo.WebP, plantedFiles(f, author, "54.3213N-GPS-secret")["WebP"], riff("VP8X", vp8x(1<<5, 9, 7), "ICCP", string(displayP3()), "VP8L", vp8l(scene(9, 7)), "EXIF", string(exifBlock(binary.LittleEndian, 3))))
}
