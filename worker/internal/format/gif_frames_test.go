package format

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/photo"
)

// randomGIF returns an animation of frames with random rectangles, colours, disposals and delays.
func randomGIF(t testing.TB, seed uint64) []byte {
	t.Helper()
	const w, h = 23, 17
	random := rand.New(rand.NewPCG(seed, 1))
	file := gif.GIF{LoopCount: random.IntN(4) - 1, Config: image.Config{Width: w, Height: h}, BackgroundIndex: 1}
	for i := range 7 {
		r := image.Rect(0, 0, w, h)
		if i > 0 || random.IntN(2) == 0 {
			r = image.Rect(random.IntN(w), random.IntN(h), 1+random.IntN(w), 1+random.IntN(h))
			r.Max = image.Pt(max(r.Max.X, r.Min.X+1), max(r.Max.Y, r.Min.Y+1))
		}
		palette := make(color.Palette, 4)
		for k := range palette {
			palette[k] = color.RGBA{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32()), 255}
		}
		if random.IntN(3) > 0 {
			palette[2] = color.RGBA{}
		}
		m := image.NewPaletted(r, palette)
		for k := range m.Pix {
			m.Pix[k] = byte(random.IntN(4))
		}
		file.Image = append(file.Image, m)
		file.Delay = append(file.Delay, []int{0, 1, 2, 7, 300}[random.IntN(5)])
		file.Disposal = append(file.Disposal, []byte{0, gif.DisposalNone, gif.DisposalBackground, gif.DisposalPrevious}[random.IntN(4)])
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &file); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// nthDescriptor returns the offset of the n-th image descriptor, counted from 0, of a file that image/gif wrote.
func nthDescriptor(data []byte, n int) int {
	control := []byte{0x21, 0xf9, 4}
	at := 0
	for ; n >= 0; n-- {
		at += 8 + bytes.Index(data[at:], control)
	}
	return at
}

// oddGIFAnimations returns animations that deviate from the specification.
func oddGIFAnimations(t testing.TB) map[string][]byte {
	base := randomGIF(t, 5)
	patched := func(change func(data []byte)) []byte {
		data := bytes.Clone(base)
		change(data)
		return data
	}
	extension := bytes.Index(base, []byte("NETSCAPE2.0"))
	loop := slices.Concat([]byte{0x21, 0xff, 11}, []byte("NETSCAPE2.0"), []byte{3, 1, 6, 0, 0})
	without := base
	if extension > 0 {
		without = slices.Delete(bytes.Clone(base), extension-3, extension+16)
	}
	last, second := nthDescriptor(base, 6), nthDescriptor(without, 1)
	files := map[string][]byte{
		"no loop extension":        without,
		"loop extension of others": bytes.Replace(slices.Concat(without[:13], loop, without[13:]), []byte("NETSCAPE2.0"), []byte("ANIMEXTS1.0"), 1),
		"loop extension later":     slices.Concat(without[:second-8], loop, without[second-8:]),
		"two loop extensions":      slices.Concat(without[:13], bytes.Replace(loop, []byte{1, 6}, []byte{1, 9}, 1), loop, without[13:]),
		"over the edges":           patched(func(d []byte) { d[last+1], d[last+3] = 20, 12 }),
		"outside":                  patched(func(d []byte) { d[last+2], d[last+4] = 1, 1 }),
		"no trailer":               base[:len(base)-1],
		"rubbish after":            append(bytes.Clone(base), ";rubbish!"...),
	}
	for disposal := byte(4); disposal < 8; disposal++ {
		files[fmt.Sprintf("disposal %d", disposal)] = patched(func(d []byte) { d[nthDescriptor(d, 2)-5] = disposal << 2 })
	}
	return files
}

