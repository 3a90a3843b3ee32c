package jpegwrite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/deploy/testkit/ctxcheck"
	"darkroom/deploy/testkit/race"
	"darkroom/worker/internal/jpegscan"
)

// samplings are all that a picture can have; 0 is grey.
var samplings = map[string]image.Point{"grey": {}, "4:4:4": {X: 1, Y: 1}, "4:2:2": {X: 2, Y: 1}, "4:4:0": {X: 1, Y: 2}, "4:2:0": {X: 2, Y: 2}}

// picture returns a picture whose samples are given by a function.
func picture(width, height int, sampling image.Point, at func(plane, x, y int) byte) Picture {
	p := Picture{Width: width, Height: height, SampleX: sampling.X, SampleY: sampling.Y, Planes: make([]Plane, 3)}
	if sampling == (image.Point{}) {
		p.Planes = p.Planes[:1]
	}
	for i := range p.Planes {
		w, h := p.samples(i)
		stride := w + i // the stride is not always the width
		pix := make([]byte, (h-1)*stride+w)
		for y := range h {
			for x := range w {
				pix[y*stride+x] = at(i, x, y)
			}
		}
		p.Planes[i] = Plane{Pix: pix, Stride: stride}
	}
	return p
}

// contents are kinds of samples.
var contents = map[string]func(r *rand.Rand) func(plane, x, y int) byte{
	"noise": func(r *rand.Rand) func(int, int, int) byte {
		return func(int, int, int) byte { return byte(r.Uint32()) }
	},
	"extremes": func(r *rand.Rand) func(int, int, int) byte {
		return func(int, int, int) byte { return -byte(r.Uint32() & 1) }
	},
	"flat": func(r *rand.Rand) func(int, int, int) byte {
		v := byte(r.Uint32())
		return func(int, int, int) byte { return v }
	},
	"ramp": func(r *rand.Rand) func(int, int, int) byte {
		a, b := r.IntN(9), r.IntN(9)
		return func(plane, x, y int) byte { return byte(a*x + b*y + 40*plane) }
	},
	"photo": func(r *rand.Rand) func(int, int, int) byte {
		return func(plane, x, y int) byte {
			v := 100 + 40*plane + x/2 - y/3 + r.IntN(12)
			if (x/7+y/11)%4 == 0 {
				v -= 60
			}
			return byte(min(max(v, 0), 255))
		}
	},
}

// scenery draws waves, edges and grain, which take about as many bits as a photo.
func scenery(r *rand.Rand) func(plane, x, y int) byte {
	return func(plane, x, y int) byte {
		scale := 1.0
		if plane > 0 {
			x, y, scale = 2*x, 2*y, 0.3
		}
		v := 128 + scale*(50*math.Sin(float64(x)/41+float64(plane))*math.Cos(float64(y)/57)+25*math.Sin(float64(x*y)/9000)+2.5*r.NormFloat64())
		if (x/97+y/71)%3 == 0 {
			v += 30 * scale
		}
		return byte(min(max(v, 0), 255))
	}
}

// planesOf returns the planes that image/jpeg and jpegscan decode. They may differ only by the roundings of the
// transforms.
func planesOf(t testing.TB, p Picture, data []byte) (standard, ours []Plane) {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("image/jpeg: %v", err)
	}
	if m.Bounds() != image.Rect(0, 0, p.Width, p.Height) {
		t.Fatalf("image/jpeg: bounds %v of %d x %d", m.Bounds(), p.Width, p.Height)
	}
	switch m := m.(type) {
	case *image.Gray:
		standard = []Plane{{m.Pix, m.Stride}}
	case *image.YCbCr:
		standard = []Plane{{m.Y, m.YStride}, {m.Cb, m.CStride}, {m.Cr, m.CStride}}
	}
	d, err := jpegscan.Decode(context.Background(), data, 1, false)
	if err != nil {
		t.Fatalf("jpegscan: %v", err)
	}
	for _, plane := range d.Planes {
		ours = append(ours, Plane{plane.Pix, plane.Stride})
	}
	if len(standard) != len(p.Planes) || len(ours) != len(p.Planes) {
		t.Fatalf("%d and %d planes of %d", len(standard), len(ours), len(p.Planes))
	}
	return standard, ours
}

