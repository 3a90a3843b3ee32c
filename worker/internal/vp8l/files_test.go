package vp8l

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// cwebp encodes a picture losslessly, and returns the payload of the VP8L chunk.
func cwebp(t testing.TB, m image.Image, options ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.webp")
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{"-quiet", "-lossless"}, options...), in, "-o", out)
	if text, err := exec.CommandContext(t.Context(), tool.Find(t, "cwebp"), args...).CombinedOutput(); err != nil {
		t.Fatalf("cwebp %s: %v: %s", strings.Join(args, " "), err, text)
	}
	return chunkOf(t, out, "VP8L")
}

// chunkOf returns the payload of a chunk of a file.
func chunkOf(t testing.TB, path, kind string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for rest := file[12:]; len(rest) >= 8; {
		n := int(binary.LittleEndian.Uint32(rest[4:]))
		if string(rest[:4]) == kind {
			return rest[8 : 8+n]
		}
		rest = rest[8+n+n&1:]
	}
	t.Fatalf("%s: no %s chunk", path, kind)
	return nil
}

// webpOf returns a file of chunks, given as types and payloads.
func webpOf(chunks ...string) []byte {
	body := []byte("WEBP")
	for i := 0; i < len(chunks); i += 2 {
		payload := chunks[i+1]
		body = binary.LittleEndian.AppendUint32(append(body, chunks[i]...), uint32(len(payload)))
		body = append(append(body, payload...), make([]byte, len(payload)&1)...)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// dwebp decodes a file with libwebp's program, and returns its pixels, four bytes each. ok is false if dwebp refuses
// it.
func dwebp(t testing.TB, file []byte) (pix []byte, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool.Find(t, "dwebp"), "-quiet", "-pam", "-o", "-", "--", "-")
	cmd.Stdin = bytes.NewReader(file)
	pam, err := cmd.Output()
	if err != nil {
		return nil, false
	}
	_, pix, ok = bytes.Cut(pam, []byte("ENDHDR\n"))
	return pix, ok
}

// Kinds of pictures.
func noise(w, h int) *image.NRGBA {
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(r.IntN(256))
	}
	return m
}

// scene draws gradients, edges in all directions, texture and flat parts, and a transparent part unless opaque is true.
func scene(w, h int, opaque bool) *image.NRGBA {
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: byte(x * 255 / w), G: byte(y * 255 / h), B: byte((x + y) * 255 / (w + h)), A: 255}
			if dx, dy := x-w/2, y-h/2; dx*dx+dy*dy < w*h/16 {
				c.R, c.G = 255-c.R, c.B
			}
			switch {
			case (x+2*y)%61 < 3 || (3*x-y)%53 == 1:
				c = color.NRGBA{A: 255}
			case x > w/2 && y < h/3:
				c.R += byte(r.IntN(60))
				c.G += byte(r.IntN(60))
			case x < w/4 && y > h/2:
				c = color.NRGBA{R: 240, G: 240, B: 230, A: 255}
			case !opaque && x < w/3 && y < h/2:
				c.A = byte(x * 3 * 255 / w)
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// fewColours draws a picture with a palette.
func fewColours(w, h, colours int) *image.NRGBA {
	r := rand.New(rand.NewPCG(uint64(w), uint64(colours)))
	palette := make([]color.NRGBA, colours)
	for i := range palette {
		palette[i] = color.NRGBA{byte(r.IntN(256)), byte(r.IntN(256)), byte(i), 255}
	}
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			i := (x*y/7 + x/5) % colours
			if r.IntN(9) == 0 {
				i = r.IntN(colours)
			}
			m.SetNRGBA(x, y, palette[i])
		}
	}
	return m
}
