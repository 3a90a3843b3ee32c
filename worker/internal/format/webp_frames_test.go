package format

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gen2brain/webp"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/photo"
)

// coded is a picture within an ANMF chunk.
type coded struct {
	width, height int
	chunks        []string
}

// codedPictures returns pictures of every kind: lossy, lossless, lossless with alpha, lossy with alpha.
func codedPictures(t testing.TB) (pictures []coded) {
	t.Helper()
	for i, size := range []image.Point{{24, 16}, {13, 9}, {oddWidth, oddHeight}, {21, 33}} {
		var file bytes.Buffer
		o := webp.Options{Quality: 80, Lossless: i == 1 || i == 2, Exact: true}
		if err := webp.Encode(&file, colourful(size.X, size.Y, i < 2), o); err != nil {
			t.Fatal(err)
		}
		c := coded{width: size.X, height: size.Y}
		if _, err := webpChunks(file.Bytes()[12:], false, func(kind string, p []byte, _ int) {
			if kind != "VP8X" {
				c.chunks = append(c.chunks, kind, string(p))
			}
		}); err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, c)
	}
	return pictures
}

// anmf returns the payload of an ANMF chunk.
func (c coded) anmf(x, y int, duration time.Duration, flags byte) string {
	b := []byte(framePayload(x, y, c.width, c.height, c.chunks...))
	copy(b[12:], put24(nil, int(duration/time.Millisecond)))
	b[15] = flags
	return string(b)
}

func animatedWebP(loops byte, frames ...string) []byte {
	chunks := []string{"VP8X", extended(1<<1|1<<4, oddWidth, oddHeight), "ANIM", "\x01\x02\x03\xff" + string(loops) + "\x00"}
	for _, f := range frames {
		chunks = append(chunks, "ANMF", f)
	}
	return encodeRIFF(chunks...)
}

// randomWebP returns an animation of the pictures at random positions, with random disposal, blending and delays.
func randomWebP(pictures []coded, seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 3))
	var frames []string
	for range 7 {
		p := pictures[random.IntN(len(pictures))]
		x, y := 2*random.IntN(1+(oddWidth-p.width)/2), 2*random.IntN(1+(oddHeight-p.height)/2)
		delay := time.Duration([]int{0, 10, 11, 40, 3000}[random.IntN(5)]) * time.Millisecond
		frames = append(frames, p.anmf(x, y, delay, byte(random.IntN(4))))
	}
	return animatedWebP(byte(seed%3), frames...)
}

// oddWebPAnimations returns animations that deviate from the specification and that browsers show.
func oddWebPAnimations(pictures []coded) map[string][]byte {
	a, b := pictures[0].anmf(0, 0, time.Second, 0), pictures[3].anmf(10, 4, time.Second, 1)
	files := map[string][]byte{
		"no alpha flag":      animatedWebP(1, a, b, a),
		"unknown chunk":      encodeRIFF("VP8X", extended(1<<1, oddWidth, oddHeight), "ANIM", "\x01\x02\x03\xff\x02\x00", "ANMF", a, "what", "abc", "ANMF", b),
		"chunk within frame": animatedWebP(1, a+"what\x02\x00\x00\x00ab", b),
		"longest delay":      animatedWebP(1, a, pictures[1].anmf(2, 2, (1<<24-1)*time.Millisecond, 0)),
	}
	files["no alpha flag"][20] &^= 1 << 4
	return files
}

// TestWebPFramesOfBrowsers compares all frames and their times with those of a browser.
func TestWebPFramesOfBrowsers(t *testing.T) {
	page := browser.Start(t).Open(t, browser.SecureURL(t), browser.View{})
	pictures := codedPictures(t)
	for seed := range uint64(10) {
		compareWithBrowser(t, page, fmt.Sprintf("seed %d", seed), "image/webp", randomWebP(pictures, seed), 3)
	}
	for name, data := range oddWebPAnimations(pictures) {
		compareWithBrowser(t, page, name, "image/webp", data, 3)
	}
}

func TestWebPFrames(t *testing.T) {
	pictures := codedPictures(t)
	for seed := range uint64(10) {
		checkFirstFrame(t, fmt.Sprintf("seed %d", seed), randomWebP(pictures, seed))
	}
	checkContext(t, "WebP", randomWebP(pictures, 1))
	alone := animatedWebP(0, pictures[2].anmf(0, 0, time.Second, 0))
	if a, ok := Animation(alone, must(Inspect(alone, Limits{Pixels: 1 << 20}))); ok {
		t.Errorf("one frame is an animation: %+v", a)
	}
}

// TestWebPFramesDamaged checks that a frame that does not decode, or does not lie on the canvas, ends the animation
// with an error or, if damage is accepted, with the frame before. An accepted file that is cut has the frames before
// the cut, and the rest of the one that is cut.
func TestWebPFramesDamaged(t *testing.T) {
	pictures := codedPictures(t)
	lossy, clear := pictures[0], pictures[2]
	broken := lossy
	broken.chunks = slices.Clone(broken.chunks)
	broken.chunks[1] = broken.chunks[1][:12]
	giant := coded{1, 1, []string{"VP8L", "\x2f\xff\xff\xff\x0f\x00\x00"}} // 16384 x 16384
	good, bad := lossy.anmf(0, 0, 0, 0), broken.anmf(0, 0, 0, 0)
	whole := animatedWebP(0, good, clear.anmf(0, 0, 0, 0), good)
	for name, c := range map[string]struct {
		data           []byte
		frames, damage int // frames that are read without and with damage accepted; -1 if the file is rejected
		reason         photo.Reason
	}{
		"a frame is cut":       {animatedWebP(0, good, bad, good), 1, 1, photo.ReasonTruncated},
		"beyond the right":     {animatedWebP(0, good, lossy.anmf(26, 0, 0, 0), good), 1, 1, photo.ReasonCorrupt},
		"far outside":          {animatedWebP(0, good, lossy.anmf(2<<24-2, 2<<24-2, 0, 0), good), 1, 1, photo.ReasonCorrupt},
		"giant":                {animatedWebP(0, good, giant.anmf(0, 0, 0, 0), good), 1, 1, photo.ReasonCorrupt},
		"the last frame's end": {whole[:len(whole)-20], -1, 2, photo.ReasonTruncated},
		"the file is cut":      {whole[:len(whole)-len(good)-9], -1, 2, photo.ReasonTruncated},
	} {
		if c.frames < 0 {
			if _, err := Inspect(c.data, Limits{Pixels: 1 << 20}); err == nil {
				t.Errorf("%s: accepted", name)
			}
		} else {
			_, _, r := open(t, c.data, Limits{Pixels: 1 << 20})
			got, err := shots(t, r)
			if rejection, ok := errors.AsType[*Rejection](err); len(got) != c.frames || !ok || rejection.Reason() != c.reason {
				t.Errorf("%s: %d frames, then %v", name, len(got), err)
			}
		}
		_, _, r := open(t, c.data, Limits{Pixels: 1 << 20, Damaged: true})
		if got, err := shots(t, r); len(got) != c.damage || err != nil || r.Damage() == nil {
			t.Errorf("%s: damage accepted: %d frames, then %v, damage %v", name, len(got), err, r.Damage())
		}
	}
}
