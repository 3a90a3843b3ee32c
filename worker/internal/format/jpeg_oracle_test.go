package format

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/jpegfile"
	"darkroom/deploy/testkit/pnm"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/raster"
)

const jpegWidth, jpegHeight = 101, 75

// jpegPicture is a smooth picture without any symmetry, in RGB from 0 to 1.
func jpegPicture(x, y float64) (r, g, b float64) {
	u, v := x/jpegWidth, y/jpegHeight
	return 0.15 + 0.7*u, 0.5 + 0.35*math.Sin(4*u+3*v*v), 0.85 - 0.6*v*(1-0.5*u)
}

// components returns the samples, from 0 to 1, that a file in a colour space stores at a position.
func components(colour jpegscan.Colour, x, y float64) []float64 {
	r, g, b := jpegPicture(x, y)
	coded := func(r, g, b float64) []float64 {
		luma := 0.299*r + 0.587*g + 0.114*b
		return []float64{luma, (b-luma)/1.772 + 128.0/255, (r-luma)/1.402 + 128.0/255}
	}
	black := max(r, g, b)
	switch colour {
	case jpegscan.RGB:
		return []float64{r, g, b}
	case jpegscan.CMYK:
		return []float64{r / black, g / black, b / black, black}
	case jpegscan.YCCK:
		return append(coded(1-r/black, 1-g/black, 1-b/black), black)
	}
	return coded(r, g, b)
}

// oddJPEG is a kind of JPEG.
type oddJPEG struct {
	colour   jpegscan.Colour
	sampling []byte
	depth    int
	segments []byte
	ids      string
	ours     bool // libjpeg rejects it
}

