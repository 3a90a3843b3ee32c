package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/exif"
	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
)

func rendering(t testing.TB, e *Engine, file []byte) Rendering {
	t.Helper()
	h, err := e.Inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Render(t.Context(), file, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// exifCredit returns the fields of c that EXIF can hold. Every container but GIF can have EXIF.
func exifCredit(c photo.Credit) photo.Credit {
	c.Credit = ""
	return c
}

// TestCreditIsKept renders the planted file of every container to every format, and reads the credit there. Nothing
// else may be left.
func TestCreditIsKept(t *testing.T) {
	e := engine(t, keepEverything())
	for name, file := range plantedFiles(t, author, "54.3213N-GPS-secret") {
		r := rendering(t, e, file)
		if diff := cmp.Diff(author, r.Words.Credit); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", name, diff)
		}
		var info photo.Info
		if r.Describe(&info); info.Credit != r.Words.Credit || !info.ContentCredentials || info.ClaimGenerator != "Camera 1.0" {
			t.Errorf("%s: described as %+v", name, info)
		}
		if len(r.Images) != 4 {
			t.Errorf("%s: %d images", name, len(r.Images))
		}
		for _, i := range r.Images {
			decodeWhole(t, i.Data)
			h, err := format.Inspect(i.Data, format.Limits{Pixels: 1 << 20})
			if err != nil {
				t.Fatalf("%s, %s: %v", name, i.Format, err)
			}
			block := bytes.TrimPrefix(h.Blocks.EXIF, []byte(exif.Prefix+"\x00"))
			if !bytes.Equal(block, credit.EXIF(author)) || !bytes.Equal(h.Blocks.XMP, credit.XMP(author)) || h.Blocks.Resources != nil || h.Blocks.Texts != nil || h.Credentials != nil {
				t.Errorf("%s, %s: %+v, credentials %q", name, i.Format, h.Blocks, h.Credentials)
			}
		}
	}
}

// TestCreditByContainer reads each kind of block alone, and keeps one field after the other.
func TestCreditByContainer(t *testing.T) {
	jpeg, png := toJPEG(t, scene(60, 40), nil), toPNG(t, scene(60, 40))
	xmp := credit.XMP(author)
	app := func(marker byte, prefix string, body []byte) []byte {
		return insert(jpeg, 2, segment(marker, append([]byte(prefix), body...)))
	}
	resources := plantedResources(author, "54.3213N-GPS-secret")
	split := insert(jpeg, 2, slices.Concat(segment(0xed, append([]byte("Photoshop 3.0\x00"), resources[:300]...)), segment(0xed, append([]byte("Photoshop 3.0\x00"), resources[300:]...))))
	texts := slices.Concat(chunk("tEXt", []byte("Author\x00Zo\xeb")), chunk("iTXt", []byte("Copyright\x00\x00\x00de\x00\x00© 2026 Zoë Müller")))
	for name, c := range map[string]struct {
		file []byte
		want photo.Credit
	}{
		"EXIF of a JPEG":           {withEXIF(jpeg, credit.EXIF(author)), exifCredit(author)},
		"XMP of a JPEG":            {app(markerAPP1, "http://ns.adobe.com/xap/1.0/\x00", xmp), author},
		"IPTC of a JPEG":           {app(0xed, "Photoshop 3.0\x00", resources), author},
		"IPTC in two segments":     {split, author},
		"EXIF behind the pixels":   {insert(png, len(png)-12, chunk("eXIf", credit.EXIF(author))), exifCredit(author)},
		"XMP behind the pixels":    {insert(png, len(png)-12, chunk("iTXt", append([]byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"), xmp...))), author},
		"XMP, deflated":            {insert(png, 33, chunk("iTXt", append([]byte("XML:com.adobe.xmp\x00\x01\x00\x00\x00"), deflated(xmp)...))), author},
		"text of a PNG":            {insert(png, 33, texts), photo.Credit{Creator: "Zoë", Copyright: author.Copyright}},
		"deflated text of a PNG":   {insert(png, 33, chunk("zTXt", append([]byte("Author\x00\x00"), deflated([]byte("Zo\xeb"))...))), photo.Credit{Creator: "Zoë"}},
		"text with a bad checksum": {insert(png, 33, append(chunk("tEXt", []byte("Author\x00x"))[:8+8], 1, 2, 3, 4)), photo.Credit{}},
		"nothing":                  {jpeg, photo.Credit{}},
	} {
		for _, f := range credit.Fields {
			cfg := keepEverything()
			cfg.Keep = []credit.Field{f}
			var want photo.Credit
			switch f {
			case credit.Copyright:
				want.Copyright = c.want.Copyright
			case credit.Creator:
				want.Creator = c.want.Creator
			case credit.Credit:
				want.Credit = c.want.Credit
			case credit.Description:
				want.Description = c.want.Description
			}
			cfg.Specs[0].Formats = []Output{JPEG}
			if got := rendering(t, engine(t, cfg), c.file).Words.Credit; got != want {
				t.Errorf("%s, %s: %+v, want %+v", name, f, got, want)
			}
		}
	}
}

// TestNothingIsKeptByDefault checks that the variants of planted files are those of the same pictures without metadata.
func TestNothingIsKeptByDefault(t *testing.T) {
	cfg := keepEverything()
	kept := engine(t, cfg)
	cfg.Keep = nil
	e := engine(t, cfg)
	bare := rendering(t, kept, toJPEG(t, scene(60, 40), nil))
	r := rendering(t, e, plantedFiles(t, author, "54.3213N-GPS-secret")["JPEG"])
	if r.Words.Credit != (photo.Credit{}) || !r.Words.ContentCredentials {
		t.Errorf("words %+v, want the content credentials alone", r.Words)
	}
	for i := range bare.Images {
		if !bytes.Equal(r.Images[i].Data, bare.Images[i].Data) {
			t.Errorf("%s: the variants differ", bare.Images[i].Format)
		}
	}
}

// TestScoredVariantsHaveCredit checks that the file that a search for a score finds has the credit too.
func TestScoredVariantsHaveCredit(t *testing.T) {
	cfg := keepEverything()
	cfg.Specs[0].Score, cfg.Specs[0].Quality = 70, 0
	for _, i := range rendering(t, engine(t, cfg), withEXIF(toJPEG(t, scene(60, 40), nil), credit.EXIF(author))).Images {
		if !bytes.Contains(i.Data, []byte("Zoë Müller; Ann")) {
			t.Errorf("%s has no creator", i.Format)
		}
	}
}

func TestRecipeHasWhatIsKept(t *testing.T) {
	names := map[string]string{}
	for _, keep := range [][]credit.Field{nil, {credit.Copyright}, {credit.Creator}, credit.Fields} {
		name := engine(t, Config{Keep: keep}).Recipe().Name
		if other, ok := names[name]; ok {
			t.Errorf("%v and %s have the recipe %s", keep, other, name)
		}
		for i, s := range engine(t, Config{Keep: keep}).Recipe().Specs { // a changed ID renders every variant again
			id := fmt.Sprint(i, " ", s.ID)
			if other, ok := names[id]; ok {
				t.Errorf("%v and %s have the recipe %s of spec %s", keep, other, s.ID, s.Name)
			}
			names[id] = fmt.Sprint(keep)
		}
		names[name] = fmt.Sprint(keep)
	}
	shuffled := slices.Clone(credit.Fields)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if a, b := engine(t, Config{Keep: shuffled}).Recipe(), engine(t, Config{Keep: credit.Fields}).Recipe(); a.Name != b.Name {
		t.Errorf("recipes %s and %s of the same fields", a.Name, b.Name)
	}
	if err := (Config{Keep: []credit.Field{"gps"}}).Validate(); err == nil {
		t.Error("an unknown field is taken")
	}
}
