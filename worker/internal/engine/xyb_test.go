package engine

import (
	"encoding/binary"
	"fmt"
	"image/color"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/jpegfile"
	"darkroom/deploy/testkit/tool"
)

// The colours of XYB JPEGs, as jpegli writes them. The constants are those of lib/jxl/cms/opsin_params.h and the
// function CreateICCLutAtoBTagForXYB of lib/jxl/cms/jxl_cms_internal.h in libjxl.
var (
	opsinMatrix = [3][3]float64{{0.30, 0.622, 0.078}, {0.23, 0.692, 0.078}, {0.24342268924547819, 0.20476744424496821, 0.55180986650955360}}
	xybOffset   = [3]float64{0.015386134, 0, 0.27770459}
	xybScale    = [3]float64{22.995788804, 1.183000077, 1.502141333}
	// Matrix from absorbances to half of XYZ at D50, which is how mAB encodes XYZ.
	xybToXYZ = [9]float64{1.5170095, -1.1065225, 0.071623, -0.050022, 0.5683655, -0.018344, -1.387676, 1.1145555, 0.6857255}
)

var inverseOpsin = [3][3]float64{{11.031566901960783, -9.866943921568629, -0.16462299647058826}, {-3.254147380392157, 4.418770392156863, -0.16462299647058826},
	{-3.6588512862745097, 2.7129230470588235, 1.9459282392156863}}

const opsinBias = 0.0037930732552754493

