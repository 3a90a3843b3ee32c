package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/photo"
)

// apng writes an animation chunk by chunk.
type apng struct {
	head     []byte // the file up to the first chunk of pixels, without acTL
	chunks   [][]byte
	sequence uint32
	frames   uint32
}

func chunkOf(kind string, payload []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), kind...)
	b = append(b, payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngParts returns what a PNG has before the pixels, and the data of the pixels.
func pngParts(t testing.TB, m image.Image) (head, packed []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	for at := 8; at < len(data); {
		n := int(binary.BigEndian.Uint32(data[at:]))
		if string(data[at+4:at+8]) == "IDAT" {
			if head == nil {
				head = data[:at]
			}
			packed = append(packed, data[at+8:at+8+n]...)
		}
		at += 12 + n
	}
	return head, packed
}

// picture adds the picture in IDAT chunks.
func (a *apng) picture(t testing.TB, m image.Image) {
	head, packed := pngParts(t, m)
	a.head = head
	a.chunks = append(a.chunks, chunkOf("IDAT", packed))
}

// control adds an fcTL chunk.
func (a *apng) control(r image.Rectangle, numerator, denominator uint16, disposal, blend byte) {
	be := binary.BigEndian
	p := be.AppendUint32(nil, a.sequence)
	for _, v := range []int{r.Dx(), r.Dy(), r.Min.X, r.Min.Y} {
		p = be.AppendUint32(p, uint32(v))
	}
	p = append(be.AppendUint16(be.AppendUint16(p, numerator), denominator), disposal, blend)
	a.chunks = append(a.chunks, chunkOf("fcTL", p))
	a.sequence++
	a.frames++
}

// data adds the pixels of a frame in chunks of at most 50 bytes.
func (a *apng) data(t testing.TB, m image.Image) {
	_, packed := pngParts(t, m)
	for part := range slices.Chunk(packed, 50) {
		a.chunks = append(a.chunks, chunkOf("fdAT", append(binary.BigEndian.AppendUint32(nil, a.sequence), part...)))
		a.sequence++
	}
}

func (a *apng) file(plays uint32) []byte {
	control := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, a.frames), plays)
	return slices.Concat(a.head, chunkOf("acTL", control), bytes.Join(a.chunks, nil), chunkOf("IEND", nil))
}

// randomPixels returns a picture of random pixels with one of the colour types of PNG.
func randomPixels(random *rand.Rand, way uint64, size image.Point) image.Image {
	r := image.Rectangle{Max: size}
	switch way % 4 {
	case 0: // indexes, of which one is transparent and one partly
		m := image.NewPaletted(r, color.Palette{color.NRGBA{}, color.NRGBA{9, 200, 30, 255}, color.NRGBA{250, 20, 90, 128}, color.NRGBA{1, 2, 255, 255}})
		for i := range m.Pix {
			m.Pix[i] = byte(random.IntN(4))
		}
		return m
	case 1: // opaque
		m := image.NewNRGBA(r)
		for i := range m.Pix {
			m.Pix[i] = byte(random.Uint32()) | byte(i%4/3*255)
		}
		return m
	case 2: // 16 bits a sample
		m := image.NewNRGBA64(r)
		for i := range m.Pix {
			m.Pix[i] = byte(random.Uint32())
		}
		m.Pix[6] = 1 // not opaque
		return m
	}
	m := image.NewNRGBA(r)
	for i := range m.Pix {
		m.Pix[i] = byte(random.Uint32())
		if i%4 == 3 && random.IntN(2) == 0 {
			m.Pix[i] = byte(random.IntN(2) * 255)
		}
	}
	m.Pix[3] = 1 // not opaque
	return m
}

var pngCanvas = image.Rect(0, 0, 23, 17)

// randomAPNG returns an animation of frames with random rectangles, disposals, blending and delays.
func randomAPNG(t testing.TB, seed uint64) *apng {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	a := &apng{}
	hidden := random.IntN(3) == 0
	if hidden {
		a.picture(t, randomPixels(random, seed, pngCanvas.Max))
	}
	for i := range 6 {
		r := pngCanvas
		if hidden || i > 0 {
			x, y := random.IntN(pngCanvas.Max.X), random.IntN(pngCanvas.Max.Y)
			r = image.Rect(x, y, x+1+random.IntN(pngCanvas.Max.X-x), y+1+random.IntN(pngCanvas.Max.Y-y))
		}
		delay := [][2]uint16{{0, 0}, {7, 0}, {1, 100}, {3, 100}, {1, 4}, {500, 1000}}[random.IntN(6)]
		a.control(r, delay[0], delay[1], byte(random.IntN(3)), byte(random.IntN(2)))
		if m := randomPixels(random, seed, r.Size()); hidden || i > 0 {
			a.data(t, m)
		} else {
			a.picture(t, m)
		}
	}
	return a
}

