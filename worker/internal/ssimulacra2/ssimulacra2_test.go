package ssimulacra2

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"darkroom/deploy/testkit/race"
)

// sharedFolder holds pictures with the scores of the authors' program. It is not part of the repository and may be
// missing.
const sharedFolder = "../../../../shared/quality"

// TestAuthorsScores compares with scores of the authors' program.
func TestAuthorsScores(t *testing.T) {
	f, err := os.Open(filepath.Join(sharedFolder, "scores.tsv"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the pictures with scores of the authors' program are not here")
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table := csv.NewReader(f)
	table.Comma, table.Comment, table.FieldsPerRecord = '\t', '#', -1
	rows, err := table.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows of scores: %v", len(rows), err)
	}
	for i := 1; i < len(rows); i += race.Every(5) {
		row := rows[i]
		want, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		got := score(t, readPNG(t, row[0]), readPNG(t, row[1]))
		if math.Abs(got-want) > 0.15 {
			t.Errorf("%s: scored %.4f, the authors' program %.4f", row[1], got, want)
		}
	}
}

func readPNG(t *testing.T, name string) *image.NRGBA {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return toNRGBA(m)
}

func score(t testing.TB, a, b *image.NRGBA) float64 {
	t.Helper()
	r, err := New(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Score(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOracle compares with the straightforward implementation, for sizes with odd edges and with fewer scales.
func TestOracle(t *testing.T) {
	sizes := []image.Point{{64, 47}, {150, 131}, {113, 128}, {16, 16}, {9, 8}, {31, 200}}
	for i := 0; i < len(sizes); i += race.Every(4) {
		size := sizes[i]
		m := drawPhoto(size.X, size.Y, 3)
		for name, distort := range distortions(t) {
			d := distort(m)
			if got, want := score(t, m, d), oracle(m, d); math.Abs(got-want) > 0.05 {
				t.Errorf("%v %s: scored %.4f, want %.4f", size, name, got, want)
			}
		}
	}
}

// TestSameEverywhere expects the same scores on every processor, with vector instructions or without.
func TestSameEverywhere(t *testing.T) {
	m := drawPhoto(150, 131, 3)
	for quality, want := range map[int]float64{20: 13.606858318220, 75: 59.356723461897, 95: 79.609007298406} {
		if got := score(t, m, asJPEG(t, m, quality)); math.Abs(got-want) > 1e-9 {
			t.Errorf("quality %d: scored %.12f, want %.12f", quality, got, want)
		}
	}
}

// TestTransparent compares with the straightforward implementation. Transparent pictures are scored on two backgrounds,
// and the lower score counts.
func TestTransparent(t *testing.T) {
	opaque := drawPhoto(120, 90, 5)
	clear := changed(opaque, func(x, y int, c color.NRGBA) color.NRGBA { c.A = uint8(2 * (x + y)); return c })
	for name, pair := range map[string][2]*image.NRGBA{
		"both":    {clear, asJPEG(t, opaque, 40)},
		"coded":   {clear, changed(clear, func(_, _ int, c color.NRGBA) color.NRGBA { c.R, c.A = c.R&^15, c.A&^7; return c })},
		"picture": {opaque, clear},
	} {
		if got, want := score(t, pair[0], pair[1]), oracle(pair[0], pair[1]); math.Abs(got-want) > 0.05 {
			t.Errorf("%s: scored %.4f, want %.4f", name, got, want)
		}
	}
	hidden := changed(clear, func(x, y int, c color.NRGBA) color.NRGBA {
		if c.A == 0 {
			c.R ^= 0xff
		}
		return c
	})
	if got := score(t, clear, hidden); got != 100 {
		t.Errorf("another colour of wholly transparent pixels: scored %v, want 100", got)
	}
}

// TestSmall compares pictures of every small size. They have few scales or are extended.
func TestSmall(t *testing.T) {
	for i := 0; i < 18*18; i += race.Every(7) {
		w, h := i%18+1, i/18+1
		m := drawPhoto(w, h, 9)
		inverse := changed(m, func(_, _ int, c color.NRGBA) color.NRGBA { return color.NRGBA{^c.R, ^c.G, ^c.B, 0xff} })
		if got := score(t, m, m); got != 100 {
			t.Errorf("%d x %d: the picture itself scored %v, want 100", w, h, got)
		}
		if got := score(t, m, inverse); !(got < 80) {
			t.Errorf("%d x %d: the inverse picture scored %v, want less than 80", w, h, got)
		}
	}
}

// TestSubImage scores pictures with gaps between their rows and corners that are not at 0,0.
func TestSubImage(t *testing.T) {
	large := drawPhoto(200, 200, 2)
	part := large.SubImage(image.Rect(31, 17, 151, 137)).(*image.NRGBA)
	if got, want := score(t, part, asJPEG(t, toNRGBA(part), 60)), score(t, toNRGBA(part), asJPEG(t, toNRGBA(part), 60)); got != want {
		t.Errorf("scored %v as a part, and %v as a copy", got, want)
	}
}

func TestErrors(t *testing.T) {
	if _, err := New(t.Context(), image.NewNRGBA(image.Rect(3, 3, 3, 9))); err == nil {
		t.Error("New took a picture without pixels")
	}
	r, err := New(t.Context(), drawPhoto(20, 20, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Score(t.Context(), drawPhoto(20, 21, 1)); err == nil {
		t.Error("Score took a picture of another size")
	}
}

// endsAfter is a context that ends after a number of checks.
type endsAfter struct {
	context.Context
	left int
}

func (c *endsAfter) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancel ends the context at each check in turn.
func TestCancel(t *testing.T) {
	m := drawPhoto(40, 40, 1)
	r, err := New(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(ctx context.Context) error{
		"New":   func(ctx context.Context) error { _, err := New(ctx, m); return err },
		"Score": func(ctx context.Context) error { _, err := r.Score(ctx, m); return err },
	} {
		checks := 0
		for ; ; checks++ {
			if err := run(&endsAfter{t.Context(), checks}); err == nil {
				break
			} else if !errors.Is(err, context.Canceled) {
				t.Fatalf("%s: error %v, want that of the context", name, err)
			}
		}
		if checks < 40 {
			t.Errorf("%s checked its context %d times, want at least once a row", name, checks)
		}
	}
}

// TestMemory compares Memory with the bytes that are really allocated.
func TestMemory(t *testing.T) {
	for _, opaque := range []bool{true, false} {
		for _, size := range []image.Point{{300, 200}, {17, 400}, {1000, 3}} {
			m := drawPhoto(size.X, size.Y, 1)
			m.Pix[3] = 0xfe
			if opaque {
				m.Pix[3] = 0xff
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			score(t, m, m)
			runtime.ReadMemStats(&after)
			most, got := Memory(size.X, size.Y, opaque), int64(after.TotalAlloc-before.TotalAlloc)
			if got > most*21/20+64<<10 || got < most*9/10-64<<10 {
				t.Errorf("%v, opaque %v: allocated %d bytes, Memory says %d", size, opaque, got, most)
			}
		}
	}
}

func FuzzScore(f *testing.F) {
	f.Add(uint8(5), uint8(9), []byte{1, 2, 3})
	f.Add(uint8(64), uint8(33), []byte{255, 0, 0, 255, 0, 255})
	f.Add(uint8(1), uint8(1), []byte{})
	f.Fuzz(func(t *testing.T, w, h uint8, pix []byte) {
		a, b := image.NewNRGBA(image.Rect(0, 0, int(w)+1, int(h)+1)), image.NewNRGBA(image.Rect(0, 0, int(w)+1, int(h)+1))
		copy(b.Pix, pix[copy(a.Pix, pix[:len(pix)/2]):])
		if s := score(t, a, b); math.IsNaN(s) || s > 100 {
			t.Errorf("scored %v", s)
		}
		if s := score(t, b, b); s != 100 {
			t.Errorf("the picture itself scored %v, want 100", s)
		}
	})
}

func BenchmarkScore(b *testing.B) {
	for _, size := range []image.Point{{320, 240}, {1600, 1200}} {
		m := drawPhoto(size.X, size.Y, 1)
		d := asJPEG(b, m, 70)
		b.Run(fmt.Sprintf("new/%dx%d", size.X, size.Y), func(b *testing.B) {
			for b.Loop() {
				if _, err := New(b.Context(), m); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size.X*size.Y), "ns/px")
		})
		b.Run(fmt.Sprintf("score/%dx%d", size.X, size.Y), func(b *testing.B) {
			r, err := New(b.Context(), m)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := r.Score(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size.X*size.Y), "ns/px")
		})
	}
}
