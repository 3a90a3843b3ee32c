package hevc

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

var heicFolder = flag.String("heic", "", "compare every coded picture and tile in the HEIC files of this folder with libde265")

// TestHEIC compares every sample with libde265, in pictures that heif-enc makes and in every tile of a folder of files.
func TestHEIC(t *testing.T) {
	reference := libde265(t)
	compareHEIC(t, reference, encodeHEIC(t))
	if *heicFolder == "" {
		return
	}
	files, err := filepath.Glob(filepath.Join(*heicFolder, "*.h*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no HEIC files in %s", *heicFolder)
	}
	compareHEIC(t, reference, files)
}

// encodeHEIC draws pictures and encodes them as HEIC files in each chroma format, lossy and lossless, with 8 to 12
// bits.
func encodeHEIC(t *testing.T) []string {
	program := tool.Find(t, "heif-enc")
	dir := t.TempDir()
	var files []string
	r := rand.New(rand.NewPCG(1, 1))
	for i := range max(4, *streams/4) {
		var pictures []string
		for k := range 2 {
			pictures = append(pictures, filepath.Join(dir, fmt.Sprintf("%d.%d.png", i, k)))
			writePNG(t, r, pictures[k], i%2 == 1)
		}
		file := filepath.Join(dir, strconv.Itoa(i)+".heic")
		args := []string{"-o", file, "-p", "chroma=" + []string{"420", "422", "444"}[r.IntN(3)], "-p", "x265:pools=2",
			"-p", "x265:ctu=" + strconv.Itoa(16<<r.IntN(3)), "-p", "preset=" + []string{"ultrafast", "medium", "slow"}[r.IntN(3)]}
		if r.IntN(4) == 0 {
			args = append(args, "-L")
		} else {
			args = append(args, "-q", strconv.Itoa(r.IntN(101)))
		}
		if i%2 == 1 {
			args = append(args, "-b", strconv.Itoa(10+2*r.IntN(2)))
		}
		if _, err := run(program, append(args, pictures...)...); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		files = append(files, file)
	}
	return files
}

// writePNG writes a picture of three colours or of one as a PNG.
func writePNG(t *testing.T, r *rand.Rand, path string, deep bool) {
	d := draw(r, 64+r.IntN(120), 64+r.IntN(120), Chroma444, 16)
	bounds := image.Rect(0, 0, d.width, d.height)
	rgb, rgb16 := image.NewNRGBA(bounds), image.NewNRGBA64(bounds)
	for i := range d.planes[0] {
		c := color.NRGBA64{uint16(d.planes[0][i]), uint16(d.planes[1][i]), uint16(d.planes[2][i]), 0xffff}
		rgb.Set(i%d.width, i/d.width, c)
		rgb16.SetNRGBA64(i%d.width, i/d.width, c)
	}
	var m image.Image = rgb
	if deep {
		m = rgb16
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

// compareHEIC compares the coded pictures in files. One Decoder decodes all of them, as it does in a render.
func compareHEIC(t *testing.T, reference oracle, files []string) {
	dir := t.TempDir()
	var d Decoder
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		items, err := readHEIC(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		equal := 0
		for _, item := range items {
			p, err := d.Decode(t.Context(), item.units)
			if err != nil {
				t.Errorf("%s, item %d: %v", name, item.id, err)
				continue
			}
			path := filepath.Join(dir, "item.265")
			if err := os.WriteFile(path, annexB(item.units), 0o600); err != nil {
				t.Fatal(err)
			}
			want, err := reference.decode(path)
			if err != nil {
				t.Errorf("%s, item %d: %v", name, item.id, err)
			} else if diff := difference(p, want); diff == "" {
				equal++
			} else if p.Chroma == Chroma444 && strings.Contains(diff, "first component 1") {
				// libde265 smooths the borders of 32x32 chroma blocks (8.4.4.2.3); encoders do not.
				t.Logf("%s, item %d: libde265 differs in %s", name, item.id, diff)
			} else {
				t.Errorf("%s, item %d: differs from libde265 in %s", name, item.id, diff)
			}
		}
		if equal == 0 {
			t.Errorf("%s: none of %d coded pictures is equal", name, len(items))
		}
		t.Logf("%s: %d of %d coded pictures are equal", filepath.Base(name), equal, len(items))
	}
}
