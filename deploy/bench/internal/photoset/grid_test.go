package photoset

import (
	"image"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGridFile(t *testing.T) {
	file, err := gridFile([]heicTile{{box("hvcC", []byte("config")), []byte("first")}, {box("hvcC", []byte("config")), []byte("second")}}, image.Pt(600, 400))
	if err != nil {
		t.Fatal(err)
	}
	if k, err := kindOf(file); k != HEIC || err != nil {
		t.Errorf("kind %q, %v", k, err)
	}
	meta, err := findBox(file, "meta")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"idat":      "\x00\x00\x00\x01\x02\x58\x01\x90", // a row of two tiles, 600 by 400
		"iref":      "\x00\x00\x00\x00\x00\x00\x00\x10dimg\x00\x01\x00\x02\x00\x02\x00\x03",
		"iprp ipma": "\x00\x00\x00\x00\x00\x00\x00\x03\x00\x01\x01\x01\x00\x02\x02\x02\x83\x00\x03\x02\x02\x83",
	} {
		got, err := findBox(meta[4:], strings.Fields(path)...)
		if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
			t.Errorf("%s: %v %s", path, err, diff)
		}
	}
	// The locations end with those of the tiles: construction method 0, data reference 0, one extent.
	locations, err := findBox(meta[4:], "iloc")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"first", "second"} {
		entry := locations[len(locations)-16*(2-i):]
		offset, length := int(entry[10])<<8+int(entry[11]), int(entry[15])
		if got := string(file[offset:][:length]); got != want {
			t.Errorf("tile %d is %q, want %q", i, got, want)
		}
	}
	if _, err := gridFile([]heicTile{{config: []byte("a")}, {config: []byte("b")}}, image.Pt(600, 400)); err == nil {
		t.Error("tiles of different parameter sets: no error")
	}
}

func TestFindBox(t *testing.T) {
	file := append(box("free", []byte("x")), box("meta", box("iprp", []byte("content")))...)
	if got, err := findBox(file, "meta", "iprp"); string(got) != "content" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for name, data := range map[string][]byte{
		"no such box": file[:9], "empty": nil, "header too short": file[:13],
		"too long": append(box("free"), 0, 0, 0, 99, 'm', 'e', 't', 'a'), "too short": append(box("free"), 0, 0, 0, 7, 'm', 'e', 't', 'a'),
	} {
		if got, err := findBox(data, "meta"); err == nil {
			t.Errorf("%s: found %q", name, got)
		}
	}
}

func TestCutTile(t *testing.T) {
	m := Scene(tileSize+10, 20)
	tile := cutTile(m, tileSize, 0)
	rgb := InRGB(m, false)
	for _, at := range []struct{ got, want image.Point }{
		{image.Pt(3, 7), image.Pt(tileSize+3, 7)}, // inside the picture
		{image.Pt(tileSize-1, tileSize-1), image.Pt(tileSize+9, 19)},
		{image.Pt(100, 7), image.Pt(tileSize+9, 7)},
	} {
		if got, want := tile.At(at.got.X, at.got.Y), rgb.At(at.want.X, at.want.Y); got != want {
			t.Errorf("%v is %v, want %v like %v of the picture", at.got, got, want, at.want)
		}
	}
}
