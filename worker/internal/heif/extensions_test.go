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

var update = flag.Bool("update", false, "write the seeds that are derived from other seeds")

// Flags at the end of a parameter set (ITU-T H.265, 7.3.2.2 and 7.3.2.3): the extensions that follow, and their bits.
const (
	screenWithoutTools = "00010000" + "000000" // an extension for screen content that enables nothing
	extendedPrecision  = "10000000" + "000010000"
	palette            = "00010000" + "010000"
	colourTransform    = "00010000" + "010000" // in a picture parameter set
)

// addExtensions adds these bits as the extensions of a parameter set that has none.
func addExtensions(t testing.TB, set []byte, extensions string) []byte {
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
				set = addExtensions(t, set, extensions)
			}
			made = append(binary.BigEndian.AppendUint16(made, uint16(len(set))), set...)
		}
	}
	e.properties = append([][]byte{box("hvcC", made)}, e.properties[1:]...)
	return e
}

// TestExtensionsWithoutTools checks that an extension for screen content changes no sample if all of its tools are off.
func TestExtensionsWithoutTools(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"quadrants.heic", "yuv444.heic"} {
		e := itemFrom(t, seed(t, name), false)
		want, _ := decode(t, buildFile(heicBrands, e))
		for _, kind := range []int{nalSPS, nalPPS} {
			got, _ := decode(t, buildFile(heicBrands, extendedPicture(t, e, kind, screenWithoutTools)))
			if !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%s, NAL unit of type %d: other pixels than without extensions", name, kind)
			}
		}
	}
}

// TestExtensionsAgainstLibheif checks that libheif's own program reads such a file too.
func TestExtensionsAgainstLibheif(t *testing.T) {
	t.Parallel()
	convert := tool.Find(t, "heif-convert")
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	compareWith(t, seed(t, "quadrants.heic"), decodeByTool(t, convert, buildFile(heicBrands, extendedPicture(t, q, nalSPS, screenWithoutTools))))
}

// TestUnsupportedExtensions checks when an extension is refused: with the header if a sequence parameter set has it,
// and with the picture if only a picture parameter set has it.
func TestUnsupportedExtensions(t *testing.T) {
	t.Parallel()
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	for _, extensions := range []string{extendedPrecision, palette} {
		if _, err := ReadHeader(buildFile(heicBrands, extendedPicture(t, q, nalSPS, extensions))); !errors.Is(err, ErrUnsupported) || !errors.Is(err, hevc.ErrUnsupported) {
			t.Errorf("extensions %s: %v", extensions, err)
		}
	}
	h, err := ReadHeader(seed(t, "screen-pps.heic"))
	if err != nil {
		t.Fatal(err)
	}
	for _, planar := range []bool{true, false} {
		if _, err := h.Picture(t.Context(), planar); !errors.Is(err, ErrUnsupported) || !errors.Is(err, hevc.ErrUnsupported) {
			t.Errorf("planar %v: %v", planar, err)
		}
	}
}

// TestMadeSeeds checks that the derived seeds, which other packages read too, are up to date.
func TestMadeSeeds(t *testing.T) {
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	for name, want := range map[string][]byte{
		"screen.heic":      buildFile(heicBrands, extendedPicture(t, q, nalSPS, palette)),
		"screen-pps.heic":  buildFile(heicBrands, extendedPicture(t, q, nalPPS, colourTransform)),
		"large-alpha.heic": buildFile(heicBrands, itemFrom(t, seed(t, "narrow.heic"), false), maskOf(itemFrom(t, seed(t, "alpha.heic"), true), 1)),
		"hevc.avif":        buildFile(avifBrands, q),
		"tone-map.heic":    toneMapped(t),
		"apple.heic":       applePicture(t),
		"av1.heic":         buildFile(heicBrands, itemFrom(t, seed(t, "alpha.avif"), false)),
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
