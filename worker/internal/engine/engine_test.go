package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/color"
	"image/gif"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/photo"
)

// files returns a picture of every kind that the package treats differently.
func files(t testing.TB, w, h int) map[string][]byte {
	t.Helper()
	m := scene(w, h)
	clear := image.NewNRGBA(m.Rect)
	copy(clear.Pix, m.Pix)
	for i := 3; i < len(clear.Pix); i += 40 {
		clear.Pix[i] = 100
	}
	few := image.NewPaletted(m.Rect, color.Palette{color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 200, 255}, color.RGBA{}})
	deep := image.NewNRGBA64(m.Rect)
	for y := range h {
		for x := range w {
			few.SetColorIndex(x, y, uint8((x/3+y/5)%3))
			c := clear.NRGBAAt(x, y)
			deep.SetNRGBA64(x, y, color.NRGBA64{R: uint16(c.R) << 8, G: uint16(c.G) << 8, B: uint16(c.B) << 8, A: uint16(c.A) << 8})
		}
	}
	alpha := make([]byte, 1+w*h)
	return map[string][]byte{
		"jpeg":                toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90}),
		"jpeg turned":         withEXIF(toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90}), exifBlock(binary.LittleEndian, 6)),
		"jpeg grey":           toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Subsampling: jpegn.SubsampleGray}),
		"jpeg progressive":    toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Progressive: true}),
		"jpeg 4:4:4":          toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Subsampling: jpegn.Subsample444}),
		"jpeg RGB":            insert(toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Subsampling: jpegn.Subsample444, Exif: []byte("Exif\x00\x00")}), 2, adobe(0)),
		"png":                 toPNG(t, m),
		"png with alpha":      toPNG(t, clear),
		"png grey":            solids(t, m)["grey PNG"],
		"png of opaque alpha": solids(t, m)["RGBA PNG"],
		"png of 16 bits":      toPNG(t, deep),
		"png palette":         toPNG(t, few),
		"gif":                 toGIF(t, &gif.GIF{Image: []*image.Paletted{few}, Delay: []int{0}}),
		"webp lossless":       riff("VP8L", vp8l(clear)),
		"webp lossy":          riff("VP8 ", vp8(uint16(w), uint16(h))),
		"webp animated":       animatedWebP(w+10, h+10, anmf(4, 4, w, h, "VP8L", vp8l(clear))),
		"webp with alpha":     riff("VP8X", vp8x(1<<4, w, h), "ALPH", string(alpha), "VP8 ", vp8(uint16(w), uint16(h))),
	}
}

func TestRenderIsDeterministic(t *testing.T) {
	e := engine(t, Config{})
	for name, file := range files(t, 120, 90) {
		first := render(t, e, file)
		var all [4][]Image
		var wg sync.WaitGroup
		for i := range all {
			wg.Go(func() { all[i] = render(t, e, file) })
		}
		wg.Wait()
		for _, again := range all {
			for i := range first {
				if !bytes.Equal(first[i].Data, again[i].Data) {
					t.Errorf("%s, %s: other bytes the second time", name, first[i].Name)
				}
			}
		}
	}
}

