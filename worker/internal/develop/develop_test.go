package develop_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"darkroom/worker/internal/develop"
	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/gainmap"
	"darkroom/worker/internal/jpegwrite"
	"darkroom/worker/photo"
)

// fakeEngine renders two variants, unless a step has an error.
type fakeEngine struct {
	inspect, render error
	damage          error
}

func (e *fakeEngine) Inspect([]byte) (engine.Header, error) {
	return engine.Header{Header: format.Header{Format: photo.JPEG, Width: 4, Height: 3, Orientation: 1}}, e.inspect
}

func (e *fakeEngine) Memory(engine.Header) int64 { return 7 }

func (e *fakeEngine) Effort(engine.Header) float64 { return 0.5 }

func (e *fakeEngine) Render(_ context.Context, data []byte, _ engine.Header, mark func(engine.Stage)) (engine.Rendering, error) {
	mark(engine.Decode)
	if e.render != nil {
		return engine.Rendering{}, e.render
	}
	image := func(name string) engine.Image {
		return engine.Image{Name: name, Format: photo.JPEG, Width: 4, Height: 3, Data: append([]byte(name), data...)}
	}
	return engine.Rendering{Images: []engine.Image{image("large"), image("small")}, Preview: engine.Preview{ThumbHash: []byte("blur"), Colour: "#010203", PerceptualHash: "994c33b3cc4c33b3"}, Damage: e.damage}, nil
}

func TestPhoto(t *testing.T) {
	reject := func(reason photo.Reason) error {
		return &engine.Rejection{Refusal: photo.RefusalFor(reason), Cause: errors.New("package x: MCU 9")}
	}
	full := errors.New("no memory")
	for name, tc := range map[string]struct {
		engine       fakeEngine
		check, admit error
		reason       photo.Reason // manifest state, only if the photo is rejected
		err          error
		info         bool // the manifest describes the picture
	}{
		"ready":             {info: true},
		"damaged":           {engine: fakeEngine{damage: errors.New("the last rows")}, info: true},
		"unreadable header": {engine: fakeEngine{inspect: reject(photo.ReasonCorrupt)}, reason: photo.ReasonCorrupt},
		"failed check":      {check: reject(photo.ReasonUnsupported), reason: photo.ReasonUnsupported, info: true},
		"not admitted":      {admit: reject(photo.ReasonTooManyPixels), reason: photo.ReasonTooManyPixels, info: true},
		"unreadable pixels": {engine: fakeEngine{render: reject(photo.ReasonTruncated)}, reason: photo.ReasonTruncated, info: true},
		"another error":     {admit: full, err: full},
	} {
		t.Run(name, func(t *testing.T) {
			recipe := photo.Recipe{Name: "r1", MaxBytes: 1, MaxPixels: 2, Memory: 3}
			m := &photo.Manifest{Board: "cats", ID: photo.NewID()}
			var steps []string
			step := func(name string) { steps = append(steps, name) }
			result, err := develop.Photo(t.Context(), &tc.engine, []byte("data"), m, develop.Options{
				Recipe: recipe,
				Check: func(h engine.Header) error {
					step("check " + string(h.Format))
					return tc.check
				},
				Admit: func(_ context.Context, _ engine.Header, memory int64) (func(), error) {
					step("admit")
					if memory != 7 {
						t.Errorf("admit %d bytes, want 7", memory)
					}
					return func() { step("release") }, tc.admit
				},
				Mark: func(s engine.Stage) { step(string(s)) },
			})
			if !errors.Is(err, tc.err) || (err == nil) != (tc.err == nil) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			want := []string{"check jpeg", "admit", "decode", "release"}
			switch {
			case tc.engine.inspect != nil:
				want = nil
			case tc.check != nil:
				want = want[:1]
			case tc.admit != nil:
				want = want[:2]
			}
			if !slices.Equal(steps, want) {
				t.Errorf("steps %q, want %q", steps, want)
			}
			if err != nil {
				return
			}
			if m.Recipe != "r1" || (m.Photo != nil) != tc.info {
				t.Errorf("manifest %+v", m)
			}
			if tc.reason == "" {
				if result.Rejection != nil || m.State != photo.Ready || len(result.Images) != 2 || len(m.Variants) != 2 || m.Photo.Colour != "#010203" || m.Photo.PerceptualHash != "994c33b3cc4c33b3" {
					t.Fatalf("%d images, rejection %v, manifest %+v", len(result.Images), result.Rejection, m)
				}
				if result.Damage != tc.engine.damage || m.Damaged() != (tc.engine.damage != nil) {
					t.Errorf("damage %v, want %v; the manifest says %v", result.Damage, tc.engine.damage, m.Damaged())
				}
				for i, img := range result.Images {
					if m.Variants[i] != img.Entry(m.Ref()) {
						t.Errorf("variant %d is %+v, want that of %s", i, m.Variants[i], img.Name)
					}
				}
				return
			}
			if result.Rejection == nil || result.Rejection.Reason() != tc.reason || len(result.Images) != 0 || m.Damaged() || len(m.Variants) != 0 ||
				m.State != photo.Rejected || m.Reason != tc.reason || m.Detail != photo.RefusalFor(tc.reason).Detail() {
				t.Errorf("rejection %v, manifest %+v, want %s", result.Rejection, m, tc.reason)
			}
		})
	}
}

