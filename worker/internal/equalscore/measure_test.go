package main

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/race"
)

// maxRatio is the highest mean ratio of bytes at equal score that a size may have over the pictures of this test. The
// tables were chosen for 0.84 on photos.
const maxRatio = 0.86

// photos is a folder that is not part of the repository and may be missing.
const photos = "../../../../shared/photos"

// drawPhoto returns a PNG of light, texture of every scale, edges and grain. For a codec it is much like a photo.
func drawPhoto(t *testing.T, width, height int, seed uint64) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	type wave struct{ x, y, phase, strength, hue float64 }
	var waves []wave
	for period := 400.0; period > 3; period *= 0.8 {
		angle := r.Float64() * math.Pi
		waves = append(waves, wave{math.Cos(angle) * 2 * math.Pi / period, math.Sin(angle) * 2 * math.Pi / period, r.Float64() * 6,
			1.2 * math.Sqrt(period), r.Float64() - 0.5})
	}
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			var light, hue float64
			for _, w := range waves {
				v := w.strength * math.Sin(w.x*float64(x)+w.y*float64(y)+w.phase)
				light, hue = light+v, hue+v*w.hue
			}
			if (x/90+y/70)%5 == 0 {
				light = 60 - light
			}
			light += 120 + 3*r.NormFloat64()
			for c, v := range [3]float64{light + hue, light, light - hue} {
				m.Pix[m.PixOffset(x, y)+c] = uint8(min(max(v, 0), 255))
			}
			m.Pix[m.PixOffset(x, y)+3] = 255
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestGain fails if JPEGs no longer save the bytes that their tables and scans should save.
func TestGain(t *testing.T) {
	files := map[string][]byte{}
	height := 1000
	if race.Enabled {
		height = 200
	}
	for seed := range uint64(2) {
		files["drawn"+string(rune('0'+seed))] = drawPhoto(t, 1600, height, seed)
	}
	if !race.Enabled {
		for _, name := range []string{"p12_iphone.jpg", "p12_samsung_o6.jpg", "png43_rgba.png"} {
			data, err := os.ReadFile(filepath.Join(photos, name))
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			files[name] = data
		}
	}
	total := map[int]*mean{}
	for name, data := range files {
		variants, err := render(t.Context(), data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, v := range variants {
			r, err := measure(t.Context(), v.pixels)
			if err != nil {
				t.Fatalf("%s at %d pixels: %v", name, v.side, err)
			}
			t.Logf("%s at %d pixels: ratio %.4f at a score of %.2f; at quality 80 %+.2f points and %.4f of the bytes", name, v.side, r.ratio(), r.score, r.points, r.usual)
			if total[v.side] == nil {
				total[v.side] = &mean{}
			}
			total[v.side].add(r)
		}
	}
	for _, side := range sides {
		m := total[side]
		if m == nil || m.n != len(files) {
			t.Fatalf("at %d pixels %+v of %d pictures were measured", side, m, len(files))
		}
		if got := m.ratio(); got > maxRatio {
			t.Errorf("at %d pixels JPEGs take %.4f of the baseline's bytes at equal score, want at most %.2f", side, got, maxRatio)
		}
	}
}

func TestBytesAt(t *testing.T) {
	for name, c := range map[string]struct {
		score func(quality int) float64
		want  float64 // expected quality; the bytes are its exponential
		fails bool
	}{
		"linear":      {score: func(q int) float64 { return float64(q) / 2 }, want: 84.5},
		"start":       {score: func(q int) float64 { return 42.25 + float64(q-50) }, want: 50},
		"low":         {score: func(q int) float64 { return 42.25 + float64(q) - 1.5 }, want: 1.5},
		"high":        {score: func(q int) float64 { return 42.25 + float64(q) - 99.25 }, want: 99.25},
		"steep":       {score: func(q int) float64 { return 42.25 + 1000*(float64(q)-33.5) }, want: 33.5},
		"all too low": {score: func(q int) float64 { return float64(q) / 3 }, fails: true},
		"too high":    {score: func(q int) float64 { return 50 + float64(q) }, fails: true},
	} {
		calls := 0
		got, err := bytesAt(42.25, 50, func(q int) (point, error) {
			calls++
			return point{math.Exp(float64(q)), c.score(q)}, nil
		})
		if c.fails != errors.Is(err, errOutOfReach) || !c.fails && math.Abs(math.Log(got)-c.want) > 1e-9 || calls > 16 {
			t.Errorf("%s: %v, %v after %d calls, want the bytes of quality %v", name, math.Log(got), err, calls, c.want)
		}
	}
	broken := errors.New("broken")
	if _, err := bytesAt(1, 50, func(int) (point, error) { return point{}, broken }); !errors.Is(err, broken) {
		t.Errorf("%v, want the error of the encoder", err)
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "small.png")
	if err := os.WriteFile(path, drawPhoto(t, 400, 100, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, []string{path}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "small.png") || !strings.HasPrefix(lines[2], "mean of 1") {
		t.Errorf("a picture of 400 pixels, which has one size, gave\n%s", out.String())
	}
	if err := run(t.Context(), &out, nil); err == nil {
		t.Error("no photo: no error")
	}
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), &out, []string{path}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("text: %v", err)
	}
}
