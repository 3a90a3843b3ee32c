package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/credit"
	"darkroom/worker/photo"
)

// guided lists the fields for which the Metadata Working Group sets an order of blocks, with exiftool's names for them:
// in its module for the guidelines, in EXIF, in IPTC-IIM and in XMP. limit is the length of the field in IPTC-IIM.
var guided = []struct {
	mwg, exif, iptc, xmp string
	limit                int
}{
	{"Copyright", "EXIF:Copyright", "IPTC:CopyrightNotice", "XMP-dc:Rights", 128},
	{"Creator", "EXIF:Artist", "IPTC:By-line", "XMP-dc:Creator", 32},
	{"Description", "EXIF:ImageDescription", "IPTC:Caption-Abstract", "XMP-dc:Description", 2000},
}

// randomWords returns the arguments by which exiftool writes some of the fields into some of the blocks.
func randomWords(r *rand.Rand) (args []string) {
	for _, g := range guided {
		whole := strings.Repeat(string(rune('a'+r.IntN(26))), g.limit) + "é and more"
		for _, field := range []string{g.exif, g.iptc, g.xmp} {
			switch text := fmt.Sprintf("%s %d", field, r.IntN(100)); r.IntN(5) {
			case 0, 1:
				args = append(args, "-"+field+"="+text)
			case 2:
				if field != g.exif { // the text that was cut off for IPTC-IIM
					args = append(args, "-"+field+"="+map[bool]string{true: whole[:g.limit], false: whole}[field == g.iptc])
				}
			}
		}
	}
	digest := []string{"", "-Photoshop:IPTCDigest=new", "-Photoshop:IPTCDigest=00000000000000000000000000000001"}[r.IntN(3)]
	if strings.Contains(strings.Join(args, " "), "IPTC:") && digest != "" {
		args = append(args, digest)
	}
	return append(args, "-XMP-dc:Format=image/jpeg")
}

// TestOrderIsThatOfTheGuidelines compares the credit of JPEGs whose blocks differ at random with what exiftool's module
// for the guidelines of the Metadata Working Group reads.
func TestOrderIsThatOfTheGuidelines(t *testing.T) {
	tool.Find(t, "exiftool")
	dir, r := t.TempDir(), rand.New(rand.NewPCG(5, 6))
	files, lines := map[string][]byte{}, []string{}
	for i := range 60 {
		name := fmt.Sprintf("%02d.jpg", i)
		files[name] = toJPEG(t, scene(16, 16), nil)
		lines = append(lines, randomWords(r)...)
		lines = append(lines, "-codedcharacterset=utf8", "-overwrite_original", "-q", name, "-execute")
	}
	names := writeFiles(t, dir, files)
	if err := os.WriteFile(filepath.Join(dir, "arguments"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	exiftool(t, dir, "-@", "arguments", "-common_args", "-charset", "utf8")
	var tags []map[string]any
	if err := json.Unmarshal(exiftool(t, dir, append([]string{"-use", "MWG", "-j", "-G1", "-MWG:all", "-XMP-dc:all"}, names...)...), &tags); err != nil {
		t.Fatal(err)
	}
	cfg := oneSpec(16, 16, Inside)
	cfg.Keep = credit.Fields
	e := engine(t, cfg)
	kept := 0
	for _, file := range tags {
		name := file["SourceFile"].(string)
		text := func(field string) string {
			if file[field] == nil {
				return ""
			}
			return fmt.Sprint(file[field])
		}
		// If IPTC-IIM is newer than XMP and lacks a field, exiftool reads none. The engine keeps the one in XMP.
		pick := func(mwg, xmp string) string { return cmp.Or(text("MWG:"+mwg), text("XMP-dc:"+xmp)) }
		want := photo.Credit{Copyright: pick("Copyright", "Rights"), Creator: pick("Creator", "Creator"), Description: pick("Description", "Description")}
		want.Description = want.Description[:min(len(want.Description), photo.MaxDescription)]
		if got := rendering(t, e, must(os.ReadFile(filepath.Join(dir, name)))).Words.Credit; got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		} else if got != (photo.Credit{}) {
			kept++
		}
	}
	if kept < 40 {
		t.Errorf("%d files of %d have something to keep", kept, len(names))
	}
}
