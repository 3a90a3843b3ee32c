//go:build unix

package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// slowVariants take seconds of processor time for a picture of two million pixels.
const slowVariants = `VARIANTS=[{"name":"slow","width":1600,"height":1600,"fit":"inside","formats":["avif"]}]`

// noisyJPEG returns a file that takes long to encode again.
func noisyJPEG(t *testing.T, width, height int) []byte {
	t.Helper()
	m, r := image.NewGray(image.Rect(0, 0, width, height)), rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(r.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRenderTimeout: a photo that takes too much processor time is rejected, and others are not.
func TestRenderTimeout(t *testing.T) {
	t.Parallel()
	in, out := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(in, "slow.jpg"), noisyJPEG(t, 1600, 1200), 0o600); err != nil {
		t.Fatal(err)
	}
	writeJPEG(t, filepath.Join(in, "quick.jpg"), 16, 12)
	_, stderr, status := worker(t, []string{slowVariants, "RENDER_TIMEOUT=1s"}, "render", in, "-o", out)
	if status != 1 || !strings.Contains(stderr, "slow.jpg: rejected: too-expensive: Reading the JPEG takes longer than is accepted") ||
		!strings.Contains(stderr, "quick.jpg: 16 x 12 jpeg, 1 variant in") || !strings.Contains(stderr, "failed files: 1") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// TestInterruptedRender interrupts a render that would take many seconds, while a codec is at work. A pipe tells when
// the program has read the photo.
func TestInterruptedRender(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "photo.jpg")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "render", pipe, "-o", filepath.Join(dir, "out"))
	cmd.Env = []string{asProgram + "=1", "HOME=" + dir, strings.ReplaceAll(slowVariants, "1600", "4000")}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(pipe, noisyJPEG(t, 4000, 3000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 130 || !strings.Contains(stderr.String(), "interrupted: photos in progress were not written") {
		t.Errorf("status %d, want 130: %s", status, stderr.String())
	}
}
