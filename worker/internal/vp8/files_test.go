package vp8

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

// cwebp encodes a picture and returns the path of the file.
func cwebp(t testing.TB, m image.Image, options ...string) string {
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
	args := append(append([]string{"-quiet"}, options...), in, "-o", out)
	if text, err := exec.CommandContext(t.Context(), tool.Find(t, "cwebp"), args...).CombinedOutput(); err != nil {
		t.Fatalf("cwebp %s: %v: %s", strings.Join(args, " "), err, text)
	}
	return out
}

// libvpx encodes a picture with a video encoder, and returns the frame.
func libvpx(t testing.TB, m image.Image, options ...string) []byte {
	t.Helper()
	var in bytes.Buffer
	if err := png.Encode(&in, m); err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{"-v", "error", "-f", "png_pipe", "-i", "-", "-c:v", "libvpx", "-threads", "1"}, options...), "-f", "ivf", "-")
	cmd := exec.CommandContext(t.Context(), tool.Find(t, "ffmpeg"), args...)
	cmd.Stdin = &in
	out, err := cmd.Output()
	const fileHeader, frameHeader = 32, 12
	if err != nil || len(out) < fileHeader+frameHeader {
		t.Fatalf("ffmpeg %s: %v", strings.Join(args, " "), err)
	}
	n := binary.LittleEndian.Uint32(out[fileHeader:])
	return out[fileHeader+frameHeader:][:n]
}

// webpOf writes a frame into a file, and returns its path.
func webpOf(t testing.TB, frame []byte) string {
	t.Helper()
	even := len(frame) + len(frame)&1
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(12+even))
	file = binary.LittleEndian.AppendUint32(append(file, "WEBPVP8 "...), uint32(len(frame)))
	path := filepath.Join(t.TempDir(), "frame.webp")
	if err := os.WriteFile(path, append(append(file, frame...), make([]byte, len(frame)&1)...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// frameOf returns the payload of the VP8 chunk of a file.
func frameOf(t testing.TB, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for rest := file[12:]; len(rest) >= 8; {
		n := int(binary.LittleEndian.Uint32(rest[4:]))
		if string(rest[:4]) == "VP8 " {
			return rest[8 : 8+n]
		}
		rest = rest[8+n+n&1:]
	}
	t.Fatalf("%s: no lossy picture", path)
	return nil
}

// Kinds of pictures.
func noise(w, h int) image.Image {
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(r.IntN(256)) | byte(i%4/3*255)
	}
	return m
}

func flat(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = [4]byte{200, 30, 90, 255}[i%4]
	}
	return m
}

// scene has gradients, edges in all directions, texture and flat parts.
func scene(w, h int) image.Image {
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
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// planes returns the samples within the edges of a picture: luma, and the two planes of colour.
func planes(m *image.YCbCr) []byte {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	var b []byte
	for y := range h {
		b = append(b, m.Y[y*m.YStride:][:w]...)
	}
	for _, p := range [][]byte{m.Cb, m.Cr} {
		for y := range (h + 1) / 2 {
			b = append(b, p[y*m.CStride:][:(w+1)/2]...)
		}
	}
	return b
}