// scaledXYB returns a colour of sRGB as the samples of an XYB JPEG, from 0 to 1.
func scaledXYB(c color.NRGBA) (s [3]float64) {
	var linear [3]float64
	for i, v := range []byte{c.R, c.G, c.B} {
		x := float64(v) / 255
		if linear[i] = x / 12.92; x > 0.04045 {
			linear[i] = math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	var root [3]float64
	for i, row := range opsinMatrix {
		root[i] = math.Cbrt(row[0]*linear[0]+row[1]*linear[1]+row[2]*linear[2]+opsinBias) - math.Cbrt(opsinBias)
	}
	x, y := (root[0]-root[1])/2, (root[0]+root[1])/2
	for i, v := range []float64{x, y, root[2] - y} {
		s[i] = (v + xybOffset[i]) * xybScale[i]
	}
	return s
}

// sampleColour returns the colour that samples of 8 bits represent.
func sampleColour(s [3]float64) color.NRGBA {
	var v [3]float64
	for i := range s {
		v[i] = math.Round(255*s[i])/255/xybScale[i] - xybOffset[i]
	}
	var absorbed [3]float64
	for i, root := range []float64{v[1] + v[0], v[1] - v[0], v[2] + v[1]} {
		absorbed[i] = math.Pow(root+math.Cbrt(opsinBias), 3) - opsinBias
	}
	var out [3]byte
	for i, row := range inverseOpsin {
		x := row[0]*absorbed[0] + row[1]*absorbed[1] + row[2]*absorbed[2]
		y := 12.92 * x
		if x > 0.0031308 {
			y = 1.055*math.Pow(x, 1/2.4) - 0.055
		}
		out[i] = byte(math.Round(255 * min(max(y, 0), 1)))
	}
	return color.NRGBA{out[0], out[1], out[2], 255}
}

// xybProfile returns the profile of XYB samples: a table of two points that gives absorbances, cubes, and a matrix.
func xybProfile() []byte {
	u16, u32 := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	fixed := func(b []byte, v float64) []byte { return u32(b, uint32(int32(math.Round(v*65536)))) }
	offsets := [3]float64{xybOffset[0] + xybOffset[1], xybOffset[1] - xybOffset[0] + 1/xybScale[0], xybOffset[1] + xybOffset[2]}
	both := func(a, b float64) float64 { return a * b / (a + b) }
	scales := [3]float64{both(xybScale[0], xybScale[1]), both(xybScale[0], xybScale[1]), both(xybScale[1], xybScale[2])}

	// ICC.1:2022, 10.12: offsets of the B curves, the matrix, the M curves, the table and the A curves, which are the B
	// curves.
	lut := append([]byte("mAB \x00\x00\x00\x00\x03\x03\x00\x00"), u32(u32(u32(u32(u32(nil, 32), 244), 148), 80), 32)...)
	for range 3 {
		lut = fixed(append(lut, "para\x00\x00\x00\x00\x00\x00\x00\x00"...), 1)
	}
	lut = append(append(lut, 2, 2, 2), make([]byte, 13)...)
	lut = append(lut, 2, 0, 0, 0)
	for at := range 8 {
		x := float64(at>>2)/xybScale[0] - xybOffset[0]
		y := float64(at>>1&1)/xybScale[1] - xybOffset[1]
		b := float64(at&1)/xybScale[2] - xybOffset[2]
		for i, v := range []float64{y + x, y - x, y + b} {
			lut = u16(lut, uint16(math.Round(65535*min(max((v+offsets[i])*scales[i], 0), 1))))
		}
	}
	for i := range 3 {
		b := math.Cbrt(opsinBias) - offsets[i]
		lut = append(lut, "para\x00\x00\x00\x00\x00\x03\x00\x00"...)
		for _, v := range []float64{3, 1 / scales[i], b, 0, max(0, -b*scales[i])} {
			lut = fixed(lut, v)
		}
	}
	for _, v := range xybToXYZ {
		lut = fixed(lut, v)
	}
	for i := range 3 {
		lut = fixed(lut, -opsinBias*(xybToXYZ[3*i]+xybToXYZ[3*i+1]+xybToXYZ[3*i+2]))
	}

	text := []byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS\x00\x00\x00\x06\x00\x00\x00\x1c\x00X\x00Y\x00B\x00\x00")
	white := append([]byte("XYZ \x00\x00\x00\x00"), u32(u32(u32(nil, 0xf6d6), 0x10000), 0xd32d)...)
	header := make([]byte, 128)
	copy(header[8:], "\x04\x40\x00\x00scnrRGB XYZ ")
	copy(header[36:], "acsp")
	copy(header[68:], white[8:])
	tags := []struct {
		name string
		data []byte
	}{{"desc", text}, {"cprt", text}, {"wtpt", white}, {"A2B0", lut}}
	table := u32(nil, uint32(len(tags)))
	var data []byte
	for _, t := range tags {
		table = u32(u32(append(table, t.name...), uint32(128+4+12*len(tags)+len(data))), uint32(len(t.data)))
		data = append(data, t.data...)
	}
	profile := append(append(header, table...), data...)
	binary.BigEndian.PutUint32(profile, uint32(len(profile)))
	return profile
}

// TestXYB checks that an XYB JPEG is rendered in its original colours. It has three components called RGB, the last one
// at half the resolution, and a profile that converts them.
func TestXYB(t *testing.T) {
	colours := []color.NRGBA{{0, 0, 0, 255}, {255, 255, 255, 255}, {128, 128, 128, 255}, {230, 30, 20, 255}, {20, 200, 40, 255}, {30, 40, 220, 255},
		{250, 220, 60, 255}, {40, 200, 210, 255}, {120, 60, 30, 255}, {12, 14, 18, 255}}
	const side = 32
	profile := xybProfile()
	f := jpegfile.Draw(side*len(colours), side, 8, []byte{0x22, 0x22, 0x11}, func(c int, x, _ float64) float64 {
		return scaledXYB(colours[int(x+0.5)/side])[c]
	})
	for i, id := range []byte("RGB") {
		f.Components[i].ID = id
	}
	f.Segments = jpegfile.Segment(0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), profile...)...)
	file := f.Encode(jpegfile.Sequential(0, 1, 2))

	spec := boxSpec("v", side*len(colours), side, Inside, 100)
	spec.Formats = []Output{PNG}
	got := openImage(t, render(t, engine(t, Config{Specs: []Spec{spec}}), file)[0])
	middle := func(i int) color.NRGBA { return got.NRGBAAt(i*side+side/2, side/2) }
	for i, c := range colours {
		// Package icc converts by a table, as Little CMS does: in saturated colours the weakest channel is up to 10 levels
		// off.
		if want := sampleColour(scaledXYB(c)); maxDifference(middle(i), want) > 10 || maxDifference(want, c) > 10 {
			t.Errorf("%v came out as %v, and its samples of 8 bits stand for %v", c, middle(i), want)
		}
	}

	t.Run("as Little CMS converts it", func(t *testing.T) {
		transicc := tool.Find(t, "transicc")
		path := filepath.Join(t.TempDir(), "xyb.icc")
		if err := os.WriteFile(path, profile, 0o600); err != nil {
			t.Fatal(err)
		}
		var in strings.Builder
		for _, c := range colours {
			for _, v := range scaledXYB(c) {
				fmt.Fprintf(&in, "%.0f\n", 255*v)
			}
		}
		cmd := exec.CommandContext(t.Context(), transicc, "-n", "-i", path, "-o", "*sRGB", "-t0")
		cmd.Stdin = strings.NewReader(in.String())
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("transicc: %v: %s", err, out)
		}
		n := 0
		for line := range strings.Lines(string(out)) {
			var r, g, b float64
			if k, err := fmt.Sscan(line, &r, &g, &b); k != 3 || err != nil {
				continue // a banner
			}
			eight := func(v float64) byte { return byte(math.Round(min(max(v, 0), 255))) }
			// Little CMS is further from the samples in the dark.
			if want := (color.NRGBA{eight(r), eight(g), eight(b), 255}); n < len(colours) && maxDifference(middle(n), want) > 12 {
				t.Errorf("%v came out as %v, and by Little CMS as %v", colours[n], middle(n), want)
			}
			n++
		}
		if n < len(colours) {
			t.Errorf("%d colours of %d came back: %.200s", n, len(colours), out)
		}
	})
}

// maxDifference returns the largest difference between two colours in any channel.
func maxDifference(a, b color.NRGBA) int {
	d := func(x, y byte) int { return max(int(x)-int(y), int(y)-int(x)) }
	return max(d(a.R, b.R), d(a.G, b.G), d(a.B, b.B), d(a.A, b.A))
}
