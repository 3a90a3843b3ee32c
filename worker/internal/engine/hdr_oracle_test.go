package engine

import (
	"bytes"
	"encoding/json"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/gainmap"
	"darkroom/worker/internal/jpegwrite"
)

// ultraHDRVariants returns variants with gain maps, in grey and in colours, by the names of their files in a folder.
// The originals are there too: that of NAME-large.jpg is NAME.jpg.
func ultraHDRVariants(t *testing.T) (folder string, files map[string][]byte) {
	t.Helper()
	folder, files = t.TempDir(), map[string][]byte{}
	m := phoneGain()
	three := phoneGain()
	for range 2 {
		c := three.Channels[len(three.Channels)-1]
		c.Max.Num -= 1000
		three.Channels = append(three.Channels, c)
	}
	for name, original := range map[string][]byte{
		"grey":    ultraHDR(t, landscape(801, 601), gainJPEG(t, landscape(200, 150), true, jpegwrite.Options{}), 6, m),
		"colours": ultraHDR(t, landscape(801, 601), gainJPEG(t, landscape(200, 150), false, jpegwrite.Options{}), 1, three),
	} {
		if err := os.WriteFile(filepath.Join(folder, name+".jpg"), original, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, img := range render(t, engine(t, withHDR(boxSpec("large", 640, 640, Inside, 80), boxSpec("thumb", 101, 77, Fill, 80))), original) {
			file := filepath.Join(folder, name+"-"+img.Name+".jpg")
			if err := os.WriteFile(file, img.Data, 0o600); err != nil {
				t.Fatal(err)
			}
			files[file] = img.Data
		}
	}
	return folder, files
}

// TestExifToolReadsTheGainMap checks that exiftool finds the second picture through the MPF index, and its metadata in
// XMP.
func TestExifToolReadsTheGainMap(t *testing.T) {
	exiftool := tool.Find(t, "exiftool")
	folder, files := ultraHDRVariants(t)
	run := func(args ...string) []byte {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), exiftool, args...).Output()
		if err != nil {
			t.Fatalf("exiftool %v: %v", args, err)
		}
		return out
	}
	for file, data := range files {
		found, err := gainmap.Find(data)
		if err != nil {
			t.Fatal(err)
		}
		second := run("-b", "-MPImage2", file)
		if !bytes.Equal(second, found.JPEG) {
			t.Errorf("%s: a second picture of %d bytes, want %d", filepath.Base(file), len(second), len(found.JPEG))
		}
		path := filepath.Join(folder, "second")
		if err := os.WriteFile(path, second, 0o600); err != nil {
			t.Fatal(err)
		}
		var got []map[string]any
		if err := json.Unmarshal(run("-j", "-XMP-hdrgm:All", path), &got); err != nil {
			t.Fatal(err)
		}
		delete(got[0], "SourceFile")
		want := map[string]any{"Version": 1.0, "GainMapMin": -0.125, "GainMapMax": 2.321928, "Gamma": 10.0 / 11, "OffsetSDR": 1.0 / 64, "OffsetHDR": 1.0 / 32,
			"HDRCapacityMin": 0.0, "HDRCapacityMax": 2.321928, "BaseRenditionIsHDR": false}
		if len(found.Channels) == 3 {
			want["GainMapMax"] = []any{2.321928, 2.313928, 2.305928}
			for _, name := range []string{"GainMapMin", "Gamma", "OffsetSDR", "OffsetHDR"} {
				want[name] = []any{want[name], want[name], want[name]}
			}
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", filepath.Base(file), diff)
		}
	}
}

// applyByLibultrahdr prints, for each variant, the size of the gain map that sharp finds. For a large one it also
// prints by how many stops the HDR picture that libultrahdr makes from it differs from the original's: the mean, and
// the 99th percentile of the pixels.
const applyByLibultrahdr = `
const sharp = require(process.argv[1]);
const light = async (file, width, height) => {
  const raw = sharp(file).withGainMap().autoOrient().resize(width, height, { fit: 'fill' }).toColourspace('scrgb').raw({ depth: 'float' });
  const { data } = await raw.toBuffer({ resolveWithObject: true });
  return new Float32Array(data.buffer, data.byteOffset, data.length / 4);
};
(async () => {
  const all = {};
  for (const file of process.argv.slice(2)) {
    const { gainMap, width, height } = await sharp(file).metadata();
    const map = await sharp(gainMap.image).metadata();
    const got = await light(file, width >> 1, height >> 1);
    all[file] = { Width: map.width, Height: map.height, Peak: got.reduce((a, b) => Math.max(a, b)) };
    if (!file.endsWith('-large.jpg')) continue;
    const want = await light(file.replace('-large', ''), width >> 1, height >> 1);
    const stops = Array.from(want, (v, i) => v > 0.05 ? Math.abs(Math.log2(Math.max(got[i], 1e-4) / v)) : 0).sort((a, b) => a - b);
    all[file].Mean = stops.reduce((a, b) => a + b) / stops.length;
    all[file].Most = stops[Math.floor(stops.length * 0.99)];
  }
  console.log(JSON.stringify(all));
})();`

// TestLibultrahdrReadsTheGainMap has sharp's libultrahdr make an HDR picture from each variant, and compares it with
// the original's.
func TestLibultrahdrReadsTheGainMap(t *testing.T) {
	if os.Getenv("DARKROOM_BENCH") == "" {
		t.Skip("needs node, and sharp as the benchmark installs it: run ./deploy/bench, and set DARKROOM_BENCH=1")
	}
	node := tool.Find(t, "node")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	installed, err := filepath.Glob(filepath.Join(cache, "darkroom", "bench", "sharp-*", "node_modules", "sharp"))
	if err != nil || len(installed) == 0 {
		t.Fatalf("the benchmark has not installed sharp in %s: %v", cache, err)
	}
	_, files := ultraHDRVariants(t)
	args := []string{"-e", applyByLibultrahdr, installed[len(installed)-1]}
	for file := range files {
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), node, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got map[string]struct {
		Width, Height    int
		Peak, Mean, Most float64
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for file, data := range files {
		_, gain, _ := decodeBoth(t, data)
		g := got[file]
		t.Logf("%s: %+v", filepath.Base(file), g)
		if image.Pt(g.Width, g.Height) != gain.Rect.Size() || g.Peak < 1.2 || g.Mean > 0.1 || g.Most > 0.6 {
			t.Errorf("%s: %+v, want a gain map of %v, and the light of the original", filepath.Base(file), g, gain.Rect.Size())
		}
	}
}
