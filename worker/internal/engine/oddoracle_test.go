package engine

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"strings"
	"testing"

	"darkroom/deploy/testkit/pnm"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/photo"
)

// oracles are the common command-line decoders of a format. They read a file from standard input and write its picture
// to standard output.
var oracles = map[photo.Format]struct {
	command []string
	least   float64 // least PSNR between its picture and ours, in dB
	shows   float64 // least share of the odd files that it shows
}{
	photo.JPEG: {[]string{"djpeg", "-pnm"}, 31, 0.6}, // it interpolates colours differently
	photo.PNG:  {[]string{"pngtopam", "-alphapam"}, 50, 0.5},
	photo.GIF:  {[]string{"giftopnm", "-quiet"}, 50, 0.3},
	photo.WebP: {[]string{"dwebp", "-quiet", "-o", "-", "--", "-"}, 50, 0.4},
}

// decodeByOracle returns the picture that an oracle decodes, or nil if it decodes none. The exit code is ignored, since
// some have one for warnings.
func decodeByOracle(t testing.TB, oracle []string, file []byte) *image.NRGBA {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), oracle[0], oracle[1:]...)
	cmd.Stdin = bytes.NewReader(file)
	out, _ := cmd.Output()
	if m, err := png.Decode(bytes.NewReader(out)); err == nil {
		return toNRGBA(m)
	}
	if m, err := pnm.Decode(out); err == nil {
		return m
	}
	return nil
}

// TestOddFilesAgainstOracles compares the pictures of odd files with those that the oracles show. It leaves out files
// that must be turned or converted, since no oracle does that.
func TestOddFilesAgainstOracles(t *testing.T) {
	comparesPixels(t)
	files := map[photo.Format]map[string]oddity{photo.JPEG: oddJPEGs(t), photo.PNG: oddPNGs(t), photo.GIF: oddGIFs(t), photo.WebP: oddWebPs(t)}
	if _, err := os.Stat(oddFolder); err == nil {
		for name, o := range oddFiles(t) {
			for f, kinds := range files {
				if strings.HasSuffix(name, "."+f.Ext()) {
					kinds[name] = o
				}
			}
		}
	}
	e := oddEngines(t, false)["png"]
	for format, kinds := range files {
		oracle := oracles[format]
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			tool.Find(t, oracle.command[0])
			compared := 0
			for name, o := range kinds {
				want := decodeByOracle(t, oracle.command, o.file)
				r, err := renderDamaged(e, o.file)
				if want == nil || o.alone || err != nil {
					continue
				}
				compared++
				if got := openImage(t, r.Images[0]); got.Rect != want.Rect {
					t.Errorf("%s: %v, and of %s %v", name, got.Rect, oracle.command[0], want.Rect)
				} else if db := likeness(t, got, want); db < oracle.least {
					t.Errorf("%s: like the picture of %s with %.1f dB", name, oracle.command[0], db)
				}
			}
			if float64(compared) < oracle.shows*float64(len(kinds)) {
				t.Errorf("%s shows only %d of %d files", oracle.command[0], compared, len(kinds))
			}
		})
	}
}
