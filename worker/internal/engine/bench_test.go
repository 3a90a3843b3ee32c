package engine

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
)

// These benchmarks measure the stages for a photo of 12 million pixels, and for smaller pictures of the other formats.

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
				if _, err := format.Decode(b.Context(), file, h.Header, format.Target{Size: dim(1600, 1200)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkResize(b *testing.B) {
	m := scene(2000, 1500)
	var kernels raster.Kernels
	for b.Loop() {
		raster.FromRGBA(m).ResampleWhole(b.Context(), raster.Filter{Kernels: &kernels}, dim(1600, 1200), false)
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
	for name, s := range map[string]Spec{"jpeg": {Formats: []Output{JPEG}, Progressive: new(false)}, "jpeg progressive": {Formats: []Output{JPEG}, Progressive: new(true)},
		"png": {Formats: []Output{PNG}}, "webp": {Formats: []Output{WebP}}, "avif": {Formats: []Output{AVIF}}, "webp lossless": {Formats: []Output{WebP}, Lossless: true}} {
		s.Quality = DefaultQuality
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := (variantWriter{opaque: true}).write(b.Context(), raster.FromRGBA(m), variantPlan{Spec: s, lossless: s.Lossless}); err != nil {
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

// jobSpecs returns the variants for comparing engines.
func jobSpecs() []Spec {
	return []Spec{boxSpec("large", 1600, 1600, Inside, 80), boxSpec("medium", 800, 800, Inside, 80), boxSpec("small", 320, 320, Inside, 80)}
}

// BenchmarkJob renders a 12 MP photo on as many goroutines as there are processors. With -cpu 1,2 it shows how much
// rendering two in parallel gains.
func BenchmarkJob(b *testing.B) {
	e, file := engine(b, Config{Specs: jobSpecs()}), toJPEG(b, scene(4000, 3000), &jpegn.EncodeOptions{Quality: 90})
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := tryRender(e, file); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkFloor measures the job in jpegn without any resampling: decoding at 1/2, and encoding three pictures of the
// sizes that the job renders.
func BenchmarkFloor(b *testing.B) {
	file := toJPEG(b, scene(4000, 3000), &jpegn.EncodeOptions{Quality: 90})
	var small []image.Image
	for _, s := range []size{dim(1600, 1200), dim(800, 600), dim(320, 240)} {
		m, err := jpegn.Decode(bytes.NewReader(toJPEG(b, shrink(scene(4000, 3000), s), &jpegn.EncodeOptions{Quality: 98})), nil)
		if err != nil {
			b.Fatal(err)
		}
		small = append(small, m)
	}
	for b.Loop() {
		if _, err := jpegn.Decode(bytes.NewReader(file), &jpegn.Options{ScaleDenom: 2}); err != nil {
			b.Fatal(err)
		}
		for _, m := range small {
			if err := jpegn.Encode(new(bytes.Buffer), m, &jpegn.EncodeOptions{Quality: 80, OptimizeCoding: true}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkPlainly renders the same variants of the same 12 MP photo as a Go program without an engine would: with the
// standard decoder, a resize from full size for each variant, and the standard encoder. Render is compared with it.
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
