package variant

import (
	"bytes"
	"image/jpeg"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"
)

// The stages for a photo of 12 million pixels, and for smaller pictures of the other formats.

func BenchmarkInspect(b *testing.B) {
	e, file := engine(b, Config{}), toJPEG(b, scene(4000, 3000), &jpegn.EncodeOptions{Quality: 90})
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := e.Inspect(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	m := scene(4000, 3000)
	for name, o := range map[string]*jpegn.EncodeOptions{"baseline": {Quality: 90}, "progressive": {Quality: 90, Progressive: true}} {
		file := toJPEG(b, m, o)
		h, err := engine(b, Config{}).Inspect(file)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := decode(file, h, size{1600, 1200}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkShrink(b *testing.B) {
	m := scene(2000, 1500)
	for b.Loop() {
		shrink(m, size{1600, 1200})
	}
}

func BenchmarkOrient(b *testing.B) {
	m := scene(1600, 1200)
	for b.Loop() {
		orient(m, 6)
	}
}

func BenchmarkEncode(b *testing.B) {
	m := scene(1600, 1200)
	for name, s := range map[string]Spec{"jpeg": {Formats: []Output{JPEG}}, "jpeg progressive": {Formats: []Output{JPEG}, Progressive: true},
		"png": {Formats: []Output{PNG}}, "webp": {Formats: []Output{WebP}}, "webp lossless": {Formats: []Output{WebP}, Lossless: true}} {
		s.Quality = DefaultQuality
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := (look{opaque: true}).encode(frame{rgb: m}, s, Header{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	e := engine(b, Config{})
	all := files(b, 1000, 750)
	all["jpeg 12 MP"] = toJPEG(b, scene(4000, 3000), &jpegn.EncodeOptions{Quality: 90})
	for name, file := range all {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				render(b, e, file)
			}
		})
	}
}

// BenchmarkPlainly makes the same variants of the same 12 MP photo as a Go program does without an engine: the
// standard decoder, a resize from full size for each variant, the standard encoder. It is what Render is compared with.
func BenchmarkPlainly(b *testing.B) {
	file := toJPEG(b, scene(4000, 3000), &jpegn.EncodeOptions{Quality: 90})
	specs := DefaultSpecs()
	for b.Loop() {
		m, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range specs {
			small := imaging.Fit(m, s.Width, s.Height, imaging.Lanczos)
			if s.Fit == Fill {
				small = imaging.Fill(m, s.Width, s.Height, imaging.Center, imaging.Lanczos)
			}
			if err := jpeg.Encode(new(bytes.Buffer), small, &jpeg.Options{Quality: s.Quality}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
