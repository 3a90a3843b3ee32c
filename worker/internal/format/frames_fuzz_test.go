package format

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// fuzzFrames reads the animations of files of one format, with damage accepted and without. Whatever the bytes are, the
// number of frames and their duration are those in the header, or the error is a Rejection, and no decoder panics. The
// first frame is the picture, unless the codec of the format interpolates otherwise.
func fuzzFrames(f *testing.F, name photo.Format, seeds ...[]byte) {
	for _, seed := range seeds {
		f.Add(seed)
		f.Add(seed[:len(seed)*3/4])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if row := Lookup(name); len(data) < 12 || !row.sniff(data) {
			return
		}
		for _, accepted := range []bool{false, true} {
			h, err := Inspect(data, Limits{Pixels: 1 << 13, Damaged: accepted})
			if err != nil {
				continue
			}
			a, ok := Animation(data, h)
			if !ok || (animation.Limits{Frames: 20, Pixels: 1 << 16}).Check(a) != nil {
				continue
			}
			if a.Frames < 2 || a.Loops < 0 || a.Duration < 0 || a.Width != h.Width || a.Height != h.Height || FramesMemory(data, h, a) <= 0 {
				t.Fatalf("%+v", a)
			}
			n, shown, err := readAll(t, data, h, a)
			rejection, rejected := errors.AsType[*Rejection](err)
			switch {
			case rejected && rejection.Panicked, !rejected && err != nil:
				t.Fatal(err)
			case err == nil && !accepted && (n != a.Frames || shown != a.Duration):
				t.Fatalf("%d frames for %v, the header says %+v", n, shown, a)
			}
		}
	})
}

// readAll returns the number of frames and their total duration.
func readAll(t *testing.T, data []byte, h Header, a animation.Header) (n int, shown time.Duration, err error) {
	r, err := Frames(data, h, a)
	if err != nil {
		return 0, 0, err
	}
	for {
		f, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return n, shown, nil
		}
		if err != nil {
			return n, shown, err
		}
		if f.Image.Rect.Dx() != h.Width || f.Image.Rect.Dy() != h.Height || !f.Changed.In(f.Image.Rect) || f.Duration <= 10*time.Millisecond {
			t.Fatalf("%v changed in a frame of %v for %v", f.Changed, f.Image.Rect, f.Duration)
		}
		if n == 0 && h.Format != photo.AVIF && r.Damage() == nil {
			d, err := Decode(t.Context(), data, h, Target{Size: raster.Size{Width: 1, Height: 1}})
			if err != nil {
				t.Fatalf("a first frame without a picture: %v", err)
			}
			if !bytes.Equal(must(d.NRGBA(t.Context())).Pix, f.Image.Pix) {
				t.Fatal("the first frame is not the picture")
			}
		}
		n, shown = n+1, shown+f.Duration
	}
}

func FuzzGIFFrames(f *testing.F) {
	fuzzFrames(f, photo.GIF, randomGIF(f, 1), randomGIF(f, 2), oddGIFAnimations(f)["over the edges"])
}

func FuzzPNGFrames(f *testing.F) {
	fuzzFrames(f, photo.PNG, randomAPNG(f, 0).file(0), randomAPNG(f, 1).file(1), randomAPNG(f, 2).file(2), randomAPNG(f, 3).file(0))
}

func FuzzWebPFrames(f *testing.F) {
	pictures := codedPictures(f)
	fuzzFrames(f, photo.WebP, randomWebP(pictures, 1), randomWebP(pictures, 2))
}

func FuzzAVIFFrames(f *testing.F) {
	loop := sequenceFile(f, "loop")
	fuzzFrames(f, photo.AVIF, sequenceFile(f, "keys"), sequenceFile(f, "alpha"), loop, withEdit(loop, 1, 24, 8))
}
