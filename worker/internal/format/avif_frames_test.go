package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"darkroom/deploy/testkit/browser"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/animation"
	"darkroom/worker/photo"
)

// sequenceFiles has the number of frames of each file in testdata/sequences.
var sequenceFiles = map[string]int{"plain": 8, "keys": 8, "deep": 4, "alpha": 6, "loop": 8}

func sequenceFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "sequences", name+".avif"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func heifBox(kind string, body ...[]byte) []byte {
	b := append([]byte{0, 0, 0, 0}, kind...)
	b = append(b, bytes.Join(body, nil)...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

// movieBox returns where the movie box of a file begins and ends.
func movieBox(data []byte) (from, to int) {
	for n := 0; from < len(data); from += n {
		if n = int(binary.BigEndian.Uint32(data[from:])); string(data[from+4:from+8]) == "moov" {
			return from, from + n
		}
	}
	return len(data), len(data)
}

// withMovie returns a file whose movie box is changed. The box moves to the end, so the coded data stay in place.
func withMovie(data []byte, change func(movie []byte) []byte) []byte {
	from, to := movieBox(data)
	movie := change(bytes.Clone(data[from:to]))
	data = bytes.Clone(data)
	copy(data[from+4:], "free")
	return append(data, movie...)
}

// withEdit returns a file with an edit list, for a track that lasts the given number of units.
func withEdit(data []byte, flags byte, track, segment uint32) []byte {
	u32 := binary.BigEndian.AppendUint32
	return withMovie(data, func(movie []byte) []byte {
		edit := heifBox("edts", heifBox("elst", []byte{0, 0, 0, flags}, u32(u32(u32(u32(nil, 1), segment), 0), 1<<16)))
		at := bytes.Index(movie, []byte("trak")) - 4
		size := int(binary.BigEndian.Uint32(movie[at:]))
		head := bytes.Index(movie, []byte("tkhd"))
		duration := head + 4 + 20
		if movie[head+4] == 1 { // version 1 has 64-bit fields
			duration = head + 4 + 28
			binary.BigEndian.PutUint32(movie[duration:], 0)
			if track == math.MaxUint32 {
				binary.BigEndian.PutUint32(movie[duration:], track)
			}
			duration += 4
		}
		binary.BigEndian.PutUint32(movie[duration:], track)
		binary.BigEndian.PutUint32(movie[at:], uint32(size+len(edit)))
		movie = slices.Concat(movie[:at+size], edit, movie[at+size:])
		binary.BigEndian.PutUint32(movie, uint32(len(movie)))
		return movie
	})
}

// meanDifference returns the mean difference between two pictures, over the colours and alpha of all pixels.
func meanDifference(a, b *image.NRGBA) float64 {
	sum := 0
	for i, v := range a.Pix {
		d := int(v) - int(b.Pix[i])
		sum += max(d, -d)
	}
	return float64(sum) / float64(len(a.Pix))
}

// TestAVIFFramesOfBrowsers checks that frames, times and plays are those of a browser. Chromium 156 reads the full
// range of a track as the studio range, unlike avifdec and ffmpeg, so only pixels in the studio range are compared.
func TestAVIFFramesOfBrowsers(t *testing.T) {
	page := browser.Start(t).Open(t, browser.SecureURL(t), browser.View{})
	files := map[string][]byte{}
	for name := range sequenceFiles {
		files[name] = sequenceFile(t, name)
	}
	for name, edit := range map[string]struct {
		flags          byte
		track, segment uint32
	}{"once": {0, 8, 8}, "thrice": {1, 24, 8}, "in part": {1, 25, 8}} {
		files[name] = withEdit(files["loop"], edit.flags, edit.track, edit.segment)
	}
	for name, data := range files {
		want, trouble := page.Animation("image/avif", data)
		_, a, r := open(t, data, Limits{Pixels: 1 << 20})
		got, err := shots(t, r)
		if err != nil || trouble != "" || a.Frames != len(want.Frames) || len(got) != len(want.Frames) || a.Loops != want.Plays {
			t.Errorf("%s: %d of %d frames, plays %d, %v, want %d, plays %d, %s", name, len(got), a.Frames, a.Loops, err, len(want.Frames), want.Plays, trouble)
			continue
		}
		var all time.Duration
		for i, w := range want.Frames {
			all += got[i].duration
			if d := got[i].duration - animation.Delay(w.Duration); d > time.Microsecond || d < -time.Microsecond {
				t.Errorf("%s: frame %d is shown for %v, want %v", name, i, got[i].duration, w.Duration)
			}
			if d := meanDifference(got[i].image, w.Image); d > 1 && !slices.Contains([]string{"plain", "keys", "deep", "alpha"}, name) {
				t.Errorf("%s: frame %d differs by %.1f", name, i, d)
			}
		}
		if a.Duration != all {
			t.Errorf("%s: the header says %v, the frames %v", name, a.Duration, all)
		}
	}
}

// TestAVIFFramesOfAvifdec compares the third frame with the one that libavif decodes.
func TestAVIFFramesOfAvifdec(t *testing.T) {
	program := tool.Find(t, "avifdec")
	for name := range sequenceFiles {
		path := filepath.Join(t.TempDir(), name+".png")
		if out, err := exec.CommandContext(t.Context(), program, "--index", "2", filepath.Join("testdata", "sequences", name+".avif"), path).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		decoded := pngFile(t, path)
		want := image.NewNRGBA(decoded.Bounds())
		draw.Draw(want, want.Rect, decoded, image.Point{}, draw.Src)
		_, _, r := open(t, sequenceFile(t, name), Limits{Pixels: 1 << 20})
		got, err := shots(t, r)
		if err != nil {
			t.Fatal(err)
		}
		if d := meanDifference(got[2].image, want); d > 0.6 {
			t.Errorf("%s: differs by %.2f", name, d)
		}
	}
}

func TestAVIFFrames(t *testing.T) {
	for name, frames := range sequenceFiles {
		data := sequenceFile(t, name)
		h, a, r := open(t, data, Limits{Pixels: 1 << 20})
		got, err := shots(t, r)
		if err != nil || len(got) != frames || a.Frames != frames {
			t.Fatalf("%s: %d frames, %v", name, len(got), err)
		}
		d, err := Decode(t.Context(), data, h, Target{Size: h.Stored()})
		if err != nil {
			t.Fatal(err)
		}
		if far := meanDifference(must(d.NRGBA(t.Context())), got[0].image); far > 0.3 {
			t.Errorf("%s: the first frame differs by %.2f from the picture", name, far)
		}
		if meanDifference(got[frames-1].image, got[0].image) < 0.5 { // the source moves
			t.Errorf("%s: the last frame is the first one", name)
		}
	}
	checkContext(t, "AVIF", sequenceFile(t, "keys"))
	endless := withEdit(sequenceFile(t, "loop"), 1, math.MaxUint32, 8)
	if _, a, _ := open(t, endless, Limits{Pixels: 1 << 20}); a.Loops != 0 {
		t.Errorf("a track without end plays %d times", a.Loops)
	}
}

// TestAVIFFramesDamaged checks that a file that lacks data or contradicts itself gives an error, or no animation.
func TestAVIFFramesDamaged(t *testing.T) {
	plain := sequenceFile(t, "plain")
	patched := func(name string, at int, value uint32) []byte {
		return withMovie(plain, func(movie []byte) []byte {
			binary.BigEndian.PutUint32(movie[bytes.Index(movie, []byte(name))+at:], value)
			return movie
		})
	}
	for name, c := range map[string]struct {
		data   []byte
		frames int // -1: no animation
		reason photo.Reason
	}{
		"samples beyond the file": {patched("stco", 12, 1<<30), 0, photo.ReasonTruncated},
		"samples of other data":   {patched("stco", 12, 0), 0, photo.ReasonUnsupported},
		"a giant sample":          {patched("stsz", 16, 1<<31), 0, photo.ReasonCorrupt},
		"another size":            {patched("av01", 4+24, 67<<16|50), -1, ""},
		"a million frames":        {patched("stsz", 12, 1e6), -1, ""},
		"chunks are missing":      {patched("stsc", 16, 1), 0, photo.ReasonCorrupt},
		"runs of no samples":      {patched("stsc", 16, 0), 0, photo.ReasonCorrupt},
		"one frame":               {patched("stsz", 12, 1), -1, ""},
	} {
		h, err := Inspect(c.data, Limits{Pixels: 1 << 20})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		a, ok := Animation(c.data, h)
		if ok != (c.frames >= 0) {
			t.Errorf("%s: %+v, %v", name, a, ok)
		}
		if !ok {
			continue
		}
		r, err := Frames(c.data, h, a)
		n := 0
		if err == nil {
			var got []shot
			got, err = shots(t, r)
			n = len(got)
		}
		if rejection, ok := errors.AsType[*Rejection](err); n != c.frames || !ok || rejection.Reason() != c.reason {
			t.Errorf("%s: %d frames, then %v, want %d and %s", name, n, err, c.frames, c.reason)
		}
	}
}

// TestAVIFManyFrames checks that frames of one size are counted before any is listed.
func TestAVIFManyFrames(t *testing.T) {
	data := withMovie(sequenceFile(t, "plain"), func(movie []byte) []byte {
		at := bytes.Index(movie, []byte("stsz"))
		copy(movie[at+8:], []byte{0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff})
		return movie
	})
	h := must(Inspect(data, Limits{Pixels: 1 << 20}))
	a, ok := Animation(data, h)
	if !ok || a.Frames != math.MaxUint32 {
		t.Fatalf("%+v, %v", a, ok)
	}
	if err := (animation.Limits{Frames: 1000, Pixels: math.MaxInt64}).Check(a); err == nil {
		t.Error("within the limits")
	}
	if r, err := Frames(data, h, a); err == nil {
		t.Error(fmt.Sprint("opened: ", r))
	}
}
