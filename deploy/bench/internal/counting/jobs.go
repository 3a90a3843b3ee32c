package counting

import (
	"bytes"
	_ "embed"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
)

// Two files in formats that the standard library does not encode: the picture of drawCount in 1280 x 960 pixels, by
// cwebp -q 80 and heif-enc -q 42.
var (
	//go:embed testdata/count.webp
	countWebP []byte
	//go:embed testdata/count.heic
	countHEIC []byte
)

// countJob is a photo whose instructions are counted.
type countJob struct {
	name string
	file func() ([]byte, error)
}

// countJobs are the jobs in the order of the table. Their files are the same on every machine: integer arithmetic draws
// them, and the standard library encodes them.
var countJobs = []countJob{
	{"jpeg", func() ([]byte, error) {
		var b bytes.Buffer
		err := jpeg.Encode(&b, drawCount(4000, 3000, false), &jpeg.Options{Quality: 90})
		return b.Bytes(), err
	}},
	{"png", func() ([]byte, error) { return countPNG(false) }},
	{"png-alpha", func() ([]byte, error) { return countPNG(true) }},
	{"webp", func() ([]byte, error) { return countWebP, nil }},
	{"heic", func() ([]byte, error) { return countHEIC, nil }},
}

func countPNG(alpha bool) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, drawCount(1600, 1200, alpha))
	return b.Bytes(), err
}

// write writes 1+n copies of the job's file into dir, and returns their paths.
func (j countJob) write(dir string, n int) ([]string, error) {
	data, err := j.file()
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", j.name, err)
	}
	var paths []string
	for i := range 1 + n {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d", j.name, i))
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// drawCount draws light, texture of five scales, edges and noise in integers. With alpha, a frame is transparent and
// fades.
func drawCount(width, height int, alpha bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			v := 150 - 60*y/height
			for octave := range 5 {
				v += (gridNoise(x, y, 8-octave, uint32(octave)) - 128) >> (2 + octave)
			}
			if (x/150+y/110)%7 == 0 && x%150 > 30 {
				v = 230 - v
			}
			v += int(hash(x, y, 9)&15) - 8
			hue := gridNoise(x, y, 9, 7)/8 - 16
			p := m.Pix[m.PixOffset(x, y):][:4]
			p[0], p[1], p[2], p[3] = byte(min(max(v+hue, 0), 255)), byte(min(max(v, 0), 255)), byte(min(max(v-hue, 0), 255)), 255
			if alpha {
				p[3] = byte(min(4*min(x, width-1-x, y, height-1-y), 255))
			}
		}
	}
	return m
}

// gridNoise returns noise from 0 to 255 that is interpolated between points 1<<shift pixels apart.
func gridNoise(x, y, shift int, seed uint32) int {
	gx, gy, fx, fy := x>>shift, y>>shift, x&(1<<shift-1), y&(1<<shift-1)
	noiseAt := func(x, y int) int { return int(hash(x, y, seed) & 255) }
	top := noiseAt(gx, gy)<<shift + (noiseAt(gx+1, gy)-noiseAt(gx, gy))*fx
	bottom := noiseAt(gx, gy+1)<<shift + (noiseAt(gx+1, gy+1)-noiseAt(gx, gy+1))*fx
	return (top<<shift + (bottom-top)*fy) >> (2 * shift)
}

// hash mixes a position with the finaliser of MurmurHash3.
func hash(x, y int, seed uint32) uint32 {
	h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca77 ^ seed*0xc2b2ae3d
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}
