package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"
	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/internal/gainmap"
	"darkroom/worker/internal/jpegwrite"
	"darkroom/worker/photo"
)

// TestGainMapLiesOverThePicture renders a picture and a gain map with the same mark, in every orientation and with
// every kind of crop. In each variant, the marks must lie in the same place, to within a pixel of the gain map.
func TestGainMapLiesOverThePicture(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 15))
	smart, top, enlarged := boxSpec("smart", 100, 100, Fill, 95), boxSpec("top", 140, 60, Fill, 95), boxSpec("enlarged", 350, 250, Fill, 95)
	smart.Anchor, top.Anchor, enlarged.Upscale, enlarged.Anchor = Smart, Top, true, Left
	e := engine(t, withHDR(boxSpec("inside", 200, 200, Inside, 95), boxSpec("same", 2000, 2000, Inside, 95), boxSpec("tall", 50, 141, Fill, 95), smart, top, enlarged))
	for orientation := 1; orientation <= 8; orientation++ {
		for i, scale := range []int{1, 3, 4} {
			if (orientation+i)%race.Every(3) > 0 {
				continue
			}
			w, h := 201+r.IntN(100), 171+r.IntN(100)
			x0, y0 := 0.25+0.2*r.Float64(), 0.1+0.2*r.Float64()
			place := func(w, h int) *image.NRGBA { return drawMark(w, h, x0, y0, x0+0.3, y0+0.25) }
			file := ultraHDR(t, store(place(w, h), orientation), gainJPEG(t, store(place((w+scale/2)/scale, (h+scale/2)/scale), orientation), true, jpegwrite.Options{}),
				orientation, phoneGain())
			for _, img := range render(t, e, file) {
				what := fmt.Sprintf("orientation %d, %dx%d, scale %d, %s", orientation, w, h, scale, img.Name)
				base, gain, m := decodeBoth(t, img.Data)
				if !img.HDR || base.Rect.Dx() != img.Width || !cmp.Equal(m, phoneGain()) {
					t.Fatalf("%s: HDR %v, %v, %+v", what, img.HDR, base.Rect, m)
				}
				ax, ay, a := centre(base)
				bx, by, b := centre(gain)
				if dx, dy := (ax-bx)*float64(gain.Rect.Dx()), (ay-by)*float64(gain.Rect.Dy()); math.Hypot(dx, dy) > 0.5 {
					t.Errorf("%s: the gain map of %v lies %.2f, %.2f pixels off", what, gain.Rect.Size(), dx, dy)
				}
				if math.Abs(a-b) > 0.35*a {
					t.Errorf("%s: the mark covers %.4f of the picture and %.4f of the gain map", what, a, b)
				}
			}
		}
	}
}

// splitPictures returns the first picture of a JPEG without APP1 and APP2 segments, and what follows it.
func splitPictures(t testing.TB, file []byte) []byte {
	t.Helper()
	out := slices.Clone(file[:2])
	for pos := 2; ; {
		length := 2 + int(binary.BigEndian.Uint16(file[pos+2:]))
		if marker := file[pos+1]; marker != markerAPP1 && marker != 0xe2 {
			out = append(out, file[pos:pos+length]...)
		}
		pos += length
		if file[pos-length+1] == markerSOS {
			return append(out, file[pos:]...)
		}
	}
}

