package engine

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/gen2brain/jpegn"
)

// These tests check that the filter does not ring more than the reference, alias fine detail into a pattern, or shift
// shapes.

// drawShape returns a picture of the values of f in red and green, inverted in blue, so they show in luma and both
// colours.
func drawShape(w, h int, f func(x, y float64) float64) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := f(float64(x), float64(y))
			m.SetNRGBA(x, y, color.NRGBA{clamped(v), clamped(v), clamped(255 - v), 255})
		}
	}
	return m
}

// bothFormats returns a picture as JPEG and as PNG, which take different paths through the engine.
func bothFormats(t testing.TB, m *image.NRGBA) map[string][]byte {
	return map[string][]byte{"JPEG": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 96}), "PNG": toPNG(t, m)}
}

// TestEdgesDoNotRing checks that an edge overshoots at most a thirtieth of the edge more than with the reference
// filter. Scaled decoding of a JPEG cuts off the spectrum of each block, and needs that margin if the filter has little
// to shrink afterwards. PNGs and whole JPEGs only need the margin of rounding.
func TestEdgesDoNotRing(t *testing.T) {
	comparesPixels(t)
	const height = 130 // height of the edge in levels
	for name, edge := range map[string]func(x, y float64) float64{
		"upright":  func(x, _ float64) float64 { return 60 + height*step(x-151) },
		"level":    func(_, y float64) float64 { return 60 + height*step(y-101) },
		"slanting": func(x, y float64) float64 { return 60 + height*step(x-y/3-95) },
		"a line":   func(x, _ float64) float64 { return 60 + height*step(x-151)*step(155-x) },
	} {
		m := drawShape(320, 240, edge)
		for kind, file := range map[string][]byte{
			"JPEG": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 96, Subsampling: jpegn.SubsampleGray}), "PNG": toPNG(t, m)} {
			whole := components(t, file)
			for _, side := range []int{300, 175, 125, 85, 53, 45, 20, 10} {
				got := render(t, engine(t, oneBox(side)), file)[0]
				beyond := 2.0 // margin for rounding red, green and blue, luma and colours, and in the file
				if kind == "JPEG" && side < 160 {
					beyond += height / 30.
				}
				for i, p := range storedPlanes(t, got) {
					want := reference(whole[i], got, 1, i > 0)
					low, high := slices.Min(p.v), slices.Max(p.v)
					least, most := max(slices.Min(want.v), 0)-beyond, min(slices.Max(want.v), 255)+beyond
					if low < least || high > most {
						t.Errorf("%s, %s, %s, plane %d: from %.0f to %.0f, want %.1f to %.1f", kind, name, got.Name, i, low, high, least, most)
					}
				}
			}
		}
	}
}

func step(x float64) float64 {
	if x < 0 {
		return 0
	}
	return 1
}

// TestFineCheckerIsFlatGrey checks that detail that is too fine for a variant leaves no pattern in it. At half the
// size, scaled decoding leaves a little at the edges of blocks.
func TestFineCheckerIsFlatGrey(t *testing.T) {
	checker := drawShape(320, 240, func(x, y float64) float64 { return 255 * math.Mod(x+y, 2) })
	for kind, file := range bothFormats(t, checker) {
		for _, got := range render(t, engine(t, boxesConfig(125, 106, 80, 60, 40, 39, 20)), file) {
			luma := storedPlanes(t, got)[0]
			for i, v := range luma.v {
				if math.Abs(v-127.5) > 4.5 {
					t.Errorf("%s, %s: %.0f at %d,%d, want 123 to 132", kind, got.Name, v, i%luma.w, i/luma.w)
					break
				}
			}
		}
	}
}

// TestNothingShifts measures how far a variant is displaced against the reference, in pixels of the variant.
func TestNothingShifts(t *testing.T) {
	comparesPixels(t)
	const most = 0.05
	for _, side := range []int{301, 150, 75, 37} {
		pixel := 320 / float64(side)
		pictures := map[string]func(x, y float64) float64{
			// The waves of the zone plate get shorter from its centre outwards, to six pixels of the variant.
			"zone plate": func(x, y float64) float64 {
				return 128 + 90*math.Cos((math.Pow(x-90, 2)+math.Pow(y-75, 2))/500/pixel)
			},
			// Ramps rise and fall, so a rounding error does not look like a shift.
			"ramps": func(x, y float64) float64 {
				return 20 + 100*math.Abs(math.Mod(x/pixel, 20)/10-1) + 100*math.Abs(math.Mod(y/pixel, 18)/9-1)
			},
		}
		for name, f := range pictures {
			for i, s := range []size{dim(320, 240), dim(317, 235)} {
				for kind, file := range bothFormats(t, drawShape(s.Width, s.Height, f)) {
					plain := components(t, file)
					for o := 1 + i; o <= 8; o += 2 {
						exif := exifBlock(binary.BigEndian, uint16(o))
						turned := insert(file, 33, chunk("eXIf", exif))
						if kind == "JPEG" {
							turned = withEXIF(file, exif)
						}
						got := render(t, engine(t, oneBox(side)), turned)[0]
						for i, p := range storedPlanes(t, got) {
							want := reference(plain[i], got, o, i > 0)
							if x, y := p.shift(want); math.Abs(x) > most || math.Abs(y) > most {
								t.Errorf("%s, %s of %v, orientation %d, %s, plane %d: by %.3f, %.3f", kind, name, s, o, got.Name, i, x, y)
							}
						}
					}
				}
			}
		}
	}
}

// TestShiftIsSeen checks the measure itself on a shifted picture.
func TestShiftIsSeen(t *testing.T) {
	valueAt := func(dx, dy float64) samples {
		s := newSamples(80, 60)
		for i := range s.v {
			x, y := float64(i%80)-dx, float64(i/80)-dy
			s.v[i] = 128 + 90*math.Cos((math.Pow(x-20, 2)+math.Pow(y-25, 2))/300)
		}
		return s
	}
	for _, want := range [][2]float64{{0.1, 0}, {0, -0.1}, {-0.05, 0.07}} {
		x, y := valueAt(want[0], want[1]).shift(valueAt(0, 0))
		if math.Abs(x-want[0]) > 0.01 || math.Abs(y-want[1]) > 0.01 {
			t.Errorf("a shift by %v is seen as %.3f, %.3f", want, x, y)
		}
	}
}

// shift returns, in samples, how far s is displaced against want. It is the least-squares fit of the differences to the
// slopes (Lucas and Kanade 1981), without three samples along each edge.
func (s samples) shift(want samples) (x, y float64) {
	bias := 0.0
	for i, v := range s.v {
		bias += (v - want.v[i]) / float64(len(s.v))
	}
	var xx, xy, yy, xd, yd float64
	for j := 3; j < s.h-3; j++ {
		for i := 3; i < s.w-3; i++ {
			gx, gy := (want.sample(i+1, j)-want.sample(i-1, j))/2, (want.sample(i, j+1)-want.sample(i, j-1))/2
			d := s.sample(i, j) - want.sample(i, j) - bias
			xx, xy, yy, xd, yd = xx+gx*gx, xy+gx*gy, yy+gy*gy, xd+gx*d, yd+gy*d
		}
	}
	det := xx*yy - xy*xy
	if det < 1e-6*xx*yy {
		panic(fmt.Sprintf("a picture of %d x %d samples with slopes one way alone tells no shift", s.w, s.h))
	}
	return (xy*yd - yy*xd) / det, (xy*xd - xx*yd) / det
}