// TestGIFFramesOfBrowsers compares all frames and their times with those of a browser.
func TestGIFFramesOfBrowsers(t *testing.T) {
	page := browser.Start(t).Open(t, browser.SecureURL(t), browser.View{})
	for seed := range uint64(12) {
		compareWithBrowser(t, page, fmt.Sprintf("seed %d", seed), "image/gif", randomGIF(t, seed), 0)
	}
	for name, data := range oddGIFAnimations(t) {
		compareWithBrowser(t, page, name, "image/gif", data, 0)
	}
}

func TestGIFFrames(t *testing.T) {
	for seed := range uint64(12) {
		checkFirstFrame(t, fmt.Sprintf("seed %d", seed), randomGIF(t, seed))
	}
	for name, data := range oddGIFAnimations(t) {
		checkFirstFrame(t, name, data)
	}
	checkContext(t, "GIF", randomGIF(t, 1))
	still := encodeGIFOf(t, 4, 3, ramp(12))
	if a, ok := Animation(still, must(Inspect(still, Limits{Pixels: 99}))); ok {
		t.Errorf("a still is an animation: %+v", a)
	}
}

// TestGIFFramesDamaged checks that a frame that is cut, or lacks more than a row, ends the animation with an error. If
// damage is accepted, it is shown as far as it goes, and the animation ends there.
func TestGIFFramesDamaged(t *testing.T) {
	whole := randomGIF(t, 3)
	fourth, fifth := nthDescriptor(whole, 3), nthDescriptor(whole, 4)
	corrupt := bytes.Clone(whole)
	corrupt[fourth+10+3*4] = 13 // code size
	for name, c := range map[string]struct {
		data   []byte
		frames int // frames that are read, with or without damage accepted
		reason photo.Reason
	}{
		"cut in a frame":       {whole[:fourth+10+3*4+2], 3, photo.ReasonTruncated},
		"no terminator":        {whole[:fifth-9], 4, ""},
		"cut in a table":       {whole[:fourth+13], 3, ""},
		"cut between frames":   {whole[:fifth-8], 4, ""},
		"cut in an extension":  {whole[:fifth-3], 4, ""},
		"cut in a descriptor":  {whole[:fifth+5], 4, ""},
		"a frame is corrupt":   {corrupt, 3, photo.ReasonCorrupt},
		"more than the screen": {huge(whole, fourth), 3, photo.ReasonCorrupt},
	} {
		for _, accepted := range []bool{false, true} {
			_, a, r := open(t, c.data, Limits{Pixels: 1000, Damaged: accepted})
			got, err := shots(t, r)
			var rejection *Rejection
			switch {
			case len(got) != c.frames && !(accepted && c.reason == photo.ReasonTruncated && len(got) == c.frames+1):
				t.Errorf("%s, damage accepted %v: %d frames of %d, want %d", name, accepted, len(got), a.Frames, c.frames)
			case c.reason == "" || accepted:
				if err != nil || (r.Damage() != nil) != (c.reason != "") {
					t.Errorf("%s, damage accepted %v: %v, damage %v", name, accepted, err, r.Damage())
				}
			case !errors.As(err, &rejection) || rejection.Reason() != c.reason:
				t.Errorf("%s: %v, want %s", name, err, c.reason)
			}
		}
	}
}

// huge makes the picture of a descriptor far larger than the screen.
func huge(data []byte, descriptor int) []byte {
	data = bytes.Clone(data)
	copy(data[descriptor+1:], []byte{0, 0, 0, 0, 255, 255, 255, 255})
	return data
}

// TestGIFManyFrames checks that a million frames are counted before one is decoded.
func TestGIFManyFrames(t *testing.T) {
	frame := []byte{0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0}
	data := slices.Concat([]byte("GIF89a\xff\xff\x01\x00\x80\x00\x00\x01\x02\x03\x04\x05\x06"), bytes.Repeat(frame, 1e6), []byte{';'})
	a, ok := Animation(data, must(Inspect(data, Limits{Pixels: 1 << 16})))
	if !ok || a.Frames != 1e6 || a.Width != 0xffff || a.Height != 1 || a.Loops != 1 || a.Duration != 1e5*time.Second {
		t.Errorf("%+v, %v", a, ok)
	}
}
