package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"net/http"
	"testing"

	"darkroom/deploy/local/stack"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// movingGIF returns a GIF of three frames that plays four times: a dot moves over a square.
func movingGIF(t *testing.T) []byte {
	t.Helper()
	g := &gif.GIF{LoopCount: 3}
	for i := range 3 {
		m := image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.White, color.RGBA{200, 0, 0, 255}})
		for y := range 16 {
			for x := range 16 {
				m.SetColorIndex(20*i+x, 20+y, 1)
			}
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 10*(i+1))
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAnimation uploads an animated GIF. A spec with animate makes an animation of it, in WebP and GIF, and a still
// poster. The GIF has the same frames, durations and number of plays.
func TestAnimation(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) {
		c.WorkerEnv = []string{`VARIANTS=[{"name":"moving","width":32,"height":32,"fit":"inside","formats":["webp","gif"],"animate":true}]`}
	})
	file := movingGIF(t)
	bearer := s.token(t, "ann", "cats")
	g := s.requestUpload(t, bearer, "cats", contract.UploadRequest{ContentType: "image/gif", ContentLength: int64(len(file))}, http.StatusCreated)
	if status, answer := g.put(t, file, nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	var up contract.Upload
	s.call(t, bearer, http.MethodGet, g.OutcomeURL, http.StatusOK, &up)
	if up.State != photo.Ready {
		t.Fatalf("%+v", up)
	}
	kinds := map[string]bool{}
	for _, v := range up.Variants {
		kinds[v.ContentType] = v.Animated
		if v.Animated && (v.Duration != 600 || v.Loops != 4) {
			t.Errorf("%s takes %d ms and plays %d times, want 600 and 4", v.ContentType, v.Duration, v.Loops)
		}
		if v.ContentType != "image/gif" {
			continue
		}
		resp, err := http.Get(v.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		out, err := gif.DecodeAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Image) != 3 || out.Config.Width != 32 || out.LoopCount != 3 || out.Delay[0] != 10 || out.Delay[2] != 30 {
			t.Errorf("%d frames of %d pixels, %d repetitions, delays %v", len(out.Image), out.Config.Width, out.LoopCount, out.Delay)
		}
	}
	if len(kinds) != 3 || !kinds["image/webp"] || !kinds["image/gif"] {
		t.Errorf("animated by type: %v, want WebP, GIF and a still poster", kinds)
	}
}
