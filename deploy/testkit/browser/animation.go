package browser

import (
	"encoding/base64"
	"fmt"
	"image"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Animation is what a browser reads from a file of one frame or more.
type Animation struct {
	Plays  int // how often it plays; 0 is for ever
	Frames []AnimationFrame
}

// AnimationFrame is the whole canvas while a frame is shown.
type AnimationFrame struct {
	Image    *image.NRGBA
	Duration time.Duration // value in the file; a page shows a frame of 10 ms or less for 100 ms
}

// animationScript decodes every frame with ImageDecoder. Its repetition count does not include the first play.
const animationScript = `(async () => {
  const data = Uint8Array.from(atob(%q), c => c.charCodeAt(0))
  const decoder = new ImageDecoder({data, type: %q, premultiplyAlpha: 'none', preferAnimation: true})
  try { await decoder.tracks.ready; await decoder.completed } catch (error) { return {trouble: String(error)} }
  const {frameCount, repetitionCount} = decoder.tracks.selectedTrack
  const frames = []
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
    try {
      const {image} = await decoder.decode({frameIndex})
      const {width, height} = image.visibleRect
      let pixels
      if (/^(RGB|BGR)/.test(image.format)) {
        pixels = new Uint8Array(image.allocationSize({format: 'RGBA'}))
        await image.copyTo(pixels, {format: 'RGBA'})
      } else { // a canvas knows the matrix of the planes
        const context = new OffscreenCanvas(width, height).getContext('2d')
        context.drawImage(image, 0, 0)
        pixels = context.getImageData(0, 0, width, height).data
      }
      let text = ''
      for (let at = 0; at < pixels.length; at += 8192) text += String.fromCharCode(...pixels.subarray(at, at + 8192))
      frames.push({width, height, duration: image.duration ?? 0, pixels: btoa(text)})
      image.close()
    } catch (error) { return {frames, trouble: 'frame ' + frameIndex + ': ' + error} }
  }
  return {frames, repeats: Number.isFinite(repetitionCount) ? repetitionCount : -1}
})()`

// SecureURL returns the address of an empty page from which [Page.Animation] works. The page is served until the test
// ends.
func SecureURL(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><link rel="icon" href="data:,">`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Animation returns the frames that the browser decodes from a file whose type is like image/gif. If a frame does not
// decode, trouble says why, and those before it are returned. Pixels of a file that decodes to planes, as AVIF does,
// can be a few values off where they are partly transparent, because a canvas premultiplies. The page must come from a
// secure context, see [SecureURL].
func (p *Page) Animation(contentType string, file []byte) (a Animation, trouble string) {
	p.t.Helper()
	got := Eval[struct {
		Frames []struct {
			Width    int     `json:"width"`
			Height   int     `json:"height"`
			Duration float64 `json:"duration"` // microseconds
			Pixels   []byte  `json:"pixels"`
		} `json:"frames"`
		Repeats int    `json:"repeats"`
		Trouble string `json:"trouble"`
	}](p, fmt.Sprintf(animationScript, base64.StdEncoding.EncodeToString(file), contentType))
	a.Plays = got.Repeats + 1
	for i, f := range got.Frames {
		m := &image.NRGBA{Pix: f.Pixels, Stride: 4 * f.Width, Rect: image.Rect(0, 0, f.Width, f.Height)}
		if len(m.Pix) != 4*f.Width*f.Height {
			p.t.Fatalf("frame %d: %d bytes of pixels for %d x %d", i, len(m.Pix), f.Width, f.Height)
		}
		a.Frames = append(a.Frames, AnimationFrame{m, time.Duration(math.Round(f.Duration)) * time.Microsecond})
	}
	return a, got.Trouble
}
