package variant

import (
	"testing"

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
	for name, l := range map[string]look{"jpeg": {opaque: true}, "png": {}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.encode(m, DefaultQuality); err != nil {
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