func oddJPEGs() map[string]oddJPEG {
	one := []byte{0x11, 0x11, 0x11, 0x11}
	all := map[string]oddJPEG{
		"RGB by name":              {colour: jpegscan.RGB, sampling: one[:3], ids: "RGB"},
		"RGB by Adobe":             {colour: jpegscan.RGB, sampling: one[:3], segments: jpegfile.Adobe(0)},
		"RGB by Adobe, named YUV":  {colour: jpegscan.RGB, sampling: one[:3], segments: jpegfile.Adobe(0), ids: "YUV"},
		"RGB, blue halved":         {colour: jpegscan.RGB, sampling: []byte{0x22, 0x22, 0x11}, ids: "RGB"},
		"RGB, red in thirds":       {colour: jpegscan.RGB, sampling: []byte{0x11, 0x31, 0x31}, ids: "RGB"},
		"CMYK":                     {colour: jpegscan.CMYK, sampling: one},
		"CMYK by Adobe":            {colour: jpegscan.CMYK, sampling: one, segments: jpegfile.Adobe(0)},
		"CMYK, halved":             {colour: jpegscan.CMYK, sampling: []byte{0x21, 0x11, 0x21, 0x21}},
		"CMYK, black alone full":   {colour: jpegscan.CMYK, sampling: []byte{0x11, 0x11, 0x11, 0x22}},
		"YCCK":                     {colour: jpegscan.YCCK, sampling: one, segments: jpegfile.Adobe(2)},
		"YCCK, 4:2:0":              {colour: jpegscan.YCCK, sampling: []byte{0x22, 0x11, 0x11, 0x22}, segments: jpegfile.Adobe(2)},
		"YCCK by a JFIF file":      {colour: jpegscan.YCCK, sampling: one, segments: append(jpegfile.JFIF(), jpegfile.Adobe(1)...)},
		"JFIF says YCbCr":          {sampling: one[:3], segments: append(jpegfile.Adobe(0), jpegfile.JFIF()...), ids: "RGB"},
		"an unknown transform":     {sampling: one[:3], segments: jpegfile.Adobe(7), ids: "RGB"},
		"components 0 to 2":        {sampling: []byte{0x22, 0x11, 0x11}, ids: "\x00\x01\x02"},
		"components of BG_YCC":     {sampling: []byte{0x22, 0x11, 0x11}, ids: "\x01\x22\x23"},
		"components from 34":       {sampling: []byte{0x21, 0x11, 0x11}, ids: "\"#$"},
		"components to 255":        {sampling: one[:3], ids: "\xff\xfe\xfd"},
		"components of one number": {sampling: []byte{0x22, 0x11, 0x11}, ids: "\x01\x01\x01", ours: true},
		"two of one number":        {sampling: []byte{0x22, 0x11, 0x11}, ids: "\x01\x02\x02", ours: true},
		"12 bits":                  {sampling: []byte{0x22, 0x11, 0x11}, depth: 12, ours: true},
		"12 bits, grey":            {sampling: one[:1], colour: jpegscan.Grey, depth: 12, ours: true},
		"12 bits, RGB":             {sampling: one[:3], colour: jpegscan.RGB, depth: 12, ids: "RGB", ours: true},
		"12 bits, CMYK":            {sampling: one, colour: jpegscan.CMYK, depth: 12, ours: true},
		"12 blocks in an MCU":      {sampling: []byte{0x22, 0x22, 0x22}, ours: true},
		"18 blocks in an MCU":      {sampling: []byte{0x44, 0x11, 0x11}, ours: true},
		"64 blocks in an MCU":      {colour: jpegscan.CMYK, sampling: []byte{0x44, 0x44, 0x44, 0x44}, ours: true},
	}
	for transform := range byte(4) {
		all[fmt.Sprintf("grey by Adobe %d", transform)] = oddJPEG{colour: jpegscan.Grey, sampling: one[:1], segments: jpegfile.Adobe(transform)}
	}
	for _, s := range [][]byte{{0x22}, {0x21}, {0x34}, {0x41}} {
		all[fmt.Sprintf("grey %x", s)] = oddJPEG{colour: jpegscan.Grey, sampling: s}
	}
	for h := byte(1); h <= 4; h++ {
		for v := byte(1); v <= 4 && h*v <= 8; v++ {
			s := []byte{h<<4 | v, 0x11, 0x11}
			all[fmt.Sprintf("YCbCr %x", s)] = oddJPEG{sampling: s}
		}
	}
	for _, s := range [][]byte{{0x22, 0x21, 0x12}, {0x11, 0x22, 0x22}, {0x11, 0x21, 0x11}, {0x21, 0x11, 0x21}, {0x41, 0x21, 0x21}, {0x31, 0x11, 0x31},
		{0x12, 0x14, 0x14}, {0x42, 0x11, 0x11}} {
		all[fmt.Sprintf("YCbCr %x", s)] = oddJPEG{sampling: s}
	}
	// Libjpeg reads only whole ratios.
	for _, s := range [][]byte{{0x31, 0x21, 0x21}, {0x23, 0x12, 0x12}, {0x21, 0x31, 0x31}, {0x31, 0x41, 0x21}, {0x13, 0x14, 0x12}} {
		all[fmt.Sprintf("YCbCr %x", s)] = oddJPEG{sampling: s, ours: true}
	}
	for name, o := range all {
		if len(o.sampling) == 3 && o.colour == jpegscan.Grey {
			o.colour = jpegscan.YCbCr
			all[name] = o
		}
	}
	return all
}

// draw returns the kind's picture.
func (o oddJPEG) draw() *jpegfile.File {
	f := jpegfile.Draw(jpegWidth, jpegHeight, max(o.depth, 8), o.sampling, func(c int, x, y float64) float64 { return components(o.colour, x, y)[c] })
	f.Segments = o.segments
	for i := range []byte(o.ids) {
		f.Components[i].ID = o.ids[i]
	}
	return f
}

// oddScripts returns ways to write n components in scans.
func oddScripts(n int) map[string][]jpegfile.Scan {
	var all, back []int
	var apart, reverse, progressive, late []jpegfile.Scan
	for i := range n {
		all, back = append(all, i), append([]int{i}, back...)
		apart, reverse = append(apart, jpegfile.Sequential(i)), append([]jpegfile.Scan{jpegfile.Sequential(i)}, reverse...)
		band := []jpegfile.Scan{{Of: []int{i}, First: 1, Last: 5, Low: 1}, {Of: []int{i}, First: 6, Last: 63, Low: 1}}
		progressive = append(progressive, band...)
		late = append(late, jpegfile.Scan{Of: []int{i}, First: 1, Last: 63, High: 1})
	}
	progressive = slices.Concat([]jpegfile.Scan{{Of: all, Low: 1}}, progressive, []jpegfile.Scan{{Of: all, High: 1}}, late)
	return map[string][]jpegfile.Scan{"together": {jpegfile.Sequential(all...)}, "apart": apart, "backward": reverse,
		"out of order": {jpegfile.Sequential(back...)}, "progressive": progressive}
}

