package icc

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestBlackPointOfLittleCMS compares the conversion of inks with that of Little CMS with black point compensation. The
// intent is perceptual, or relative colorimetric if the profile has no other table.
func TestBlackPointOfLittleCMS(t *testing.T) {
	transicc := tool.Find(t, "transicc")
	older := mft(2, 4, 9, identityCurve, encodePCS(inks, true), identityCurve)
	light := func(v []float64) [3]float64 { return [3]float64{95 - 12*v[0] - 12*v[1] - 12*v[2] - 12*v[3], 0, 0} }
	for name, c := range map[string]struct {
		profile []byte
		intent  string
	}{
		"version 2":            {profileBytes(2, "prtr", "CMYK", "Lab ", tagData{"A2B0", older}), "-t0"},
		"version 2, 8 bits":    {cmykProfile(1), "-t0"},
		"version 4":            {profileBytes(4, "prtr", "CMYK", "Lab ", tagData{"A2B0", older}), "-t0"},
		"colorimetric":         {profileBytes(2, "spac", "CMYK", "Lab ", tagData{"A2B1", older}), "-t1"},
		"colorimetric, 4":      {profileBytes(4, "spac", "CMYK", "Lab ", tagData{"A2B1", older}), "-t1"},
		"both":                 {profileBytes(2, "prtr", "CMYK", "Lab ", tagData{"A2B1", older}, tagData{"A2B0", mft(2, 4, 2, identityCurve, encodePCS(light, true), identityCurve)}), "-t0"},
		"curves behind inputs": {profileBytes(2, "prtr", "CMYK", "Lab ", tagData{"A2B0", mft(2, 4, 17, square, encodePCS(inks, true), identityCurve)}), "-t0"},
	} {
		wantLittleCMS(t, transicc, name, c.profile, c.intent)
	}
}

// TestBlackPointOfPress is TestBlackPointOfLittleCMS with the CMYK profile of Ghostscript, where it is installed.
func TestBlackPointOfPress(t *testing.T) {
	transicc := tool.Find(t, "transicc")
	const path = "/usr/share/color/icc/ghostscript/default_cmyk.icc"
	profile, err := os.ReadFile(path)
	if err != nil {
		t.Skip("no CMYK profile of Ghostscript is installed")
	}
	wantLittleCMS(t, transicc, path, profile, "-t0")
}

func wantLittleCMS(t *testing.T, transicc, name string, profile []byte, intent string) {
	t.Helper()
	p := parse(t, profile)
	path := filepath.Join(t.TempDir(), "inks.icc")
	if err := os.WriteFile(path, profile, 0o600); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	const colours = 200
	var pix []byte
	var in bytes.Buffer
	for i := range colours {
		for j := range 4 {
			v := byte(random.Uint32())
			if i < 16 { // the corners first
				v = byte(255 * (i >> j & 1))
			}
			pix = append(pix, v)
			fmt.Fprintf(&in, "%.4f\n", float64(v)/2.55)
		}
	}
	cmd := exec.CommandContext(t.Context(), transicc, "-n", "-i", path, "-o", "*sRGB", intent, "-b")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	p.ConvertCMYK(pix, pix)
	n := 0
	for line := range strings.Lines(string(out)) {
		var want [3]float64
		if k, err := fmt.Sscan(line, &want[0], &want[1], &want[2]); k != 3 || err != nil {
			continue // a banner
		}
		got := pix[4*n:][:3]
		n++
		for c := range want {
			if d := float64(got[c]) - min(max(want[c], 0), 255); d < -2.5 || d > 2.5 {
				t.Fatalf("%s: colour %d is %v, want %.1f", name, n-1, got, want)
			}
		}
		if n == colours {
			break
		}
	}
	if n != colours {
		t.Errorf("%s: got %d colours, want %d: %.200s", name, n, colours, out)
	}
}

// TestBlackPointIsBlack checks that all inks together become black, that white stays white, and that a profile whose
// darkest colour is light is not compensated for.
func TestBlackPointIsBlack(t *testing.T) {
	grey := func(l float64) []byte {
		return lutProfile(2, "CMYK", "Lab ", mft(2, 4, 3, identityCurve, encodePCS(func(v []float64) [3]float64 {
			return [3]float64{100 - (100-l)*(v[0]+v[1]+v[2]+v[3])/4, 0, 0}
		}, true), identityCurve))
	}
	for l, want := range map[float64]byte{0: 0, 5: 0, 30: 0, 49: 0, 51: 121} {
		pix := []byte{255, 255, 255, 255, 0, 0, 0, 0}
		parse(t, grey(l)).ConvertCMYK(pix, pix)
		if pix[0] != want || pix[1] != want || pix[2] != want || pix[4] < 254 {
			t.Errorf("L* %v: %v, want %d", l, pix, want)
		}
	}
}
