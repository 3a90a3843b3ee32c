package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gen2brain/jpegn"
)

var update = flag.Bool("update", false, "write the results of the golden tests to testdata")

// mosaic draws waves, edges, texture and noise with integers alone, so every processor draws the same picture.
func mosaic(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			noise := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca77
			noise = (noise ^ noise>>15) * 0x2c1b3c6d
			wave := (x*x+y*y)/97%256 - 128
			if wave < 0 {
				wave = -wave
			}
			c := color.NRGBA{R: byte(x * 255 / w), G: byte(wave + y*127/h), B: byte(255 - y*255/h), A: 255}
			switch {
			case (x/37+y/29)%5 == 0:
				c.R, c.G, c.B = 255-c.R, 20, c.B/2
			case (x/61+y/53)%4 == 1:
				c.R += byte(noise >> 28)
				c.G += byte(noise >> 26 & 15)
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// goldens returns files for every path through the package: those rendered in planes if no variant is PNG, and those
// rendered in RGB.
func goldens(t testing.TB) (planes, rgb map[string][]byte) {
	t.Helper()
	m := mosaic(307, 219)
	half := image.NewNRGBA(m.Rect)
	few := image.NewPaletted(m.Rect, color.Palette{color.RGBA{200, 0, 0, 255}, color.RGBA{0, 90, 200, 255}, color.RGBA{250, 240, 230, 255}})
	for i, v := range m.Pix {
		half.Pix[i] = v
		if i%4 == 3 {
			half.Pix[i] = byte(40 + i/4%307*2/3)
			few.Pix[i/4] = m.Pix[i-1] / 86
		}
	}
	grey, deep := image.NewGray(m.Rect), image.NewNRGBA64(m.Rect)
	for y := range 219 {
		for x := range 307 {
			grey.Set(x, y, m.At(x, y))
			deep.Set(x, y, m.At(x, y))
		}
	}
	baseline := toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90})
	planes = map[string][]byte{
		"baseline":       baseline,
		"turned":         withEXIF(baseline, exifBlock(binary.LittleEndian, 6)),
		"progressive":    toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Progressive: true}),
		"4:4:4 restarts": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 75, Subsampling: jpegn.Subsample444, RestartInterval: 5}),
		"grey":           toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Subsampling: jpegn.SubsampleGray}),
		"Display P3":     insert(baseline, 2, iccSegment(1, 1, displayP3())),
		"inks":           flatJPEG(append(adobe(0), iccSegment(1, 1, inkProfile())...), 10, 200, 90, 230),
		"PNG":            toPNG(t, m),
		"PNG turned":     insert(toPNG(t, m), 33, chunk("eXIf", exifBlock(binary.BigEndian, 7))),
		"PNG of P3":      insert(toPNG(t, m), 33, pngICC(displayP3())),
		"grey PNG":       toPNG(t, grey),
		"PNG of 16 bits": toPNG(t, deep),
		"GIF":            toGIF(t, &gif.GIF{Image: []*image.Paletted{few}, Delay: []int{0}}),
		"lossy WebP":     riff("VP8 ", vp8(307, 219)),
		"colourful WebP": toWebP(t, m, false),
		"HEIC":           heifSeed(t, "odd.heic"),
		"HEIC of 4:2:2":  heifSeed(t, "yuv422.heic"),
		"deep HEIC":      heifSeed(t, "deep.heic"),
	}
	alpha := "\x00" + strings.Repeat("\x90\x40\xff", 307*219/3+1)[:307*219]
	rgb = map[string][]byte{
		"transparent PNG":       toPNG(t, half),
		"transparent PNG of P3": insert(toPNG(t, half), 33, pngICC(displayP3())),
		"lossless WebP":         riff("VP8L", vp8l(half)),
		"HEIC with alpha":       heifSeed(t, "alpha.heic"),
		"transparent WebP":      riff("VP8X", vp8x(1<<4, 307, 219), "ALPH", alpha, "VP8 ", vp8(307, 219)),
	}
	return planes, rgb
}

// digests returns a line for the input, for each of its variants and for its preview.
func digests(t testing.TB, e *Engine, name string, file []byte) string {
	t.Helper()
	h, err := e.Inspect(file)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return ""
	}
	r, err := e.Render(t.Context(), file, h, nil)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: input %x\n", name, sha256.Sum256(file))
	for _, i := range r.Images {
		fmt.Fprintf(&b, "%s: %s %s %dx%d %x\n", name, i.Name, i.Format, i.Width, i.Height, sha256.Sum256(i.Data))
	}
	fmt.Fprintf(&b, "%s: preview %x %s %s\n", name, r.Preview.ThumbHash, r.Preview.Colour, r.Preview.PerceptualHash)
	return b.String()
}

func goldenEngine(t testing.TB) *Engine {
	return engine(t, Config{Specs: []Spec{
		{Name: "same", Width: 350, Height: 350, Fit: Inside, Quality: 90},
		{Name: "large", Width: 215, Height: 215, Fit: Inside, Quality: 80},
		{Name: "medium", Width: 100, Height: 100, Fit: Inside, Quality: 80},
		{Name: "small", Width: 36, Height: 36, Fit: Inside, Quality: 80},
		{Name: "thumb", Width: 32, Height: 32, Fit: Fill, Quality: 80}}})
}

// smallEngine renders a variant so small that the decoder shrinks the picture.
func smallEngine(t testing.TB, side int) *Engine { return engine(t, oneSpec(side, side, Inside)) }

// TestGoldenPlanes compares variants with the digests in testdata. Every processor must render the same bytes, with and
// without vector instructions; .ci/run runs both.
func TestGoldenPlanes(t *testing.T) {
	planes, _ := goldens(t)
	wantGolden(t, "planes.txt", planes)
}

// TestGoldenRGB does the same for pictures with alpha.
func TestGoldenRGB(t *testing.T) {
	_, rgb := goldens(t)
	wantGolden(t, "rgb.txt", rgb)
}

func wantGolden(t *testing.T, name string, files map[string][]byte) {
	t.Helper()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b.WriteString(digests(t, goldenEngine(t), name, files[name]))
		for _, side := range []int{105, 45, 15} {
			b.WriteString(digests(t, smallEngine(t, side), fmt.Sprint(name, " at ", side), files[name]))
		}
		exact := engine(t, configWith(func(s *Spec) { s.Width, s.Height, s.Formats = 150, 150, []Output{PNG} }))
		b.WriteString(digests(t, exact, name+" as PNG", files[name]))
	}
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(b.String(), "\n"), strings.Split(string(text), "\n")
	if len(got) != len(want) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

// TestProcessorsDoNotMatter renders on one, two and eight processors, several photos in parallel and one after the
// other.
func TestProcessorsDoNotMatter(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	e := goldenEngine(t)
	files, rgb := goldens(t)
	maps.Copy(files, rgb)
	want := map[string]string{}
	for name, file := range files {
		want[name] = digests(t, e, name, file)
	}
	for _, n := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(n)
		var wg sync.WaitGroup
		for name, file := range files {
			wg.Go(func() {
				if got := digests(t, e, name, bytes.Clone(file)); got != want[name] {
					t.Errorf("%s with %d processors:\n%swant\n%s", name, n, got, want[name])
				}
			})
		}
		wg.Wait()
	}
}