// pixels decodes a JPEG without damage to sRGB, as RGB or through planes.
func pixels(data []byte, planar bool) (*image.NRGBA, Decoded, error) {
	h, err := Inspect(data, Limits{Pixels: 1 << 20, Damaged: true})
	if err != nil {
		return nil, Decoded{}, err
	}
	d, err := Decode(context.Background(), data, h, Target{Size: h.Stored(), Planar: planar && h.Planar})
	if err != nil {
		return nil, d, err
	}
	convert, _ := h.Conversion()
	return must(must(must(d.ResampleWhole(context.Background(), raster.Filter{Kernels: new(raster.Kernels)}, h.Stored(), true)).ConvertColours(context.Background(), convert)).NRGBA(context.Background())), d, nil
}

func TestOddJPEGs(t *testing.T) {
	djpeg := tool.Find(t, "djpeg")
	for name, o := range oddJPEGs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := o.draw()
			for way, script := range oddScripts(len(o.sampling)) {
				if strings.Contains(name, "of one number") && (way == "backward" || way == "out of order") {
					continue // no decoder can tell them apart
				}
				f.Progressive = way == "progressive"
				for _, f.Interval = range []int{0, 3} {
					what := fmt.Sprintf("%s, interval %d", way, f.Interval)
					data := f.Encode(script...)
					ours := o.ours || way == "out of order" && len(o.sampling) > 1 // libjpeg-turbo accepts few orders
					checkOdd(t, what, data, o, djpeg, ours)
				}
			}
		})
	}
}

// checkOdd compares a file with its picture and with libjpeg's. libjpeg repeats colour samples unless their resolution
// is half.
func checkOdd(t *testing.T, what string, data []byte, o oddJPEG, djpeg string, ours bool) {
	t.Helper()
	want := image.NewNRGBA(image.Rect(0, 0, jpegWidth, jpegHeight))
	for y := range jpegHeight {
		for x := range jpegWidth {
			r, g, b := jpegPicture(float64(x), float64(y))
			if o.colour == jpegscan.Grey {
				r = components(o.colour, float64(x), float64(y))[0]
				g, b = r, r
			}
			want.SetNRGBA(x, y, color.NRGBA{uint8(255*r + .5), uint8(255*g + .5), uint8(255*b + .5), 255})
		}
	}
	for _, planar := range []bool{false, true} {
		got, d, err := pixels(data, planar)
		if err != nil || d.Damage != nil {
			t.Fatalf("%s: %v, damage %v", what, err, d.Damage)
		}
		if dB := decibels(got, want); dB < 40 {
			t.Errorf("%s, planar %v: %.1f dB from the picture", what, planar, dB)
		}
		if ours {
			continue
		}
		other, err := runDjpeg(t, djpeg, data)
		if err != nil {
			t.Fatalf("%s: djpeg: %v", what, err)
		}
		if dB := decibels(got, other); dB < 40 {
			t.Errorf("%s, planar %v: %.1f dB from djpeg", what, planar, dB)
		}
	}
}

// runDjpeg decodes with libjpeg, which also returns a picture for a damaged file.
func runDjpeg(t *testing.T, djpeg string, data []byte) (*image.NRGBA, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), djpeg, "-pnm")
	cmd.Stdin = bytes.NewReader(data)
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &words
	err := cmd.Run() // its exit code is nonzero for warnings too
	m, fault := pnm.Decode(out.Bytes())
	if fault != nil {
		return nil, fmt.Errorf("%w: %v %s", fault, err, words.String())
	}
	return m, nil
}

// decibels is the peak signal-to-noise ratio of two pictures of one size.
func decibels(a, b *image.NRGBA) float64 {
	if a.Rect != b.Rect {
		return 0
	}
	sum := 0.0
	for i, v := range a.Pix {
		d := float64(v) - float64(b.Pix[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(a.Pix)*3/4)/max(sum, 1e-9))
}
