package format

import (
	"bytes"
	"fmt"
	"image"
	"os/exec"
	"testing"

	"darkroom/deploy/testkit/pnm"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// TestRereadJPEG compares with djpeg. Only a few samples differ, by at most 3, because the inverse transforms differ by
// 1.
func TestRereadJPEG(t *testing.T) {
	djpeg := tool.Find(t, "djpeg")
	f := Lookup(photo.JPEG)
	for _, size := range []image.Point{{1, 1}, {3, 5}, {4, 4}, {5, 3}, {17, 16}, {64, 47}, {101, 75}} {
		m := image.NewNRGBA(image.Rectangle{Max: size})
		for i := range size.X * size.Y {
			r, g, b := jpegPicture(float64(i%size.X*7%101), float64(i/size.X*5%75))
			copy(m.Pix[4*i:], []uint8{uint8(r * 255), uint8(g * 255), uint8(b * 255), 255})
		}
		for _, o := range []Options{{Quality: 50}, {Quality: 90}, {Quality: 80, FullColour: true}, {Quality: 80, Progressive: true}, {Quality: 70, Grey: true}} {
			name := fmt.Sprintf("%v %+v", size, o)
			data, err := f.Encode(t.Context(), raster.FromRGBA(m), o)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := f.Reread(t.Context(), data)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			cmd := exec.CommandContext(t.Context(), djpeg, "-pnm")
			cmd.Stdin = bytes.NewReader(data)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: djpeg: %v", name, err)
			}
			want, err := pnm.Decode(out)
			if err != nil || want.Rect != got.Rect {
				t.Fatalf("%s: djpeg made %v of %v: %v", name, want.Rect, got.Rect, err)
			}
			others := 0
			for i, v := range got.Pix {
				switch d := int(v) - int(want.Pix[i]); {
				case d > 3 || d < -3:
					t.Fatalf("%s: byte %d is %d, want %d", name, i, v, want.Pix[i])
				case d != 0:
					others++
				}
			}
			if others > 40+len(got.Pix)/25 {
				t.Errorf("%s: %d of %d bytes differ", name, others, len(got.Pix))
			}
		}
	}
}

// TestRereadDamaged checks that the error for a damaged file is no Rejection.
func TestRereadDamaged(t *testing.T) {
	for _, name := range photo.Written {
		f := Lookup(name)
		if f.rereadMemory == nil {
			continue
		}
		data, err := f.Encode(t.Context(), raster.FromRGBA(image.NewNRGBA(image.Rect(0, 0, 20, 20))), Options{Quality: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 10, len(data) / 2} {
			_, err := f.Reread(t.Context(), data[:n])
			if _, rejected := err.(*Rejection); err == nil || rejected { // nor does it wrap one
				t.Errorf("%s cut to %d bytes: error %v", name, n, err)
			}
		}
	}
}
