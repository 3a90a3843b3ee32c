package heif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/hevc"
)

var update = flag.Bool("update", false, "write the seeds that are made of other seeds")

// Flags at the end of a sequence parameter set (ITU-T H.265, 7.3.2.2): which extensions there are, and their bits. None
// changes a sample of 8 bits. Package hevc decodes neither; libde265 reads the first and leaves the second alone.
const (
	extendedPrecision = "10000000" + "000010000"
	screenContent     = "00010000" + "000000"
)

// extended returns a parameter set that had no extensions with these bits as its extensions.
func extended(t testing.TB, set []byte, extensions string) []byte {
	t.Helper()
	raw := bytes.ReplaceAll(set, []byte{0, 0, 3}, []byte{0, 0})
	var bits []byte
	for _, b := range raw {
		for i := 7; i >= 0; i-- {
			bits = append(bits, '0'+b>>i&1)
		}
	}
	stop := bytes.LastIndexByte(bits, '1')
	if bits[stop-1] != '0' {
		t.Fatal("the parameter set has extensions")
	}
	bits = append(append(bits[:stop-1], '1'), extensions+"1"...)
	for len(bits)%8 != 0 {
		bits = append(bits, '0')
	}
	var made []byte
	for i := 0; i < len(bits); i += 8 {
		var b byte
		for _, bit := range bits[i : i+8] {
			b = b<<1 | (bit - '0')
		}
		if b <= 3 && bytes.HasSuffix(made, []byte{0, 0}) { // emulation prevention (7.4.2)
			made = append(made, 3)
		}
		made = append(made, b)
	}
	return made
}

// extendedPicture returns an item whose parameter sets of a kind have extensions.
func extendedPicture(t testing.TB, e entry, kind int, extensions string) entry {
	t.Helper()
	config := e.properties[0][8:]
	made := slices.Clone(config[:23])
	r := reader{data: config[23:]}
	for range config[22] {
		made = append(made, byte(r.u8()))
		count := r.u16()
		made = binary.BigEndian.AppendUint16(made, uint16(count))
		for range count {
			set := r.bytes(uint64(r.u16()))
			if nalKind(set) == kind {
				set = extended(t, set, extensions)
			}
			made = append(binary.BigEndian.AppendUint16(made, uint16(len(set))), set...)
		}
	}
	e.properties = append([][]byte{box("hvcC", made)}, e.properties[1:]...)
	return e
}

// TestSandboxedHEVC decodes pictures that package hevc does not cover, which libheif in the sandbox then does. They are
// pictures that it covers, but for flags that change nothing, so the pixels are known.
func TestSandboxedHEVC(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"quadrants.heic", "odd.heic", "yuv422.heic", "yuv444.heic"} {
		for _, extensions := range []string{extendedPrecision, screenContent} {
			e := taken(t, seed(t, name), false)
			sandboxed := extendedPicture(t, e, nalSPS, extensions)
			want, h := decoded(t, built(heicBrands, e))
			if h.Sandboxed() || !h.Planar() {
				t.Fatalf("%s: sandboxed %v, planar %v", name, h.Sandboxed(), h.Planar())
			}
			for n, file := range map[string][]byte{
				name:                    built(heicBrands, sandboxed),
				name + ", a grid of it": built(heicBrands, identityOf(2, h.Width, h.Height), gridOver(h.Width, h.Height, 3), sandboxed),
			} {
				got, h := decoded(t, file)
				if !h.Sandboxed() || h.Planar() {
					t.Errorf("%s: sandboxed %v, planar %v", n, h.Sandboxed(), h.Planar())
				}
				if name == "yuv444.heic" && !bytes.Equal(got.Pix, want.Pix) {
					t.Errorf("%s, extensions %s: other pixels than without extensions", n, extensions)
				}
				samePicture(t, got, want)
				sameCorners(t, got, corners(want))
				if t.Failed() {
					t.Fatalf("%s, extensions %s", n, extensions)
				}
			}
		}
	}
}

// TestSandboxedAgainstLibheif: libheif's own program accepts the files too, and gives the same picture as without extensions.
func TestSandboxedAgainstLibheif(t *testing.T) {
	t.Parallel()
	convert := tool.Find(t, "heif-convert")
	sameAs(t, seed(t, "screen.heic"), byTool(t, convert, seed(t, "quadrants.heic")))
	sameAs(t, seed(t, "screen.heic"), byTool(t, convert, seed(t, "screen.heic")))
}

// TestUnsupportedBeyondTheSPS: what only a picture parameter set says comes too late for the codec in the sandbox.
func TestUnsupportedBeyondTheSPS(t *testing.T) {
	t.Parallel()
	h, err := ReadHeader(seed(t, "screen-pps.heic"))
	if err != nil || h.Sandboxed() {
		t.Fatalf("sandboxed %v, %v", h.Sandboxed(), err)
	}
	for _, planar := range []bool{true, false} {
		if _, err := h.Picture(planar); !errors.Is(err, ErrUnsupported) || !errors.Is(err, hevc.ErrUnsupported) {
			t.Errorf("planar %v: %v", planar, err)
		}
	}
}

// TestMadeSeeds: seeds that other packages read too are what they are said to be.
func TestMadeSeeds(t *testing.T) {
	q := taken(t, seed(t, "quadrants.heic"), false)
	for name, want := range map[string][]byte{
		"screen.heic":      built(heicBrands, extendedPicture(t, q, nalSPS, screenContent)),
		"screen-pps.heic":  built(heicBrands, extendedPicture(t, q, nalPPS, screenContent)),
		"large-alpha.heic": built(heicBrands, taken(t, seed(t, "narrow.heic"), false), maskOf(taken(t, seed(t, "alpha.heic"), true), 1)),
		"hevc.avif":        built(avifBrands, q),
		"av1.heic":         built(heicBrands, taken(t, seed(t, "alpha.avif"), false)),
	} {
		if *update {
			if err := os.WriteFile(filepath.Join("testdata", name), want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(seed(t, name), want) {
			t.Errorf("%s differs; write it with -run TestMadeSeeds -update", name)
		}
	}
}
