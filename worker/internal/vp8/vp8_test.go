package vp8

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	oracle "golang.org/x/image/vp8"

	"darkroom/deploy/testkit/ctxcheck"
	"darkroom/deploy/testkit/race"
	"darkroom/deploy/testkit/tool"
)

// decodeByOracle decodes a frame with another decoder, and returns the error of that decoder.
func decodeByOracle(data []byte) (m *image.YCbCr, err error) {
	d := oracle.NewDecoder()
	d.Init(bytes.NewReader(data), len(data))
	h, err := d.DecodeFrameHeader()
	if err != nil {
		return nil, err
	}
	if !h.KeyFrame || h.Width == 0 || h.Height == 0 {
		return nil, errors.New("not a picture")
	}
	return d.DecodeFrame()
}

// wantPlanes decodes a file and compares the planes with those of libwebp's program and of the oracle.
func wantPlanes(t *testing.T, name, path string) {
	t.Helper()
	data := frameOf(t, path)
	m, rows, err := Decode(t.Context(), data)
	if err != nil || rows != m.Rect.Dy() {
		t.Errorf("%s: %d rows, %v", name, rows, err)
		return
	}
	got := planes(m)
	yuv, err := exec.CommandContext(t.Context(), tool.Find(t, "dwebp"), "-quiet", "-yuv", path, "-o", "-").Output()
	if err != nil {
		t.Fatalf("dwebp: %v", err)
	}
	if !bytes.Equal(got, yuv) {
		t.Errorf("%s: not the planes of dwebp, from byte %d of %d, %d", name, firstDifference(got, yuv), len(got), len(yuv))
	}
	if !decodersAgree(data) {
		return
	}
	want, err := decodeByOracle(data)
	if err != nil || !bytes.Equal(got, planes(want)) {
		t.Errorf("%s: not the planes of x/image (%v)", name, err)
	}
}

