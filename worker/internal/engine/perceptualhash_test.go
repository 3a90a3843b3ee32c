package engine

import (
	"encoding/binary"
	"fmt"
	"image"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/internal/perceptualhash"
)

// Limits of the distance between two perceptual hashes.
const (
	farthestCopy  = 6  // largest between a picture and a copy in another size, format or quality
	farthestCrop  = 16 // largest between a picture and a copy without 5 % of its width and height
	nearestOthers = 18 // smallest between different pictures
)

// manifestHash returns the hash that the manifest of a file would have.
func manifestHash(t testing.TB, e *Engine, file []byte) perceptualhash.Hash {
	t.Helper()
	h, err := strconv.ParseUint(previewBy(t, e, file).PerceptualHash, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return perceptualhash.Hash(h)
}

// copiesEngine returns an engine that makes copies of a file in other sizes, formats and qualities.
func copiesEngine(t testing.TB) *Engine {
	lossless, rough := boxSpec("lossless", 240, 240, Inside, 80), boxSpec("rough", 400, 400, Inside, 25)
	lossless.Lossless = true
	lossless.Formats, rough.Formats = []Output{WebP, PNG}, []Output{JPEG, WebP, AVIF}
	gamma := boxSpec("gamma", 130, 130, Inside, 80)
	gamma.Light = GammaLight
	return engine(t, Config{Specs: []Spec{rough, lossless, gamma}})
}

// shrinkingEngine returns an engine that decodes a JPEG at half its size.
func shrinkingEngine(t testing.TB) *Engine { return engine(t, oneSpec(200, 200, Inside)) }

// trimSides returns the picture without part of its sides, in permille.
func trimSides(m *image.NRGBA, left, top, right, bottom int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	part := image.Rect(w*left/1000, h*top/1000, w-w*right/1000, h-h*bottom/1000)
	return toNRGBA(m.SubImage(part.Add(m.Rect.Min)))
}

// checkCopies compares the hash of a picture with those of copies, and returns it.
func checkCopies(t *testing.T, name string, m *image.NRGBA) perceptualhash.Hash {
	t.Helper()
	usual := engine(t, Config{})
	original := toJPEG(t, m, &jpegn.EncodeOptions{Quality: 92})
	want := manifestHash(t, usual, original)
	checkDistance := func(what string, got perceptualhash.Hash, most int) {
		t.Helper()
		if d := perceptualhash.Distance(got, want); d > most {
			t.Errorf("%s, %s: %s is %d from %s, want at most %d", name, what, got, d, want, most)
		}
	}
	checkDistance("decoded at half its size", manifestHash(t, shrinkingEngine(t), original), farthestCopy)
	checkDistance("PNG", manifestHash(t, usual, quickPNG(t, m)), farthestCopy)
	for _, img := range render(t, copiesEngine(t), original) {
		checkDistance(fmt.Sprintf("%s as %s", img.Name, img.Format), manifestHash(t, usual, img.Data), farthestCopy)
	}
	turned := toJPEG(t, store(m, 6), &jpegn.EncodeOptions{Quality: 92})
	checkDistance("stored on its side", manifestHash(t, usual, withEXIF(turned, exifBlock(binary.LittleEndian, 6))), farthestCopy)
	for _, cut := range [][4]int{{25, 25, 25, 25}, {50, 0, 0, 50}, {0, 50, 50, 0}} {
		cropped := toJPEG(t, trimSides(m, cut[0], cut[1], cut[2], cut[3]), &jpegn.EncodeOptions{Quality: 80})
		checkDistance(fmt.Sprint("cropped by ", cut), manifestHash(t, usual, cropped), farthestCrop)
	}
	return want
}

// sameScene lists photos that were made from one picture.
var sameScene = []string{"p12_olympus.jpg", "p12_prog.jpg", "png43_rgba.png"}

// checkOthers compares the hashes of different pictures.
func checkOthers(t *testing.T, hashes map[string]perceptualhash.Hash) {
	t.Helper()
	names := slices.Sorted(maps.Keys(hashes))
	for i, a := range names {
		for _, b := range names[:i] {
			least, most := nearestOthers, 64
			if slices.Contains(sameScene, a) && slices.Contains(sameScene, b) {
				least, most = 0, farthestCopy
			}
			if d := perceptualhash.Distance(hashes[a], hashes[b]); d < least || d > most {
				t.Errorf("%s %s and %s %s: distance %d, want %d to %d", a, hashes[a], b, hashes[b], d, least, most)
			}
		}
	}
}

// TestPerceptualHash compares drawn pictures with their copies and with each other. Parts of a picture, and turned or
// mirrored ones, count as different.
func TestPerceptualHash(t *testing.T) {
	race.Skip(t)
	land := landscape(900, 675)
	pictures := map[string]*image.NRGBA{
		"landscape":       land,
		"its left half":   trimSides(land, 0, 0, 500, 0),
		"its right half":  trimSides(land, 500, 0, 0, 0),
		"its lower half":  trimSides(land, 0, 500, 0, 0),
		"scene":           scene(640, 480),
		"scene, upright":  store(scene(640, 480), 6),
		"scene, mirrored": store(scene(640, 480), 2),
	}
	hashes := map[string]perceptualhash.Hash{}
	for name, m := range pictures {
		hashes[name] = checkCopies(t, name, m)
	}
	checkOthers(t, hashes)
}

// TestPerceptualHashOfPhotos does the same with photos, if there is a folder of them.
func TestPerceptualHashOfPhotos(t *testing.T) {
	if race.Enabled {
		t.Skip("the gate also runs it without the race detector")
	}
	paths, err := filepath.Glob("../../../../shared/photos/*.*g")
	if err != nil || len(paths) == 0 {
		t.Skip("the photos are not here")
	}
	hashes := map[string]perceptualhash.Hash{}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		large := render(t, engine(t, oneSpec(1600, 1600, Inside)), file)[0]
		name := filepath.Base(path)
		hashes[name] = checkCopies(t, name, openImage(t, large))
		if d := perceptualhash.Distance(hashes[name], manifestHash(t, engine(t, Config{}), file)); d > farthestCopy {
			t.Errorf("%s: the original is %d from its variant, want at most %d", name, d, farthestCopy)
		}
	}
	checkOthers(t, hashes)
}
