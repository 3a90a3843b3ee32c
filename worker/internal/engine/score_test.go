package engine

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/ctxcheck"
	"darkroom/deploy/testkit/pnm"
	"darkroom/deploy/testkit/race"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/ssimulacra2"
	"darkroom/worker/photo"
)

// scoredSpec returns the Spec of a box with a score.
func scoredSpec(name string, side, score int, formats ...Output) Spec {
	return Spec{Name: name, Width: side, Height: side, Fit: Inside, Score: score, Formats: formats}
}

// decodeByTool decodes a file with the format's own program.
func decodeByTool(t *testing.T, img Image) *image.NRGBA {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out.png")
	if err := os.WriteFile(in, img.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	args := map[photo.Format][]string{photo.JPEG: {"djpeg", "-outfile", out, in}, photo.WebP: {"dwebp", "-quiet", in, "-o", out},
		photo.AVIF: {"avifdec", in, out}}[img.Format]
	if text, err := exec.CommandContext(t.Context(), tool.Find(t, args[0]), args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", args[0], err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if img.Format == photo.JPEG {
		return must(pnm.Decode(data))
	}
	return toNRGBA(must(png.Decode(bytes.NewReader(data))))
}

// scoreAgainst scores a picture against the one that it was made from.
func scoreAgainst(t *testing.T, reference, m *image.NRGBA) float64 {
	t.Helper()
	r, err := ssimulacra2.New(t.Context(), reference)
	if err != nil {
		t.Fatal(err)
	}
	score, err := r.Score(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return score
}

// natural returns a picture like a photo: soft colours, texture and edges of luma. alpha applies to its left half.
func natural(w, h int, alpha uint8) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	random := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(w), float64(y)/float64(h)
			light := 120 + 60*math.Sin(9*fx+4*fy) + 25*math.Sin(70*fx*fy) + random.NormFloat64()*5*fx
			if (x/23+y/31)%4 == 0 {
				light += 35
			}
			for c, tint := range [3]float64{20 * fx, 0, -25 * fy} {
				m.Pix[y*m.Stride+4*x+c] = uint8(min(max(light+tint, 0), 255))
			}
			m.Pix[y*m.Stride+4*x+3] = 0xff
			if 2*x < w {
				m.Pix[y*m.Stride+4*x+3] = alpha
			}
		}
	}
	return m
}

// TestScore renders pictures together with a PNG that has the pixels of the variant, and decodes the files with other
// programs. No file may score less than its Spec asks for, and few may score much more.
func TestScore(t *testing.T) {
	originals := map[string][]byte{
		"JPEG":  toJPEG(t, natural(400, 300, 255), &jpegn.EncodeOptions{Quality: 95}),
		"grey":  toJPEG(t, natural(300, 200, 255), &jpegn.EncodeOptions{Quality: 95, Subsampling: jpegn.SubsampleGray}),
		"PNG":   toPNG(t, natural(250, 333, 255)),
		"clear": toPNG(t, natural(240, 180, 128)),
	}
	files, trials := 0, 0
	targets := []int{75, 50, 90}
	for i := 0; i < len(targets); i += race.Every(len(targets)) {
		target := targets[i]
		for name, original := range originals {
			outputs := []Output{JPEG, WebP}
			if target == 75 && name == "JPEG" {
				outputs = append(outputs, AVIF)
			}
			lossless := boxSpec("lossless", 200, 200, Inside, 80)
			lossless.Formats = []Output{PNG}
			r := render(t, engine(t, Config{Specs: []Spec{lossless, scoredSpec("scored", 200, target, outputs...)}}), original)
			reference := toNRGBA(must(png.Decode(bytes.NewReader(r[0].Data))))
			for _, img := range r[1:] {
				against := reference
				if img.Format == photo.JPEG {
					against = onWhite(reference)
				}
				got := scoreAgainst(t, against, decodeByTool(t, img))
				files, trials = files+1, trials+img.Trials
				if got < float64(target) || img.Missed {
					t.Errorf("%s as %s at quality %d: scored %.2f, and %.2f by another decoder, want at least %d", name, img.Format, img.Quality, img.Score, got, target)
				}
				if img.Score > float64(target)+4 {
					t.Errorf("%s as %s at quality %d: scored %.2f, much more than %d", name, img.Format, img.Quality, img.Score, target)
				}
			}
		}
	}
	t.Logf("%d files, %.2f trials each", files, float64(trials)/float64(files))
}

// onWhite returns the picture as a JPEG shows it.
func onWhite(m *image.NRGBA) *image.NRGBA {
	flat := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		a := int(m.Pix[i+3])
		for c := range 3 {
			flat.Pix[i+c] = uint8((int(m.Pix[i+c])*a + 255*(255-a) + 127) / 255)
		}
		flat.Pix[i+3] = 0xff
	}
	return flat
}

