package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/race"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/photo"
)

// secretText returns a text that nothing else contains.
func secretText(r *rand.Rand) string { return fmt.Sprintf("N%016xE%016x", r.Uint64(), r.Uint64()) }

// authorTexts returns texts as an author may write them.
func authorTexts(r *rand.Rand) photo.Credit {
	letters := []rune("ab <&>\"'é漢🚀")
	text := func(most int) string {
		var b strings.Builder
		for range 1 + r.IntN(most) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		return "x" + b.String() + "x"
	}
	return photo.Credit{Copyright: text(100), Creator: text(20), Credit: text(20), Description: text(300)}
}

// TestNoLocation checks every container and every format: whichever fields are kept, no variant and no manifest has a
// byte of any other metadata, wherever a location can be stored.
func TestNoLocation(t *testing.T) {
	allowed := map[photo.Format][]string{
		photo.JPEG: {"\xe0", "\xe1", "\xdb", "\xc0", "\xc2", "\xc4"},
		photo.PNG:  {"IHDR", "eXIf", "iTXt", "IDAT", "IEND"},
		photo.WebP: {"VP8X", "ALPH", "VP8 ", "VP8L", "EXIF", "XMP "},
		photo.AVIF: {"ftyp", "meta", "mdat"},
	}
	e := engine(t, keepEverything(boxSpec("crop", 40, 40, Fill, 80)))
	r := rand.New(rand.NewPCG(3, 4))
	for range 6 / race.Every(6) {
		words, secret := authorTexts(r), secretText(r)
		for name, file := range plantedFiles(t, words, secret) {
			rendered := rendering(t, e, file)
			m := photo.Manifest{Photo: new(photo.Info)}
			rendered.Describe(m.Photo)
			manifest := must(m.MarshalIndented())
			if bytes.Contains(manifest, []byte(secret[:8])) {
				t.Errorf("%s: the manifest has the secret:\n%s", name, manifest)
			}
			if rendered.Words.Credit == (photo.Credit{}) {
				t.Errorf("%s: nothing is kept", name)
			}
			for _, i := range rendered.Images {
				for n := 8; n <= len(secret); n++ { // fractions hold 8 bytes of the secret
					if bytes.Contains(i.Data, []byte(secret[n-8:n])) {
						t.Errorf("%s: %s, %s has %q", name, i.Name, i.Format, secret[n-8:n])
					}
				}
				for _, c := range chunkNames(t, i) {
					if !slices.Contains(allowed[i.Format], c) {
						t.Errorf("%s: %s, %s has a part %q", name, i.Name, i.Format, c)
					}
				}
			}
		}
	}
}

