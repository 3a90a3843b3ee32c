package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/photo"
)

// damagedFormats returns files of one picture, which the tests cut and overwrite. When cut, those that store rows from
// top to bottom show the upper part of the picture.
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
	return e.Render(context.Background(), data, h, nil)
}

// TestDamagedFiles cuts files in the middle. They must be rejected, or rendered as far as they go if damage is
// accepted.
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
				shown, whole := openImage(t, got.Images[0]), openImage(t, render(t, strict[how], file)[0])
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

// comparePolicies renders a file with and without damage accepted, and reports whether it is shown only with. Each
// result must be a set of variants, or a rejection with a sentence. A file that is shown without must look the same
// with. A file that is rejected without must not count as undamaged with.
func comparePolicies(t testing.TB, strict, lenient *Engine, data []byte) (rescued bool, err error) {
	t.Helper()
	s, errStrict := renderDamaged(strict, data)
	l, errLenient := renderDamaged(lenient, data)
	for _, err := range []error{errStrict, errLenient} {
		if err == nil {
			continue
		}
		var r *Rejection
		if !errors.As(err, &r) || r.Panicked {
			return false, fmt.Errorf("not a rejection, or a panic: %w", err)
		}
		wantSentence(t, r)
	}
	switch {
	case errStrict == nil && errLenient != nil:
		return false, fmt.Errorf("rejected only where damage is accepted: %w", errLenient)
	case errStrict == nil && !bytes.Equal(s.Images[0].Data, l.Images[0].Data):
		return false, errors.New("the policy changes a picture that both show")
	case errStrict != nil && errLenient == nil && l.Damage == nil:
		return false, fmt.Errorf("undamaged where damage is accepted, and elsewhere rejected: %w", errStrict)
	}
	return errStrict != nil && errLenient == nil, nil
}

// TestPoliciesAgree cuts files at many places and overwrites bytes, and compares the policies.
func TestPoliciesAgree(t *testing.T) {
	race.Skip(t)
	strict, lenient := oddEngines(t, false)["jpeg"], oddEngines(t, true)["jpeg"]
	rows, others := damagedFormats(t, scene(48, 40))
	for _, files := range []map[string][]byte{rows, others} {
		for name, file := range files {
			rescued := 0
			for at := 0; at < len(file); at += 1 + len(file)/60 {
				flipped := bytes.Clone(file)
				flipped[at] ^= 0x5a
				for what, data := range map[string][]byte{"cut": file[:at], "another byte": flipped,
					"zeros": append(bytes.Clone(file[:at]), make([]byte, len(file)-at)...)} {
					shown, err := comparePolicies(t, strict, lenient, data)
					if err != nil {
						t.Errorf("%s, %s at %d: %v", name, what, at, err)
					}
					if shown {
						rescued++
					}
				}
			}
			if rescued < 20 {
				t.Errorf("%s: %d damaged files are shown only where damage is accepted, want most", name, rescued)
			}
		}
	}
}

// TestHopelessFiles checks that a file without a readable row is rejected, whether or not damage is accepted.
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
