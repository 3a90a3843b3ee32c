package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"testing"
	"time"
)

// TestAnimation: what the browser reads is what image/gif wrote.
func TestAnimation(t *testing.T) {
	p := Start(t).Open(t, SecureURL(t), View{})
	for plays, loopCount := range map[int]int{0: 0, 1: -1, 4: 3} {
		red, blue := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
		file := gif.GIF{LoopCount: loopCount, Delay: []int{7, 50}}
		for _, c := range []color.Color{red, blue} {
			file.Image = append(file.Image, image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{c}))
		}
		var b bytes.Buffer
		if err := gif.EncodeAll(&b, &file); err != nil {
			t.Fatal(err)
		}
		a, trouble := p.Animation("image/gif", b.Bytes())
		if trouble != "" || a.Plays != plays || len(a.Frames) != 2 {
			t.Fatalf("plays %d times with %d frames (%s), want %d with 2", a.Plays, len(a.Frames), trouble, plays)
		}
		for i, want := range []color.NRGBA{{255, 0, 0, 255}, {0, 0, 255, 255}} {
			f := a.Frames[i]
			if f.Image.Rect != image.Rect(0, 0, 3, 2) || f.Image.NRGBAAt(2, 1) != want || f.Duration != time.Duration(file.Delay[i])*10*time.Millisecond {
				t.Errorf("frame %d: %v with %v for %v, want %v", i, f.Image.Rect, f.Image.NRGBAAt(2, 1), f.Duration, want)
			}
		}
	}
	if a, trouble := p.Animation("image/gif", []byte("GIF89a nothing")); trouble == "" {
		t.Errorf("%d frames of no file", len(a.Frames))
	}
}