// exiftool runs exiftool, which shares no code with this package, on files of a folder.
func exiftool(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool.Find(t, "exiftool"), args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("exiftool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// plainFiles returns a file of every container, without metadata.
func plainFiles(t *testing.T) map[string][]byte {
	m := scene(60, 40)
	return map[string][]byte{"a.jpg": toJPEG(t, m, nil), "a.png": toPNG(t, m), "a.webp": riff("VP8L", vp8l(m)),
		"a.heic": heifSeed(t, "quadrants.heic"), "a.avif": heifSeed(t, "alpha.avif")}
}

func writeFiles(t *testing.T, dir string, files map[string][]byte) (names []string) {
	t.Helper()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// creatorArgs returns the arguments that write the creators to XMP, each as an item.
func creatorArgs() (args []string) {
	for name := range strings.SplitSeq(author.Creator, "; ") {
		args = append(args, "-XMP-dc:Creator="+name)
	}
	return args
}

// inFile matches the tags of exiftool that are no metadata, but describe the file itself and its pixels.
var inFile = regexp.MustCompile(`^(SourceFile|(ExifTool|System|File|Composite|JFIF|RIFF|PNG|QuickTime|Meta|ItemList|Jpeg2000|ExifByteOrder)(:.*)?)$`)

// TestAgainstExiftool has exiftool write credits and locations into every container that it can write, and read every
// variant.
func TestAgainstExiftool(t *testing.T) {
	tool.Find(t, "exiftool")
	const secret = "Secretville"
	dir := t.TempDir()
	names := writeFiles(t, dir, plainFiles(t))
	exiftool(t, dir, append([]string{"-q", "-overwrite_original", "-charset", "utf8", "-codedcharacterset=utf8",
		"-EXIF:Artist=" + author.Creator, "-EXIF:Copyright=" + author.Copyright, "-EXIF:ImageDescription=" + author.Description,
		"-XMP-photoshop:Credit=" + author.Credit, "-XMP-dc:Rights=not this one",
		"-GPSLatitude=54.321987", "-GPSLatitudeRef=N", "-GPSLongitude=10.123456", "-GPSLongitudeRef=E", "-GPSAreaInformation=" + secret, "-EXIF:UserComment=" + secret, "-EXIF:Make=" + secret,
		"-XMP-exif:GPSLatitude=54.321987", "-XMP-photoshop:City=" + secret, "-XMP-iptcExt:LocationShownCity=" + secret,
		"-XMP-iptcCore:Location=" + secret}, names...)...)
	exiftool(t, dir, "-q", "-overwrite_original", "-IPTC:City="+secret, "-IPTC:Sub-location="+secret, "-IPTC:By-line=not this one", "-Comment="+secret, "a.jpg")

	exiftool(t, dir, append([]string{"-q", "-overwrite_original", "-charset", "utf8", "-XMP-dc:Rights=" + author.Copyright, "-XMP-dc:Description=" + author.Description,
		"-XMP-photoshop:Credit=" + author.Credit, "-XMP-exif:GPSLatitude=54.321987", "-XMP-photoshop:City=" + secret, "-Comment=" + secret},
		// The only container without EXIF.
		append(creatorArgs(), writeFiles(t, dir, map[string][]byte{"a.gif": files(t, 60, 40)["gif"]})...)...)...)
	names = append(names, "a.gif")

	variants := map[string][]byte{}
	e := engine(t, keepEverything())
	for _, name := range names {
		r := rendering(t, e, must(os.ReadFile(filepath.Join(dir, name))))
		if r.Words.Credit != author {
			t.Errorf("%s: %+v, want %+v", name, r.Words.Credit, author)
		}
		for _, i := range r.Images {
			variants[name+"."+i.Format.Ext()] = i.Data
		}
	}
	out := t.TempDir()
	var tags []map[string]any
	text := exiftool(t, out, append([]string{"-j", "-G1", "-a", "-u", "-ee", "-struct", "-charset", "utf8", "-charset", "exif=utf8"}, writeFiles(t, out, variants)...)...)
	if err := json.Unmarshal(text, &tags); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"IFD0:Artist": author.Creator, "IFD0:Copyright": author.Copyright, "IFD0:ImageDescription": author.Description,
		"XMP-dc:Creator": []any{"Zoë Müller", "Ann <a@example.org>"}, "XMP-dc:Rights": author.Copyright, "XMP-dc:Description": author.Description, "XMP-photoshop:Credit": author.Credit}
	if len(tags) != len(variants) || len(tags) != 4*len(names) {
		t.Fatalf("%d files read, %d were made of %d", len(tags), len(variants), len(names))
	}
	for _, file := range tags {
		for tag, value := range file {
			if !inFile.MatchString(tag) && fmt.Sprint(want[tag]) != fmt.Sprint(value) {
				t.Errorf("%s has %s = %v, want %v", file["SourceFile"], tag, value, want[tag])
			}
		}
		for tag := range want {
			if file[tag] == nil {
				t.Errorf("%s has no %s", file["SourceFile"], tag)
			}
		}
		if warning := file["ExifTool:Warning"]; warning != nil {
			t.Errorf("%s: %v", file["SourceFile"], warning)
		}
	}
	if strings.Contains(string(text), secret) || strings.Contains(string(text), "GPS") {
		t.Errorf("the variants have a position:\n%s", text)
	}
}