// bound returns how far a decoded sample can be from its original. Each coefficient is off by at most half its step,
// its rounding, and 1/8 for the roundings of the transform. The bound is the sum of these errors times the largest
// value of each basis function, plus the decoder's own rounding.
func bound(t Table, r Rounding) float64 {
	sum := 0.0
	for n, step := range t {
		scale := 1.0
		if n%8 == 0 {
			scale /= 1.4142
		}
		if n/8 == 0 {
			scale /= 1.4142
		}
		sum += scale / 4 * (float64(step)*(0.5+float64(r[n%8+n/8])/100) + 0.125)
	}
	return sum + 1.5
}

// checkDecoded fails the test unless both decoders return samples within the bound of the tables.
func checkDecoded(t testing.TB, p Picture, data []byte, tables Tables) {
	t.Helper()
	standard, ours := planesOf(t, p, data)
	for i := range p.Planes {
		limit := bound(tables.Luma, tables.LumaRounding)
		if i > 0 {
			limit = bound(tables.Colour, tables.ColourRounding)
		}
		compare(t, p, i, standard[i], limit)
		compare(t, p, i, ours[i], limit)
	}
}

// compare fails the test unless the samples of a plane are within limit of the picture's.
func compare(t testing.TB, p Picture, i int, got Plane, limit float64) {
	t.Helper()
	w, h := p.samples(i)
	for y := range h {
		for x, want := range p.Planes[i].Pix[y*p.Planes[i].Stride:][:w] {
			if d := float64(got.Pix[y*got.Stride+x]) - float64(want); d > limit || d < -limit {
				t.Fatalf("plane %d at %d,%d is %v off, more than %.1f", i, x, y, d, limit)
			}
		}
	}
}

func TestEncodeSmallSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	step := 3 * race.Every(4)
	for name, sampling := range samplings {
		t.Run(name, func(t *testing.T) {
			for w := 1; w <= 17; w++ {
				for h := 1 + w%step; h <= 17; h += step {
					for _, o := range []Options{{Quality: 100}, {Quality: 75}, {Quality: 95, Progressive: true}, {Quality: 30, Progressive: true}} {
						for _, kind := range []string{"noise", "photo"} {
							p := picture(w, h, sampling, contents[kind](r))
							data, err := Encode(t.Context(), p, o)
							if err != nil {
								t.Fatalf("%d x %d, %+v: %v", w, h, o, err)
							}
							tables, _ := QualityTables(o.Quality)
							checkDecoded(t, p, data, tables)
						}
					}
				}
			}
		})
	}
}

func TestEncodeContents(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for kind, content := range contents {
		for name, sampling := range samplings {
			for _, quality := range []int{1, 25, 50, 80, 100} {
				for _, progressive := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/%d/%v", kind, name, quality, progressive), func(t *testing.T) {
						p := picture(83, 61, sampling, content(r))
						data, err := Encode(t.Context(), p, Options{Quality: quality, Progressive: progressive})
						if err != nil {
							t.Fatal(err)
						}
						tables, _ := QualityTables(quality)
						checkDecoded(t, p, data, tables)
					})
				}
			}
		}
	}
}

func TestEncodeLongSides(t *testing.T) {
	for _, size := range []image.Point{{X: MaxSide, Y: 1}, {X: 1, Y: MaxSide}, {X: MaxSide, Y: 9}} {
		for _, progressive := range []bool{false, true} {
			p := picture(size.X, size.Y, image.Pt(2, 2), contents["photo"](rand.New(rand.NewPCG(3, 1))))
			data, err := Encode(t.Context(), p, Options{Quality: 80, Progressive: progressive})
			if err != nil {
				t.Fatalf("%v: %v", size, err)
			}
			tables, _ := QualityTables(80)
			checkDecoded(t, p, data, tables)
		}
	}
}

// TestEncodeLongRuns encodes a flat picture, whose runs of blocks without AC coefficients are longer than one symbol
// can count.
func TestEncodeLongRuns(t *testing.T) {
	p := picture(8*300, 8*300, image.Point{}, func(_, x, y int) byte {
		if x == 2399 && y == 2399 {
			return 255
		}
		return 128
	})
	data, err := Encode(t.Context(), p, Options{Quality: 100, Progressive: true})
	if err != nil {
		t.Fatal(err)
	}
	tables, _ := QualityTables(100)
	checkDecoded(t, p, data, tables)
}

