package engine

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"

	"darkroom/worker/photo"
)

// damagedFormats are files of one picture that are cut and overwritten below. Those that come row by row show the upper part
// of the picture when they are cut.
func damagedFormats(t testing.TB, m *image.NRGBA) (rows, others map[string][]byte) {
	var p bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&p, m); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
			"jpeg": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90}),
			"png":  p.Bytes(),
			"webp": toWebP(t, m, false),
		}, map[string][]byte{
			"progressive jpeg": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Progressive: true}),
			"compressed png":   toPNG(t, m),
		}
}

// renderDamaged inspects and renders.
func renderDamaged(e *Engine, data []byte) (Rendering, error) {
	h, err := e.Inspect(data)
	if err != nil {
		return Rendering{}, err
	}
	return e.Render(data, h, nil)
}

// TestDamagedFiles cuts files in their middle. They are rejected, or rendered with what is there if damage is accepted.
func TestDamagedFiles(t *testing.T) {
	comparesPixels(t)
	m := scene(160, 120)
	strict, lenient := oddEngines(t, false), oddEngines(t, true)
	rows, others := damagedFormats(t, m)
	for _, files := range []map[string][]byte{rows, others} {
		for name, file := range files {
			cut := file[:len(file)*7/10]
			for how := range strict {
				_, err := renderDamaged(strict[how], cut)
				var r *Rejection
				if !errors.As(err, &r) || r.Reason() != photo.ReasonTruncated && r.Reason() != photo.ReasonCorrupt {
					t.Errorf("%s as %s: %v, want a rejection as truncated or corrupt", name, how, err)
				}
				got, err := renderDamaged(lenient[how], cut)
				if err != nil || got.Damage == nil || len(got.Images) != 1 {
					t.Errorf("%s as %s, damage accepted: %d images, damage %v, %v", name, how, len(got.Images), got.Damage, err)
					continue
				}
				if _, ok := rows[name]; !ok || how != "png" {
					continue
				}
				upper := image.Rect(0, 0, 160, 56)
				shown, whole := open(t, got.Images[0]), open(t, render(t, strict[how], file)[0])
				if db := likeness(t, imaging.Crop(shown, upper), imaging.Crop(whole, upper)); db < 40 {
					t.Errorf("%s: the upper part is like that of the whole file with %.1f dB", name, db)
				}
				lower := image.Rect(0, 100, 160, 120)
				if db := likeness(t, imaging.Crop(shown, lower), imaging.Crop(whole, lower)); db > 25 {
					t.Errorf("%s: the lower part, which is missing, is shown with %.1f dB: the test cuts nothing off", name, db)
				}
			}
		}
	}
}

// TestPoliciesAgree cuts files at many places and overwrites bytes. Whatever the policy, the result is a whole set of
// variants or a rejection with a sentence, and a file that is cut is never called undamaged unless no pixel is missing.
func TestPoliciesAgree(t *testing.T) {
	m := scene(48, 40)
	strict, lenient := oddEngines(t, false)["jpeg"], oddEngines(t, true)["jpeg"]
	rows, others := damagedFormats(t, m)
	for _, files := range []map[string][]byte{rows, others} {
		for name, file := range files {
			shown := 0
			check := func(data []byte, what string, at int) {
				t.Helper()
				s, errStrict := renderDamaged(strict, data)
				l, errLenient := renderDamaged(lenient, data)
				for _, err := range []error{errStrict, errLenient} {
					var r *Rejection
					if err == nil {
						continue
					}
					if !errors.As(err, &r) || r.Panicked {
						t.Fatalf("%s, %s at %d: %v", name, what, at, err)
					}
					wantSentence(t, r)
				}
				switch {
				case errStrict == nil && errLenient != nil:
					t.Errorf("%s, %s at %d: only rejected where damage is accepted: %v", name, what, at, errLenient)
				case errStrict == nil && !bytes.Equal(s.Images[0].Data, l.Images[0].Data):
					t.Errorf("%s, %s at %d: the policy changes a picture that both show", name, what, at)
				case errStrict != nil && errLenient == nil && l.Damage == nil:
					t.Errorf("%s, %s at %d: rejected as %v, and undamaged where damage is accepted", name, what, at, errStrict)
				case errStrict != nil && errLenient == nil:
					shown++
				}
			}
			for at := 0; at < len(file); at += 1 + len(file)/60 {
				check(file[:at], "cut", at)
				check(append(bytes.Clone(file[:at]), make([]byte, len(file)-at)...), "zeros from", at)
				flipped := bytes.Clone(file)
				flipped[at] ^= 0x5a
				check(flipped, "another byte", at)
			}
			if shown < 20 {
				t.Errorf("%s: %d damaged files are shown where damage is accepted, want most", name, shown)
			}
		}
	}
}

// TestHopelessFiles: a file of which no row can be read is rejected under either policy.
func TestHopelessFiles(t *testing.T) {
	rows, others := damagedFormats(t, scene(48, 40))
	for _, files := range []map[string][]byte{rows, others} {
		for name, file := range files {
			for _, e := range []*Engine{oddEngines(t, false)["png"], oddEngines(t, true)["png"]} {
				_, err := renderDamaged(e, file[:30])
				var r *Rejection
				if !errors.As(err, &r) || r.Reason() != photo.ReasonTruncated && r.Reason() != photo.ReasonCorrupt {
					t.Errorf("%s: %v, want a rejection as truncated or corrupt", name, err)
				}
			}
		}
	}
}