// gainEngine is a real engine that says a photo takes more memory if its gain map is kept.
type gainEngine struct{ *engine.Engine }

func (e gainEngine) Memory(h engine.Header) int64 {
	if _, ok := h.WithoutHDR(nil); ok {
		return 100
	}
	return 10
}

// TestPhotoWithoutItsGainMap checks that a photo that takes too much memory with its gain map is rendered without it.
func TestPhotoWithoutItsGainMap(t *testing.T) {
	e, err := engine.New(engine.Config{Specs: []engine.Spec{{Name: "v", Width: 16, Height: 16, Fit: engine.Inside, Quality: 80, HDR: engine.KeepHDR}}})
	if err != nil {
		t.Fatal(err)
	}
	picture := func(side int) []byte {
		p := jpegwrite.Picture{Width: side, Height: side, Planes: []jpegwrite.Plane{{Pix: make([]byte, side*side), Stride: side}}}
		file, err := jpegwrite.Encode(t.Context(), p, jpegwrite.Options{Quality: 80})
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	one := gainmap.Ratio{Num: 1, Den: 1}
	file, err := gainmap.Join(picture(32), picture(16), gainmap.Metadata{AlternateHeadroom: one, BaseHeadroom: gainmap.Ratio{Den: 1}, BaseColours: true,
		Channels: []gainmap.Channel{{Min: gainmap.Ratio{Den: 1}, Max: one, Gamma: one, BaseOffset: one, AlternateOffset: one}}})
	if err != nil {
		t.Fatal(err)
	}
	for budget, wantHDR := range map[int64]bool{100: true, 99: false} {
		m := &photo.Manifest{Board: "cats", ID: photo.NewID()}
		result, err := develop.Photo(t.Context(), gainEngine{e}, file, m, develop.Options{Admit: func(_ context.Context, _ engine.Header, memory int64) (func(), error) {
			if memory > budget {
				return nil, &engine.Rejection{Refusal: photo.RefusalFor(photo.ReasonTooManyPixels)}
			}
			return func() {}, nil
		}})
		if err != nil || m.State != photo.Ready || m.Variants[0].HDR != wantHDR || m.Photo.HDRLost == wantHDR || (result.LostHDR == nil) != wantHDR {
			t.Errorf("budget %d: %v, %s, variants %+v, lost %v", budget, err, m.State, m.Variants, result.LostHDR)
		}
	}
}