// decodersAgree reports whether x/image decodes a frame like libwebp. They differ if a partition begins with 255, which
// no encoder writes: the value is then out of range for the boolean decoder. In x/image, levels of the loop filter
// overflow beyond 127.
func decodersAgree(data []byte) bool {
	var h header
	if len(data) <= 10 || data[10] == 0xff || h.readHeaders(data) != nil {
		return false
	}
	rest := data[10+int(data[0])>>5+int(data[1])<<3+int(data[2])<<11:]
	partition := 3 * (h.partitions - 1)
	for i := range h.partitions {
		if partition < len(rest) && rest[partition] == 0xff {
			return false
		}
		if i < h.partitions-1 {
			partition += int(rest[3*i]) | int(rest[3*i+1])<<8 | int(rest[3*i+2])<<16
		}
	}
	for _, level := range h.segmentLevel {
		if sum := h.level + level + h.intra; sum > 127 || sum < -128 || sum+h.splitMode > 127 || sum+h.splitMode < -128 || h.level+level > 127 {
			return false
		}
	}
	return true
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestPlanesAreThoseOfLibwebp compares every sample with libwebp, for many options of the encoder.
func TestPlanesAreThoseOfLibwebp(t *testing.T) {
	race.Skip(t)
	type picture struct {
		name string
		draw func(w, h int) image.Image
	}
	kinds := []picture{{"scene", scene}, {"noise", noise}, {"flat", flat}}
	try := func(p picture, w, h int, options ...string) {
		name := fmt.Sprintf("%s of %d x %d, cwebp %s", p.name, w, h, strings.Join(options, " "))
		wantPlanes(t, name, cwebp(t, p.draw(w, h), options...))
	}
	for _, p := range kinds {
		for _, s := range [][2]int{{1, 1}, {1, 40}, {40, 1}, {2, 3}, {15, 16}, {16, 16}, {17, 33}, {33, 17}, {64, 48}, {500, 333}} {
			for _, q := range []int{0, 20, 75, 100} {
				try(p, s[0], s[1], "-q", strconv.Itoa(q))
			}
		}
	}
	for _, p := range kinds[:2] {
		const w, h = 173, 121
		for q := 0; q <= 100; q += 10 {
			try(p, w, h, "-q", strconv.Itoa(q), "-m", strconv.Itoa(q/10%7))
		}
		for m := range 7 {
			try(p, w, h, "-m", strconv.Itoa(m), "-q", "60", "-mt")
		}
		for n := 1; n <= 4; n++ {
			try(p, w, h, "-segments", strconv.Itoa(n), "-sns", strconv.Itoa(n*25), "-q", "40")
		}
		for _, strength := range []int{0, 10, 30, 63, 100} {
			for _, sharpness := range []int{0, 3, 7} {
				for _, kind := range []string{"-strong", "-nostrong"} {
					try(p, w, h, "-q", "30", kind, "-f", strconv.Itoa(strength), "-sharpness", strconv.Itoa(sharpness))
				}
			}
		}
		for _, options := range []string{"-af", "-pre 4", "-partition_limit 100", "-low_memory", "-sns 100 -q 5", "-sns 0 -f 0", "-jpeg_like", "-pass 6 -size 2000", "-qrange 20 90", "-preset text", "-preset photo -q 3", "-sharp_yuv"} {
			try(p, w, h, strings.Fields(options)...)
		}
	}
}

// TestVideoEncoder decodes frames of libvpx. They have several partitions of coefficients and levels of the loop filter
// by mode, which cwebp does not write.
func TestVideoEncoder(t *testing.T) {
	for _, options := range []string{
		"", "-slices 2", "-slices 4", "-slices 8", "-sharpness 3", "-sharpness 7 -crf 50 -qmin 40 -qmax 60", "-crf 4 -qmin 0 -qmax 4", "-crf 63 -qmin 63 -qmax 63",
		"-profile:v 1", "-profile:v 2 -slices 8", "-profile:v 3 -crf 60 -qmin 50", "-deadline realtime -cpu-used 8", "-static-thresh 1000", "-error-resilient 1",
	} {
		for _, m := range []image.Image{scene(176, 144), noise(50, 90), scene(35, 300)} {
			frame := libvpx(t, m, strings.Fields(options)...)
			wantPlanes(t, fmt.Sprintf("libvpx %s, %v", options, m.Bounds()), webpOf(t, frame))
		}
	}
}

// TestRandomFrames decodes random bytes after a frame tag. Such a frame uses every feature as often as its probability
// suggests.
func TestRandomFrames(t *testing.T) {
	for seed := range uint64(200) {
		wantPlanes(t, fmt.Sprintf("seed %d", seed), webpOf(t, randomFrame(seed)))
	}
}

func randomFrame(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	w, h := 1+r.IntN(120), 1+r.IntN(120)
	const modes = 20_000
	data := []byte{modes&7<<5 | 1<<4, modes >> 3 & 0xff, modes >> 11, 0x9d, 0x01, 0x2a, byte(w), 0, byte(h), 0}
	const partition = 100_000
	for range modes + 21 + 8*partition {
		data = append(data, byte(r.IntN(256)))
	}
	for sizes := data[10+modes:][:21]; len(sizes) > 0; sizes = sizes[3:] { // the last partition has no size
		sizes[0], sizes[1], sizes[2] = partition&0xff, partition>>8&0xff, partition>>16
	}
	return data
}

// TestCutFrame cuts frames at every position. The rows that count as final must equal those of the whole frame.
func TestCutFrame(t *testing.T) {
	cases := map[string][]byte{"four partitions": libvpx(t, scene(90, 150), "-slices", "4"), "eight partitions": libvpx(t, scene(90, 150), "-slices", "8")}
	for _, options := range []string{"-q 50", "-q 50 -nostrong -f 60", "-q 70 -f 0", "-q 5 -sns 100"} {
		cases[options] = frameOf(t, cwebp(t, scene(90, 150), strings.Fields(options)...))
	}
	for options, data := range cases {
		whole, _, err := Decode(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		most, before := 0, 0
		for n := 0; n < len(data); n += 1 + n/256 {
			m, rows, err := Decode(t.Context(), data[:n])
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				if rows != 150 || !bytes.Equal(planes(m), planes(whole)) || n < len(data)-4 {
					t.Errorf("%s, %d of %d bytes: %v, want io.ErrUnexpectedEOF", options, n, len(data), err)
				}
				continue
			}
			if m == nil {
				if rows != 0 {
					t.Errorf("%s, %d bytes: %d rows without a picture", options, n, rows)
				}
				continue
			}
			if rows < before || rows >= 150 || m.Rect != whole.Rect {
				t.Errorf("%s, %d bytes: %d rows after %d, %v", options, n, rows, before, m.Rect)
			}
			before, most = rows, max(most, rows)
			if luma := rows * m.YStride; !bytes.Equal(m.Y[:luma], whole.Y[:luma]) {
				t.Errorf("%s, %d bytes: %d rows are not those of the frame", options, n, rows)
			}
			if colours := (rows + 1) / 2 * m.CStride; !bytes.Equal(m.Cb[:colours], whole.Cb[:colours]) || !bytes.Equal(m.Cr[:colours], whole.Cr[:colours]) {
				t.Errorf("%s, %d bytes: colours of %d rows are not those of the frame", options, n, rows)
			}
		}
		if most < 100 {
			t.Errorf("%s: at most %d rows", options, most)
		}
	}
}

func TestDecodeEndsWithItsContext(t *testing.T) {
	data := frameOf(t, cwebp(t, scene(90, 150)))
	const rows = 10 // rows of macroblocks
	ctxcheck.Ends(t, rows, func(ctx context.Context) error {
		m, final, err := Decode(ctx, data)
		if err != nil && (m != nil || final != 0) {
			t.Errorf("%d rows with the error %v", final, err)
		}
		return err
	})
}

func TestInvalidHeaders(t *testing.T) {
	valid := frameOf(t, cwebp(t, flat(20, 20)))
	change := func(i int, v byte) []byte {
		b := bytes.Clone(valid)
		b[i] = v
		return b
	}
	for name, c := range map[string]struct {
		data []byte
		cut  bool
	}{
		"nothing":                  {nil, true},
		"tag cut":                  {valid[:9], true},
		"first partition cut":      {valid[:14], true},
		"first partition too long": {change(2, 0xff), true},
		"empty first partition":    {append([]byte{valid[0] & 0x1f, 0, 0}, valid[3:10]...), true},
		"depends on another frame": {change(0, valid[0]|1), false},
		"start code":               {change(4, 2), false},
		"no width":                 {change(6, 0), false},
		"no height":                {change(8, 0), false},
	} {
		m, rows, err := Decode(t.Context(), c.data)
		if m != nil || rows != 0 || err == nil || errors.Is(err, io.ErrUnexpectedEOF) != c.cut {
			t.Errorf("%s: %d rows, %v", name, rows, err)
		}
	}
}