// TestPNGFramesOfBrowsers compares all frames and their times with those of a browser.
func TestPNGFramesOfBrowsers(t *testing.T) {
	page := browser.Start(t).Open(t, browser.SecureURL(t), browser.View{})
	for seed := range uint64(16) {
		compareWithBrowser(t, page, fmt.Sprintf("seed %d", seed), "image/png", randomAPNG(t, seed).file(uint32(seed%3)), 2)
	}
	for name, data := range oddAPNGs(t) {
		want, _ := page.Animation("image/png", data)
		if name == "no IEND" { // the browser waits for more data
			want, _ = page.Animation("image/png", append(bytes.Clone(data), chunkOf("IEND", nil)...))
		}
		_, a, r := open(t, data, Limits{Pixels: 1 << 20})
		got, err := shots(t, r)
		if len(got) != len(want.Frames) || (a.Frames > len(got)) != (err != nil) {
			t.Errorf("%s: %d frames of %d (%v), want %d", name, len(got), a.Frames, err, len(want.Frames))
			continue
		}
		for i, w := range want.Frames {
			if _, ok := comparePremultiplied(got[i].image, w.Image, 2); !ok {
				t.Errorf("%s: another frame %d", name, i)
			}
		}
	}
}

// oddAPNGs returns animations of six frames that deviate from the specification.
func oddAPNGs(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	build := func(name string, declared int, change func(a *apng)) {
		a := randomAPNG(t, 1)
		if change != nil {
			change(a)
		}
		a.frames += uint32(declared)
		files[name] = a.file(2)
	}
	fcTLs := func(a *apng) (at []int) {
		for i, c := range a.chunks {
			if string(c[4:8]) == "fcTL" {
				at = append(at, i)
			}
		}
		return at
	}
	patch := func(c []byte, at int, b ...byte) []byte {
		p := bytes.Clone(c[8 : len(c)-4])
		copy(p[at:], b)
		return chunkOf(string(c[4:8]), p)
	}
	build("more declared", 3, nil)
	build("fewer declared", -2, nil)
	build("wrong sequence of frame 3", 0, func(a *apng) { i := fcTLs(a)[3]; a.chunks[i] = patch(a.chunks[i], 0, 0, 0, 0, 99) })
	build("wrong sequence of data 3", 0, func(a *apng) { i := fcTLs(a)[3] + 1; a.chunks[i] = patch(a.chunks[i], 0, 0, 0, 0, 99) })
	build("frame 3 outside", 0, func(a *apng) { i := fcTLs(a)[3]; a.chunks[i] = patch(a.chunks[i], 12, 0, 0, 0, 22) })
	build("frame 3 empty", 0, func(a *apng) { i := fcTLs(a)[3]; a.chunks[i] = patch(a.chunks[i], 4, 0, 0, 0, 0) })
	build("frame 3 disposal 3", 0, func(a *apng) { i := fcTLs(a)[3]; a.chunks[i] = patch(a.chunks[i], 24, 3) })
	build("frame 3 blend 2", 0, func(a *apng) { i := fcTLs(a)[3]; a.chunks[i] = patch(a.chunks[i], 25, 2) })
	build("frame 3 bad checksum", 0, func(a *apng) { i := fcTLs(a)[3]; a.chunks[i] = bytes.Clone(a.chunks[i]); a.chunks[i][36]++ })
	build("frame 3 bad deflate", 0, func(a *apng) { i := fcTLs(a)[3] + 1; a.chunks[i] = patch(a.chunks[i], 4, 1, 2, 3, 4) })
	build("last frame without data", 0, func(a *apng) { a.chunks = a.chunks[:fcTLs(a)[5]+1] })
	build("last frame without half its data", 0, func(a *apng) { a.chunks = a.chunks[:fcTLs(a)[5]+2] })
	f := randomAPNG(t, 1).file(2)
	files["cut"] = f[:len(f)-60]
	files["no IEND"] = f[:len(f)-12]
	return files
}

func TestPNGFrames(t *testing.T) {
	for seed := range uint64(16) {
		checkFirstFrame(t, fmt.Sprintf("seed %d", seed), randomAPNG(t, seed).file(0))
	}
	checkContext(t, "PNG", randomAPNG(t, 1).file(0))
	if a, ok := Animation(encodedPNG(t), must(Inspect(encodedPNG(t), Limits{Pixels: 1 << 20}))); ok {
		t.Errorf("a still is an animation: %+v", a)
	}
}

func encodedPNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(pngCanvas)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPNGFramesDamaged checks that a frame that does not decode ends the animation with an error or, if damage is
// accepted, with the frame before.
func TestPNGFramesDamaged(t *testing.T) {
	data := oddAPNGs(t)["frame 3 bad deflate"]
	_, _, r := open(t, data, Limits{Pixels: 1 << 20})
	got, err := shots(t, r)
	if rejection, ok := errors.AsType[*Rejection](err); len(got) != 3 || !ok || rejection.Reason() != photo.ReasonCorrupt {
		t.Errorf("%d frames, then %v", len(got), err)
	}
	_, _, r = open(t, data, Limits{Pixels: 1 << 20, Damaged: true})
	if got, err = shots(t, r); len(got) != 3 || err != nil || r.Damage() == nil {
		t.Errorf("damage accepted: %d frames, then %v, damage %v", len(got), err, r.Damage())
	}
}