// TestGainMapKeepsThePicture checks that the gain map adds segments and a second picture, at most 15 % of the bytes or
// 2 KB, and changes nothing else. It keeps its scale, unless that takes too many bytes.
func TestGainMapKeepsThePicture(t *testing.T) {
	race.Skip(t)
	specs := func() []Spec {
		scored := boxSpec("scored", 200, 200, Inside, 0)
		scored.Score = 70
		return []Spec{boxSpec("large", 1000, 1000, Inside, 80), boxSpec("medium", 500, 500, Inside, 80), boxSpec("thumb", 128, 128, Fill, 80), scored}
	}
	m := landscape(1200, 900)
	for name, gain := range map[string][]byte{
		"grey": gainJPEG(t, landscape(300, 225), true, jpegwrite.Options{}), "colours": gainJPEG(t, landscape(300, 225), false, jpegwrite.Options{Progressive: true}),
		"as large as the picture": gainJPEG(t, m, true, jpegwrite.Options{}),
	} {
		file := ultraHDR(t, m, gain, 1, phoneGain())
		plain, kept := rendering(t, engine(t, Config{Specs: specs()}), file), rendering(t, engine(t, withHDR(specs()...)), file)
		if kept.LostHDR != nil {
			t.Fatal(kept.LostHDR)
		}
		for i, a := range plain.Images {
			b := kept.Images[i]
			_, g, _ := decodeBoth(t, b.Data)
			found, _ := gainmap.Find(b.Data)
			if !bytes.Equal(splitPictures(t, a.Data), splitPictures(t, b.Data[:len(b.Data)-len(found.JPEG)])) {
				t.Errorf("%s, %s: the picture has changed", name, a.Name)
			}
			more := float64(len(b.Data))/float64(len(a.Data)) - 1
			t.Logf("%s, %s: %d bytes, %.1f %% more, gain map of %v", name, a.Name, len(b.Data), 100*more, g.Rect.Size())
			if more > 0.15 && len(b.Data)-len(a.Data) > 2048 {
				t.Errorf("%s, %s: %.1f %% more bytes", name, a.Name, 100*more)
			}
			if a.HDR || !b.HDR || a.Width != b.Width {
				t.Errorf("%s, %s: HDR %v and %v", name, a.Name, a.HDR, b.HDR)
			}
			if name == "grey" && a.Name == "large" && g.Rect.Size() != image.Pt(250, 188) {
				t.Errorf("the gain map has %v", g.Rect.Size())
			}
		}
		if diff := cmp.Diff(plain.Preview, kept.Preview); diff != "" {
			t.Error(diff)
		}
	}
}

// TestGainMapWithoutSecrets checks that no metadata of the second picture is kept, wherever it is.
func TestGainMapWithoutSecrets(t *testing.T) {
	gain := gainJPEG(t, drawMark(50, 40, 0, 0, 0.5, 0.5), true, jpegwrite.Options{EXIF: []byte("MM\x00*GPS-secret"), Profile: []byte(strings.Repeat("GPS-secret", 40))})
	for _, s := range [][]byte{segment(0xfe, []byte("GPS-secret")), segment(0xed, []byte("Photoshop 3.0\x00GPS-secret")),
		segment(markerAPP1, []byte("http://ns.adobe.com/xmp/extension/\x00GPS-secret"))} {
		gain = insert(gain, 20, s)
	}
	file := append(ultraHDR(t, drawMark(200, 160, 0, 0, 0.5, 0.5), gain, 3, phoneGain()), "GPS-secret"...)
	for _, img := range render(t, engine(t, withHDR(boxSpec("v", 100, 100, Inside, 80))), file) {
		if bytes.Contains(img.Data, []byte("secret")) || !img.HDR {
			t.Errorf("%s: HDR %v: %q", img.Name, img.HDR, img.Data)
		}
	}
}

// TestGainMapProfile checks that the profile of the second picture is kept if the gains are for its colours, and only
// then.
func TestGainMapProfile(t *testing.T) {
	for _, base := range []bool{true, false} {
		m := phoneGain()
		m.BaseColours = base
		gain := gainJPEG(t, drawMark(50, 40, 0, 0, 0.5, 0.5), false, jpegwrite.Options{Profile: displayP3()})
		img := render(t, engine(t, withHDR(boxSpec("v", 100, 100, Inside, 80))), ultraHDR(t, drawMark(200, 160, 0, 0, 0.5, 0.5), gain, 1, m))[0]
		found, err := gainmap.Find(img.Data)
		if err != nil || found.BaseColours != base || bytes.Contains(found.JPEG, displayP3()) == base {
			t.Errorf("colours of the picture %v: %v, has the profile %v: %v", base, found.BaseColours, bytes.Contains(found.JPEG, displayP3()), err)
		}
	}
}