// TestScoreOfPhotos compares the variants of photos with those of quality 80, if there is a folder of photos.
func TestScoreOfPhotos(t *testing.T) {
	if race.Enabled {
		t.Skip("the gate also runs it without the race detector")
	}
	paths, err := filepath.Glob("../../../../shared/photos/*.*g")
	if err != nil || len(paths) == 0 {
		t.Skip("the photos are not here")
	}
	var usual, scored []Spec
	for _, side := range []int{1600, 800, 320} {
		name := "v" + string(rune('a'+len(usual)))
		fixed := boxSpec(name, side, side, Inside, 80)
		fixed.Formats = []Output{JPEG}
		usual, scored = append(usual, fixed), append(scored, scoredSpec(name, side, 75, JPEG))
	}
	var bytesUsual, bytesScored, files, trials int
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, img := range render(t, engine(t, Config{Specs: usual}), data) {
			bytesUsual += len(img.Data)
		}
		for _, img := range render(t, engine(t, Config{Specs: scored}), data) {
			bytesScored, files, trials = bytesScored+len(img.Data), files+1, trials+img.Trials
			if img.Score < 75 {
				t.Errorf("%s, %s: scored %.2f at quality %d", path, img.Name, img.Score, img.Quality)
			}
		}
	}
	t.Logf("%d files, %.2f trials each, %.3f of the bytes of quality 80", files, float64(trials)/float64(files), float64(bytesScored)/float64(bytesUsual))
	if trials > 3*files {
		t.Errorf("%d trials of %d files, want at most 3 each", trials, files)
	}
}

// TestScoreMissed renders colours that change with every pixel, which a 4:2:0 JPEG cannot keep.
func TestScoreMissed(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		c := [2][3]uint8{{255, 0, 0}, {0, 0, 255}}[(i+i/64)%2]
		copy(m.Pix[4*i:], []uint8{c[0], c[1], c[2], 255})
	}
	img := render(t, engine(t, Config{Specs: []Spec{scoredSpec("v", 64, 95, JPEG)}}), toPNG(t, m))[0]
	if !img.Missed || img.Score >= 95 {
		t.Errorf("scored %.2f at quality %d, missed: %v; want a score that is missed", img.Score, img.Quality, img.Missed)
	}
	entry := img.Entry(photo.Ref{})
	if !entry.ScoreMissed || entry.Quality != img.Quality || entry.Score > img.Score || entry.Score < img.Score-0.011 {
		t.Errorf("the manifest has quality %d, score %v, missed %v of %+v", entry.Quality, entry.Score, entry.ScoreMissed, img)
	}
}

// TestScoreOfLossless checks that a Score does not change lossless files.
func TestScoreOfLossless(t *testing.T) {
	spec := scoredSpec("v", 40, 75, PNG, JPEG, WebP)
	spec.Lossless = true
	for _, img := range render(t, engine(t, Config{Specs: []Spec{spec}}), toPNG(t, scene(60, 40))) {
		if scored := img.Format == photo.JPEG; scored != (img.Quality != 0) || scored != (img.Score != 0) || scored != (img.Trials != 0) {
			t.Errorf("%s has quality %d and score %.2f after %d trials", img.Format, img.Quality, img.Score, img.Trials)
		}
	}
}

// TestScoreEndsWithItsContext ends the context in every step of a search.
func TestScoreEndsWithItsContext(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{scoredSpec("v", 30, 75, JPEG)}})
	file := toPNG(t, scene(40, 30))
	h, err := e.Inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	render(t, e, file) // fills the cache of the filter's weights
	ctxcheck.Ends(t, 200, func(ctx context.Context) error {
		_, err := e.Render(ctx, file, h, nil)
		if rejection := (*Rejection)(nil); errors.As(err, &rejection) {
			t.Errorf("the end of the context rejects the photo: %v", err)
		}
		return err
	})
}

// TestScoreMemory compares the estimate with what a search takes.
func TestScoreMemory(t *testing.T) {
	countsAllocations(t)
	for name, m := range map[string]*image.NRGBA{"opaque": natural(1600, 1200, 255), "clear": natural(1600, 1200, 128)} {
		for _, f := range []Output{JPEG, WebP, AVIF} {
			side := 1600
			if f == AVIF {
				side = 500
			}
			e := engine(t, Config{Specs: []Spec{scoredSpec("v", side, 75, f)}})
			file := quickPNG(t, m)
			h, err := e.Inspect(file)
			if err != nil {
				t.Fatal(err)
			}
			if f != JPEG {
				render(t, engine(t, Config{Specs: []Spec{scoredSpec("v", 20, 75, f)}}), file) // compiles the codec
			}
			most, estimate := peak(t, func() { render(t, e, file) }), e.Memory(h)
			t.Logf("%s, %s: estimate %d MB, takes %d MB", name, f, estimate>>20, most>>20)
			if estimate < most || estimate > 3*most {
				t.Errorf("%s, %s: takes %d bytes, the estimate is %d", name, f, most, estimate)
			}
		}
	}
}
