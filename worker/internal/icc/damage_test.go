package icc

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"darkroom/deploy/testkit/race"
)

// seeds returns a small profile of every kind.
func seeds() map[string][]byte {
	return map[string][]byte{
		"matrix, type 3": rgbSpaces[1].profile(4),
		"matrix, gamma":  rgbSpaces[3].profile(2),
		"matrix, sampled": profileBytes(2, "mntr", "RGB ", "XYZ ",
			tagData{"rXYZ", xyzType([3]float64{0.5, 0.25, 0})}, tagData{"gXYZ", xyzType([3]float64{0.25, 0.5, 0})},
			tagData{"bXYZ", xyzType([3]float64{0.25, 0.25, 0.75})}, tagData{"rTRC", sampled(16, identityCurve)},
			tagData{"gTRC", curv()}, tagData{"bTRC", para(4, 2, 0.5, 0.25, 0.5, 0.5, 0.125, 0.0625)}),
		"grey":      profileBytes(2, "mntr", "GRAY", "Lab ", tagData{"kTRC", sampled(4, identityCurve)}),
		"mft1 RGB":  lutProfile(2, "RGB ", "Lab ", mft(1, 3, 2, identityCurve, encodePCS(lights, false), identityCurve)),
		"mft1 CMYK": lutProfile(2, "CMYK", "Lab ", mft(1, 4, 2, identityCurve, encodePCS(inks, false), identityCurve)),
		"mft2 RGB":  lutProfile(4, "RGB ", "XYZ ", mft(2, 3, 2, identityCurve, func(v []float64) [3]float64 { return [3]float64(v) }, identityCurve)),
		"mAB RGB": lutProfile(4, "RGB ", "XYZ ", mAB(parts{channels: 3, a: curv(2), m: para(0, 1.5), b: curv(),
			matrix: []float64{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, grid: gridSamples(1, encodePCS(lights, false), 2, 3, 2),
			sizes: []byte{2, 3, 2}, width: 1})),
		"mAB CMYK": lutProfile(4, "CMYK", "Lab ", mAB(parts{channels: 4, a: curv(), b: curv(),
			grid: gridSamples(2, encodePCS(inks, false), 2, 2, 3, 2), sizes: []byte{2, 2, 3, 2}, width: 2})),
	}
}

// tryAll parses a profile, which must return an error of the package or convert any pixels.
func tryAll(t *testing.T, profile []byte) error {
	t.Helper()
	p, err := Parse(profile)
	if err != nil {
		if p != nil || !errors.Is(err, ErrProfile) && !errors.Is(err, ErrUnsupported) {
			t.Fatalf("got %v and the error %v", p, err)
		}
		return err
	}
	pix := make([]byte, 4*256+3)
	for i := range pix {
		pix[i] = byte(i>>2*(i&3*17+1) + i&3*85)
	}
	dst := make([]byte, len(pix))
	p.ConvertCMYK(dst, pix)
	p.ConvertGray(pix)
	p.Convert(pix)
	for i := 0; p.Space() == CMYK && i < 4*256; i += 4 {
		if dst[i+3] != 255 {
			t.Fatalf("pixel %d is not opaque", i/4)
		}
	}
	return nil
}

// TestTruncated cuts profiles at every position. It sets the size in the header to what remains, so that Parse does not
// stop at the header.
func TestTruncated(t *testing.T) {
	for name, whole := range seeds() {
		if err := tryAll(t, whole); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for n := range len(whole) {
			if err := tryAll(t, whole[:n]); err == nil {
				t.Errorf("%s: no error for %d of %d bytes", name, n, len(whole))
			}
			if n < headerSize || n > 600 && n%97 != 0 {
				continue
			}
			cut := slices.Clone(whole[:n])
			cut[0], cut[1], cut[2], cut[3] = 0, 0, byte(n>>8), byte(n)
			_ = tryAll(t, cut) // the end may be padding: some are whole
		}
	}
}

func TestRandomBytes(t *testing.T) {
	for name, whole := range seeds() {
		random := rand.New(rand.NewPCG(3, 4)) // one generator each, because seeds come in any order
		failed, rounds := 0, 20/race.Every(2)
		for range rounds {
			p := slices.Clone(whole)
			for range 1 + random.IntN(8) {
				p[random.IntN(len(p))] = byte(random.Uint32())
			}
			if tryAll(t, p) != nil {
				failed++
			}
		}
		if failed == rounds {
			t.Errorf("%s: nothing was converted", name)
		}
	}
}

// TestAllocation parses the profiles that take the most memory for their size.
func TestAllocation(t *testing.T) {
	white := func(v []float64) [3]float64 { return [3]float64{1, 1, 1} }
	for name, profile := range map[string][]byte{
		"small":  lutProfile(2, "CMYK", "Lab ", mft(1, 4, 2, identityCurve, encodePCS(inks, false), identityCurve)),
		"large":  lutProfile(2, "CMYK", "Lab ", mft(1, 4, 24, identityCurve, white, identityCurve)),
		"uneven": lutProfile(4, "RGB ", "Lab ", mAB(parts{channels: 3, b: curv(), grid: gridSamples(1, white, 2, 200, 200), sizes: []byte{2, 200, 200}, width: 1})),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_ = parse(t, profile)
		runtime.ReadMemStats(&after)
		got, most := after.TotalAlloc-before.TotalAlloc, max(uint64(3*len(profile)), 700<<10)+4096
		if got > most {
			t.Errorf("%s: %d bytes of %d", name, got, len(profile))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, profile := range seeds() {
		f.Add(profile)
	}
	f.Fuzz(func(t *testing.T, profile []byte) { _ = tryAll(t, profile) })
}

func BenchmarkConvert(b *testing.B) {
	pix := make([]byte, 4<<20)
	random := rand.New(rand.NewPCG(5, 6))
	for i := range pix {
		pix[i] = byte(random.Uint32())
	}
	dst := make([]byte, len(pix))
	run := func(name string, profile []byte, convert func(p *Profile)) {
		b.Run(name, func(b *testing.B) {
			p := parse(b, profile)
			for b.Loop() {
				convert(p)
			}
			b.ReportMetric(float64(len(pix)/4)*float64(b.N)/1e6/b.Elapsed().Seconds(), "MP/s")
		})
	}
	run("matrix", rgbSpaces[1].profile(4), func(p *Profile) { p.Convert(pix) })
	run("table RGB", seeds()["mAB RGB"], func(p *Profile) { p.Convert(pix) })
	run("table CMYK", cmykProfile(2), func(p *Profile) { p.ConvertCMYK(dst, pix) })
}

func BenchmarkParse(b *testing.B) {
	for name, profile := range map[string][]byte{"matrix": rgbSpaces[1].profile(4), "table CMYK": cmykProfile(2)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				parse(b, profile)
			}
		})
	}
}