// TestGainMapDamaged checks that a photo with a damaged gain map is rendered without it, and that the rendering says
// why.
func TestGainMapDamaged(t *testing.T) {
	gain := gainJPEG(t, landscape(100, 80), true, jpegwrite.Options{})
	base := landscape(200, 160)
	whole := ultraHDR(t, base, gain, 1, phoneGain())
	e := engine(t, withHDR(boxSpec("v", 100, 100, Inside, 80)))
	plain := render(t, e, toJPEG(t, base, &jpegn.EncodeOptions{Quality: 90}))
	broken := slices.Clone(whole)
	at := len(broken) - len(gain)/2
	copy(broken[at:], bytes.Repeat([]byte{0xff, 0xd0}, 20))
	large := ultraHDR(t, base, gainJPEG(t, landscape(300, 240), true, jpegwrite.Options{}), 1, phoneGain())
	colours := flatJPEG(adobe(0), 1, 2, 3, 4)
	inks := ultraHDR(t, base, insert(colours, 2, segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"))), 1, phoneGain())
	second, err := gainmap.Find(whole)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"cut off": whole[:len(whole)-100], "none of it there": whole[:len(whole)-len(second.JPEG)], "data": broken,
		"larger than the photo": large, "inks": inks,
	} {
		r := rendering(t, e, file)
		var info photo.Info
		r.Describe(&info)
		if r.LostHDR == nil || !info.HDRLost || r.Damage != nil || r.Images[0].HDR {
			t.Errorf("%s: lost %v, damage %v", name, r.LostHDR, r.Damage)
		}
		if len(r.Images[0].Data) != len(plain[0].Data) {
			t.Errorf("%s: %d bytes, want %d", name, len(r.Images[0].Data), len(plain[0].Data))
		}
		if r := rendering(t, engine(t, Config{}), file); r.LostHDR != nil || r.Damage != nil {
			t.Errorf("%s: without a Spec that keeps the gain map: %v, %v", name, r.LostHDR, r.Damage)
		}
	}
	if r := rendering(t, e, toJPEG(t, base, nil)); r.LostHDR != nil || r.Images[0].HDR {
		t.Errorf("no gain map: %v", r.LostHDR)
	}
}

// TestGainMapFormats checks that only JPEGs have a gain map.
func TestGainMapFormats(t *testing.T) {
	s := boxSpec("v", 100, 100, Inside, 80)
	s.Formats = []Output{PNG, JPEG}
	e := engine(t, withHDR(s))
	file := ultraHDR(t, landscape(200, 160), gainJPEG(t, landscape(100, 80), true, jpegwrite.Options{}), 1, phoneGain())
	for _, img := range render(t, e, file) {
		entry := img.Entry(photo.Ref{Board: "b", ID: "i"})
		if want := img.Format == photo.JPEG; img.HDR != want || entry.HDR != want || (bytes.Contains(img.Data, []byte("hdrgm"))) != want {
			t.Errorf("%s: HDR %v", img.Format, img.HDR)
		}
	}
	h, err := e.Inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	without, ok := h.WithoutHDR(fmt.Errorf("too large"))
	if r, err := e.Render(t.Context(), file, without, nil); !ok || err != nil || r.Images[1].HDR || r.LostHDR == nil || e.Memory(without) >= e.Memory(h) || e.Effort(without) > e.Effort(h) {
		t.Errorf("without: %v, %v, %v", ok, err, r.LostHDR)
	}
	if _, ok := h.WithoutSpecs([]string{"v"}).WithoutHDR(nil); ok {
		t.Error("a photo without variants has a gain map")
	}
}

// TestGainMapMemory compares the estimate with what a large gain map takes.
func TestGainMapMemory(t *testing.T) {
	countsAllocations(t)
	m := noisy(1600, 1200)
	file := ultraHDR(t, m, gainJPEG(t, m, false, jpegwrite.Options{Progressive: true}), 6, phoneGain())
	e := engine(t, withHDR(DefaultSpecs()...))
	h, err := e.Inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	plain := e.Memory(func() Header { w, _ := h.WithoutHDR(nil); return w }())
	if most := peak(t, func() { render(t, e, file) }); most > e.Memory(h) {
		t.Errorf("takes %d bytes, the estimate is %d, and %d without the gain map", most, e.Memory(h), plain)
	}
}
