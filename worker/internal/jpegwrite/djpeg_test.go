package jpegwrite

import (
	"bytes"
	"image"
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestDjpegReadsWithoutWarning decodes files with libjpeg-turbo, which must not warn about them. It compares planes
// only for files whose colours djpeg does not convert.
func TestDjpegReadsWithoutWarning(t *testing.T) {
	djpeg := tool.Find(t, "djpeg")
	r := rand.New(rand.NewPCG(6, 1))
	sizes := []image.Point{{X: 1, Y: 1}, {X: 7, Y: 9}, {X: 16, Y: 16}, {X: 17, Y: 15}, {X: 33, Y: 50}, {X: 250, Y: 131}}
	for name, sampling := range samplings {
		t.Run(name, func(t *testing.T) {
			for i, size := range sizes {
				for j, quality := range []int{1, 50, 80, 100} {
					for k, kind := range slices.Sorted(maps.Keys(contents)) {
						if (i+j+k)%4 > 0 { // each process takes some milliseconds
							continue
						}
						o := Options{Quality: quality, Progressive: (i+j)%2 == 0}
						if i == 3 {
							o.EXIF, o.XMP, o.Profile = make([]byte, MaxEXIF), make([]byte, MaxXMP), make([]byte, profilePart+1)
						}
						p := picture(size.X, size.Y, sampling, contents[kind](r))
						data, err := Encode(t.Context(), p, o)
						if err != nil {
							t.Fatal(err)
						}
						cmd := exec.CommandContext(t.Context(), djpeg, "-strict", "-pnm", "-nosmooth")
						cmd.Stdin = bytes.NewReader(data)
						var out, errs bytes.Buffer
						cmd.Stdout, cmd.Stderr = &out, &errs
						if err := cmd.Run(); err != nil || errs.Len() > 0 {
							t.Fatalf("%v %s %+v: djpeg: %v, %s", size, kind, o.Progressive, err, errs.Bytes())
						}
						if sampling == (image.Point{}) {
							tables, _ := QualityTables(quality)
							pix := out.Bytes()[out.Len()-size.X*size.Y:]
							compare(t, p, 0, Plane{pix, size.X}, bound(tables.Luma, tables.LumaRounding))
						}
					}
				}
			}
		})
	}
}