func TestEncodeEndsWithItsContext(t *testing.T) {
	p := picture(640, 480, image.Pt(2, 2), contents["noise"](rand.New(rand.NewPCG(4, 1))))
	for _, progressive := range []bool{false, true} {
		ctxcheck.Ends(t, 480/16+640*480/partTokens, func(ctx context.Context) error {
			_, err := Encode(ctx, p, Options{Quality: 95, Progressive: progressive})
			return err
		})
	}
}

// oddRounding returns tables whose rounding would drop a whole step.
func oddRounding() *Tables {
	tables, _ := QualityTables(80)
	tables.ColourRounding[3] = MaxRounding + 1
	return &tables
}

func TestEncodeErrors(t *testing.T) {
	good := picture(20, 20, image.Pt(2, 2), contents["flat"](rand.New(rand.NewPCG(5, 1))))
	changed := func(change func(p *Picture)) Picture {
		p := good
		p.Planes = slices.Clone(good.Planes)
		change(&p)
		return p
	}
	for name, tc := range map[string]struct {
		picture Picture
		options Options
		want    error
	}{
		"no pixels":       {changed(func(p *Picture) { p.Width = 0 }), Options{Quality: 80}, ErrPicture},
		"too high":        {changed(func(p *Picture) { p.Height = MaxSide + 1 }), Options{Quality: 80}, ErrPicture},
		"two planes":      {changed(func(p *Picture) { p.Planes = p.Planes[:2] }), Options{Quality: 80}, ErrPicture},
		"4:1:1":           {changed(func(p *Picture) { p.SampleX = 4 }), Options{Quality: 80}, ErrPicture},
		"no sampling":     {changed(func(p *Picture) { p.SampleY = 0 }), Options{Quality: 80}, ErrPicture},
		"short plane":     {changed(func(p *Picture) { p.Planes[2].Pix = p.Planes[2].Pix[1:] }), Options{Quality: 80}, ErrPicture},
		"short stride":    {changed(func(p *Picture) { p.Planes[0].Stride = 19 }), Options{Quality: 80}, ErrPicture},
		"quality 0":       {good, Options{}, ErrOptions},
		"quality 101":     {good, Options{Quality: 101}, ErrOptions},
		"step 0":          {good, Options{Tables: &Tables{}}, ErrOptions},
		"odd rounding":    {good, Options{Tables: oddRounding()}, ErrOptions},
		"large EXIF":      {good, Options{Quality: 80, EXIF: make([]byte, MaxEXIF+1)}, ErrOptions},
		"large XMP":       {good, Options{Quality: 80, XMP: make([]byte, MaxXMP+1)}, ErrOptions},
		"large profile":   {good, Options{Quality: 80, Profile: make([]byte, MaxProfile+1)}, ErrOptions},
		"empty script":    {good, Options{Quality: 80, Progressive: true, Script: []Scan{}}, ErrOptions},
		"DC with AC":      {good, Options{Quality: 80, Progressive: true, Script: []Scan{{Planes: []int{0}, Last: 63}}}, ErrOptions},
		"AC without DC":   {good, Options{Quality: 80, Progressive: true, Script: []Scan{{Planes: []int{0}, First: 1, Last: 63}}}, ErrOptions},
		"AC of planes":    {good, Options{Quality: 80, Progressive: true, Script: append(defaultScript[:1:1], Scan{Planes: []int{0, 1}, First: 1, Last: 63})}, ErrOptions},
		"scan twice":      {good, Options{Quality: 80, Progressive: true, Script: append(defaultScript[:1:1], defaultScript...)}, ErrOptions},
		"no last scan":    {good, Options{Quality: 80, Progressive: true, Script: defaultScript[:len(defaultScript)-1]}, ErrOptions},
		"planes reversed": {good, Options{Quality: 80, Progressive: true, Script: []Scan{{Planes: []int{1, 0, 2}}}}, ErrOptions},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Encode(t.Context(), tc.picture, tc.options); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
		})
	}
}