func TestEntry(t *testing.T) {
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	i := render(t, engine(t, oneSpec(20, 20, Fill)), toPNG(t, scene(60, 40)))[0]
	sum := sha256.Sum256(i.Data)
	want := photo.Variant{Name: "v", Key: ref.VariantKey("v", hex.EncodeToString(sum[:]), photo.JPEG), ContentType: "image/jpeg", Width: 20, Height: 20,
		Bytes: int64(len(i.Data)), SHA256: hex.EncodeToString(sum[:])}
	if got := i.Entry(ref); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestThinPictures(t *testing.T) {
	e := engine(t, Config{})
	for _, s := range []size{dim(1, 1), dim(1, 3000), dim(3000, 1), dim(2, 2), dim(7, 5000)} {
		for name, file := range map[string][]byte{
			"jpeg": toJPEG(t, scene(s.Width, s.Height), nil), "progressive": toJPEG(t, scene(s.Width, s.Height), &jpegn.EncodeOptions{Progressive: true}),
			"png": toPNG(t, scene(s.Width, s.Height)), "webp": riff("VP8L", vp8l(scene(s.Width, s.Height))),
		} {
			for i, img := range render(t, e, file) {
				want := e.specs[i].place(s).out
				if out := openImage(t, img); sizeOf(out) != want {
					t.Errorf("%v %s: %s is %v, want %v", s, name, img.Name, sizeOf(out), want)
				}
			}
		}
	}
}

// TestTruncatedAnywhere checks that a file that is cut anywhere is rejected: an incomplete upload must not become a
// photo. A PNG may lack what follows its last row.
func TestTruncatedAnywhere(t *testing.T) {
	race.Skip(t)
	e := engine(t, oneSpec(64, 64, Inside))
	for name, file := range files(t, 48, 32) {
		last := len(file)
		if name == "gif" {
			last -= len("\x00\x00;") // end code, terminator and trailer follow the last pixel
		}
		if strings.HasPrefix(name, "jpeg") {
			last -= len("\xff\xd9") // the end marker, without which every pixel is still there
		}
		for n := range last {
			err := tryRender(e, file[:n])
			if n < 12 && err != nil {
				continue // too short to know the format
			}
			if strings.HasPrefix(name, "png") && err == nil && bytes.Equal(render(t, e, file[:n])[0].Data, render(t, e, file)[0].Data) {
				continue
			}
			wantReason(t, err, photo.ReasonTruncated)
			if t.Failed() {
				t.Fatalf("%s cut at %d of %d", name, n, len(file))
			}
		}
	}
}

// TestDamagedAnywhere checks that, whatever byte is flipped, the result is variants or a Rejection.
func TestDamagedAnywhere(t *testing.T) {
	race.Skip(t)
	e := engine(t, Config{Specs: []Spec{boxSpec("v", 64, 64, Inside, 80)}, MaxPixels: 1e6})
	for name, file := range files(t, 48, 32) {
		for n := 0; n < len(file); n += 1 + len(file)/300 {
			bad := bytes.Clone(file)
			bad[n] ^= 0x55
			if err := tryRender(e, bad); err != nil {
				if _, ok := err.(*Rejection); !ok {
					t.Fatalf("%s damaged at %d: %v", name, n, err)
				}
			}
		}
	}
}

func TestTooLarge(t *testing.T) {
	file := toPNG(t, scene(8, 8))
	e := engine(t, Config{MaxBytes: int64(len(file)) - 1})
	_, err := e.Inspect(file)
	wantReason(t, err, photo.ReasonTooLarge)
	if _, err := engine(t, Config{MaxBytes: int64(len(file))}).Inspect(file); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestTooManyPixels(t *testing.T) {
	jpeg := toJPEG(t, scene(8, 8), nil)
	frameAt := bytes.Index(jpeg, []byte{0xff, markerSOF0})
	copy(jpeg[frameAt+5:], []byte{0xff, 0xdc, 0xff, 0xdc})
	tall := bytes.Clone(jpeg[:frameAt+19]) // cut after the header: too large comes before truncated
	small := toGIF(t, &gif.GIF{Image: []*image.Paletted{gifFrame(image.Rect(0, 0, 4, 4), 0, color.Palette{color.Black, color.White})}, Delay: []int{0}})
	screen, inner := bytes.Clone(small), bytes.Clone(small)
	copy(screen[6:], []byte{0xdc, 0xff, 0xdc, 0xff})
	copy(inner[bytes.IndexByte(inner, 0x2c)+5:], []byte{0xdc, 0xff, 0xdc, 0xff})
	row := make([]byte, 2501) // 20000 pixels, one bit each
	for name, file := range map[string][]byte{
		"a real PNG of 20000 x 20000": encodePNG(20000, 20000, 1, 0, 0, nil, bytes.Repeat(row, 20000)),
		"PNG of 65500 x 65500":        encodePNG(65500, 65500, 8, 6, 0, nil, nil),
		"PNG of 2^31-1 x 2^31-1":      encodePNG(1<<31-1, 1<<31-1, 8, 6, 1, nil, nil),
		"JPEG of 65500 x 65500":       jpeg,
		"JPEG cut after the header":   tall,
		"GIF screen":                  screen,
		"GIF frame":                   inner,
		"WebP canvas":                 riff("VP8X", vp8x(0, 1<<24, 1<<24), "VP8 ", vp8(16, 16)),
		"WebP lossy":                  riff("VP8 ", vp8(16383, 16383)),
		"WebP lossless":               riff("VP8L", "\x2f\xff\xff\xff\x0f"),
	} {
		t.Run(name, func(t *testing.T) {
			e := engine(t, Config{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := e.Inspect(file)
			runtime.ReadMemStats(&after)
			wantReason(t, err, photo.ReasonTooManyPixels)
			if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 && !race.Enabled {
				t.Errorf("%d bytes allocated", n)
			}
		})
	}
	if _, err := engine(t, Config{MaxPixels: 63}).Inspect(toPNG(t, scene(8, 8))); err == nil {
		t.Error("64 pixels passed a limit of 63")
	}
	if _, err := engine(t, Config{MaxPixels: 64}).Inspect(toPNG(t, scene(8, 8))); err != nil {
		t.Errorf("64 pixels against a limit of 64: %v", err)
	}
}

// countsAllocations skips a test under the race detector, which changes what is allocated. Run such tests without it
// too.
func countsAllocations(t *testing.T) {
	t.Helper()
	if race.Enabled {
		t.Skip("the race detector changes what is allocated")
	}
}

// comparesPixels skips a test under the race detector, which makes arithmetic on pixels about twenty times slower and
// finds nothing there. Run such tests without it too. The tests of goldens, processors and damaged files run the same
// code with it.
func comparesPixels(t *testing.T) {
	t.Helper()
	if race.Enabled {
		t.Skip("compares pixels, for which the race detector is too slow")
	}
}

// allocated returns how many bytes f allocates.
func allocated(t testing.TB, f func()) int64 {
	t.Helper()
	runtime.GC() // the second collection also frees what pools hold, so every picture is measured alone
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection during f would empty the pools again
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// TestMemory checks that Memory is an upper bound of all that is allocated, and not many times too high.
func TestMemory(t *testing.T) {
	countsAllocations(t)
	e := engine(t, Config{})
	for name, file := range files(t, 480, 360) {
		h, err := e.Inspect(file)
		if err != nil {
			t.Fatal(err)
		}
		var r Rendering
		used, estimate := allocated(t, func() { r, err = e.Render(t.Context(), file, h, nil) }), e.Memory(h)
		if err != nil || len(r.Images) != 4 {
			t.Fatalf("%s: %d variants, %v", name, len(r.Images), err)
		}
		most := used * 2
		for _, v := range h.plan.variants { // the estimate assumes files of noise, which these are not
			most += v.outputMemory(h, false, true)
		}
		if h.Format == photo.WebP && h.Components == 4 {
			most += 130e6 // the estimate includes Huffman tables of hostile files, which these do not have
		}
		t.Logf("%-18s estimate %6d KB, allocated %6d KB", name, estimate>>10, used>>10)
		if estimate < used*9/10 || estimate > most {
			t.Errorf("%s: estimate %d, allocated %d", name, estimate, used)
		}
	}
}
