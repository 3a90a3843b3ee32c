package engine

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"
	"github.com/gen2brain/webp"

	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
)

// peak returns by how many bytes the process grows at most while f runs. It counts resident memory, like the limit of a
// container: the stacks, the linear memory of codecs and all uncollected garbage, but not memory that is allocated and
// never touched. The totals of the Go runtime would include the latter, and its samples would miss the peak. peak skips
// the test if the kernel does not report the peak.
func peak(t testing.TB, f func()) int64 {
	t.Helper()
	debug.FreeOSMemory() // the second collection also frees what the pools hold
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skipf("the peak cannot be reset here: %v", err)
	}
	before := memoryStatus(t, "VmRSS")
	f()
	return memoryStatus(t, "VmHWM") - before
}

// memoryStatus returns a line of /proc/self/status in bytes.
func memoryStatus(t testing.TB, name string) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			var kB int64
			if _, err := fmt.Sscan(rest, &kB); err != nil {
				t.Fatal(err)
			}
			return kB << 10
		}
	}
	t.Fatalf("/proc/self/status has no %s", name)
	return 0
}

// noisy returns a picture whose low bits are noise, like a photo's.
func noisy(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	seed := uint32(1)
	for i := range m.Pix {
		seed = seed*1664525 + 1013904223
		m.Pix[i] = byte(i/w) ^ byte(seed>>29)
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func quickPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func toWebP(t testing.TB, m image.Image, lossless bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := webp.Encode(&b, m, webp.Options{Quality: 60, Lossless: lossless, Method: 0}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inkJPEG returns a JPEG of four inks of one colour, baseline or progressive.
func inkJPEG(w, h int, progressive bool) []byte {
	file := flatJPEG(adobe(2), 128, 128, 128, 128)
	frame := bytes.Index(file, []byte{0xff, markerSOF0})
	scan := bytes.Index(file, []byte{0xff, markerSOS})
	copy(file[frame+5:], []byte{byte(h >> 8), byte(h), byte(w >> 8), byte(w)})
	if progressive {
		file[frame+1] = markerSOF2
		file[scan+4+1+8+1] = 0 // the last coefficient
	}
	blocks := ((w + 7) / 8) * ((h + 7) / 8)
	head := file[:scan+2+int(file[scan+3])]
	// 00 for no difference, and 0 for the end of the block.
	return slices.Concat(head, make([]byte, blocks*4*3/8+1), []byte{0xff, markerEOI})
}

// varieties returns a file of every kind of picture whose memory is estimated differently.
func varieties(t testing.TB, w, h int) map[string][]byte {
	t.Helper()
	m, less := noisy(w, h), image.Pt(max(w-8, 1), max(h-8, 1)) // less is the size of a first frame
	clear := image.NewNRGBA(m.Rect)
	copy(clear.Pix, m.Pix)
	for i := 3; i < len(clear.Pix); i += 4 {
		clear.Pix[i] = byte(i >> 8)
	}
	grey := image.NewGray(m.Rect)
	indexed := image.NewPaletted(m.Rect, palette.Plan9)
	for i := range grey.Pix {
		grey.Pix[i], indexed.Pix[i] = m.Pix[4*i], m.Pix[4*i]
	}
	deep, deepClear, deepGrey := image.NewRGBA64(m.Rect), image.NewNRGBA64(m.Rect), image.NewGray16(m.Rect)
	for i := range deep.Pix {
		deep.Pix[i], deepClear.Pix[i] = m.Pix[i/2], clear.Pix[i/2]
		if i%4 == 0 {
			deepGrey.Pix[i/4] = m.Pix[i/2]
		}
	}
	adam7 := func(depth, colourType byte, bytesPerPixel int) []byte {
		raw := 0
		// X, y and steps.
		for _, p := range [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
			raw += (h - p[1] + p[3] - 1) / p[3] * (1 + (w-p[0]+p[2]-1)/p[2]*bytesPerPixel)
		}
		return encodePNG(uint32(w), uint32(h), depth, colourType, 1, nil, make([]byte, raw))
	}
	files := map[string][]byte{
		"JPEG, inks":             inkJPEG(w, h, false),
		"JPEG, inks progressive": inkJPEG(w, h, true),
		"PNG, RGB":               quickPNG(t, m),
		"PNG, RGBA":              quickPNG(t, clear),
		"PNG, grey":              quickPNG(t, grey),
		"PNG, palette":           quickPNG(t, indexed),
		"PNG, RGB of 16 bits":    quickPNG(t, deep),
		"PNG, RGBA of 16 bits":   quickPNG(t, deepClear),
		"PNG, grey of 16 bits":   quickPNG(t, deepGrey),
		"PNG, RGB interlaced":    adam7(8, 2, 3),
		"PNG, deep interlaced":   adam7(16, 6, 8),
		"PNG, first frame":       hiddenFrame(uint32(w), uint32(h), uint32(less.X), uint32(less.Y), make([]byte, (1+3*less.X)*less.Y)),
		"GIF":                    toGIF(t, &gif.GIF{Image: []*image.Paletted{indexed}, Delay: []int{0}}),
		"GIF, transparent": toGIF(t, &gif.GIF{Image: []*image.Paletted{gifFrame(image.Rect(1, 1, w-1, h-1), 1, color.Palette{color.Transparent, color.White})},
			Delay: []int{0}, Config: image.Config{Width: w, Height: h, ColorModel: color.Palette{color.Transparent, color.White}}}),
	}
	if max(w, h) <= 16383 { // the longest side that WebP has
		maps.Copy(files, map[string][]byte{
			"WebP, lossy":                 toWebP(t, m, false),
			"WebP, lossy with alpha":      toWebP(t, clear, false),
			"WebP, lossless":              toWebP(t, m, true),
			"WebP, lossless with alpha":   toWebP(t, clear, true),
			"WebP, first frame":           animatedWebP(w, h, anmf(0, 0, w, h, "VP8 ", vp8(uint16(w), uint16(h)))),
			"WebP, part of the animation": animatedWebP(w, h, anmf(0, 0, less.X, less.Y, "VP8 ", vp8(uint16(less.X), uint16(less.Y)))),
		})
	}
	for name, o := range map[string]jpegn.EncodeOptions{
		"4:2:0": {Subsampling: jpegn.Subsample420}, "4:2:2": {Subsampling: jpegn.Subsample422}, "4:4:4": {Subsampling: jpegn.Subsample444},
		"grey": {Subsampling: jpegn.SubsampleGray},
	} {
		o.Quality = 90
		files["JPEG, "+name] = toJPEG(t, m, &o)
		o.Progressive = true
		files["JPEG, "+name+" progressive"] = toJPEG(t, m, &o)
	}
	return files
}

// storedPictures returns the pictures of testdata/memory, of kinds that no encoder here writes. They have a single
// colour, for which the codecs take as much memory as for any picture.
func storedPictures(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "memory", "*.??i?"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = data
	}
	return files
}

// TestMemoryIsMeasured compares the estimate of every kind of picture with the memory that rendering it really takes.
// The estimate must never be less, and at most 4/3 of it plus what does not grow with the picture: the files of the
// variants if they are noise, and the tables of a hostile WebP.
func TestMemoryIsMeasured(t *testing.T) {
	countsAllocations(t)
	e := engine(t, Config{})
	files := storedPictures(t)
	for name, file := range varieties(t, 1600, 1200) {
		files[name] = file
	}
	for name, file := range largePictures(t) {
		files[name] = file
	}
	render(t, e, files["1.5mp-flat-8-420.avif"]) // compiles the codec
	render(t, e, files["1.5mp-flat-8-420.heic"])
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := files[name]
		h, err := e.Inspect(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		most, estimate := peak(t, func() { render(t, e, file) }), e.Memory(h)
		grows, other := memory(h)
		if h.MayBeTransparent() { // every such picture here is transparent
			grows = other
		}
		for _, v := range h.plan.variants {
			grows -= v.outputMemory(h, !h.MayBeTransparent() && !h.plan.exact, !h.MayBeTransparent())
		}
		fixed := estimate - grows + 2<<20 // includes what the runtime takes
		if h.Format == photo.WebP {
			fixed += format.HuffmanMemory(h.Header)
		}
		t.Logf("%-28s %5.1f MP: estimate %4d MB, %3d MB of it fixed, takes %4d MB", name, float64(h.Stored().Pixels())/1e6, estimate>>20, fixed>>20, most>>20)
		if estimate < most {
			t.Errorf("%s takes %d bytes, more than the estimate of %d", name, most, estimate)
		}
		if estimate-fixed > most*4/3 {
			t.Errorf("%s takes %d bytes, and the estimate is %d without the %d that are fixed", name, most, estimate-fixed, fixed)
		}
	}
}

// largePictures returns larger pictures, for which the part that grows with the picture dominates.
func largePictures(t testing.TB) map[string][]byte {
	t.Helper()
	const w, h = 4000, 3000
	return map[string][]byte{
		"JPEG, large":             toJPEG(t, noisy(w, h), &jpegn.EncodeOptions{Quality: 80, Subsampling: jpegn.Subsample420, Progressive: true}),
		"JPEG, large, inks":       inkJPEG(w, h, false),
		"PNG, large":              encodePNG(w, h, 8, 2, 0, nil, make([]byte, h*(1+3*w))),
		"PNG, large, of 16 bits":  encodePNG(w, h, 16, 2, 0, nil, make([]byte, h*(1+6*w))),
		"WebP, large":             riff("VP8 ", vp8(w, h)),
		"WebP, large first frame": animatedWebP(w, h, anmf(2, 2, w-8, h-8, "VP8 ", vp8(w-8, h-8))),
	}
}
