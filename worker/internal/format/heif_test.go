package format

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/hevc"
	"darkroom/worker/photo"
)

// heifSeed returns one of the pictures of package heif.
func heifSeed(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "heif", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestHEIFNamedByItsCodec checks that the picture's codec, not the brands, decides between HEIC and AVIF, also in a
// rejection.
func TestHEIFNamedByItsCodec(t *testing.T) {
	for name, want := range map[string]photo.Format{
		"quadrants.heic": photo.HEIC, "alpha.avif": photo.AVIF, "hevc.avif": photo.HEIC, "av1.heic": photo.AVIF,
	} {
		data := heifSeed(t, name)
		h, err := Inspect(data, Limits{Pixels: 160 * 96})
		if err != nil || h.Format != want {
			t.Errorf("%s: %s, %v, want %s", name, h.Format, err, want)
			continue
		}
		if sandboxed := want == photo.AVIF; h.Sandboxed != sandboxed || h.Planar == sandboxed {
			t.Errorf("%s: sandboxed %v, planar %v", name, h.Sandboxed, h.Planar)
		}
	}
}

// TestHEIFPartsLimit checks that all coded pictures together may have three times the pixels of the largest picture.
// The alpha plane of this file has four times as many pixels as its picture.
func TestHEIFPartsLimit(t *testing.T) {
	const coded = 64*64 + 160*96 // without cropping
	data := heifSeed(t, "large-alpha.heic")
	if h, err := Inspect(data, Limits{Pixels: (coded + 2) / 3}); err != nil || h.Components != 4 {
		t.Errorf("at the limit: %d components, %v", h.Components, err)
	}
	_, err := Inspect(data, Limits{Pixels: coded / 3})
	var r *Rejection
	if !errors.As(err, &r) || r.Refusal != photo.TooExpensive(photo.HEIC, photo.Part(heif.CodedPixels), coded/3*3) {
		t.Errorf("above the limit: %v", err)
	}
}

// TestHEIFPartsHaveNames checks that the uploader reads which limit a file exceeds.
func TestHEIFPartsHaveNames(t *testing.T) {
	for _, part := range heif.Parts {
		err := rejectHEIF(photo.HEIC, &heif.WorkError{Part: part, Limit: 12345})
		r, ok := errors.AsType[*Rejection](err)
		if !ok || r.Reason() != photo.ReasonTooExpensive || !strings.Contains(r.Detail(), "more than 12345 "+string(part)) {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// TestHEIFUnsupported checks that a file that package hevc does not decode is rejected as an unsupported kind of HEIC,
// whether the sequence parameter set shows it or only the picture parameter set.
func TestHEIFUnsupported(t *testing.T) {
	refused := func(err error) bool {
		var r *Rejection
		return errors.As(err, &r) && r.Refusal == photo.UnsupportedKind(photo.HEIC, "") && errors.Is(r.Cause, hevc.ErrUnsupported)
	}
	if _, err := Inspect(heifSeed(t, "screen.heic"), Limits{Pixels: 1 << 20}); !refused(err) {
		t.Errorf("sequence parameter set: %v", err)
	}
	data := heifSeed(t, "screen-pps.heic")
	h, err := Inspect(data, Limits{Pixels: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, planar := range []bool{true, false} {
		if _, err := Decode(t.Context(), data, h, Target{Planar: planar}); !refused(err) {
			t.Errorf("planar %v: %v", planar, err)
		}
	}
}
