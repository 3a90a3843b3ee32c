package photoset

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"

	"github.com/gen2brain/jpegn"
)

// Turned is an EXIF segment with only the orientation 6: the stored picture is upright after a quarter turn to the
// right (Exif 2.32, 4.5 and 4.6.4).
var Turned = []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")

// Drawing says how to draw and encode a photo.
type Drawing struct {
	Name          string
	Width, Height int // pixels of the stored picture
	Kind          Kind
	EXIF          []byte // EXIF segment, or nil
}

// Drawings are the photos that are measured if the user gives none. Those of the same size show the same picture, so
// they differ only in what their names say.
var Drawings = []Drawing{
	{"baseline-12mp.jpg", 4000, 3000, Baseline, nil},
	{"turned-12mp.jpg", 4000, 3000, Baseline, Turned},
	{"progressive-12mp.jpg", 4000, 3000, Progressive, nil},
	{"baseline-2mp.jpg", 1920, 1080, Baseline, nil},
	{"rgb-4mp.png", 2400, 1800, OpaquePNG, nil},
	{"rgba-4mp.png", 2400, 1800, AlphaPNG, nil},
}

// Draw creates dir and draws photos in it. They are the same every time.
func Draw(dir string, list []Drawing) ([]Original, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	scenes := map[image.Point]*image.YCbCr{}
	var photos []Original
	for _, d := range list {
		size := image.Pt(d.Width, d.Height)
		if scenes[size] == nil {
			scenes[size] = Scene(d.Width, d.Height)
		}
		var b bytes.Buffer
		var err error
		switch d.Kind {
		case OpaquePNG, AlphaPNG:
			err = png.Encode(&b, InRGB(scenes[size], d.Kind == AlphaPNG))
		default:
			err = jpegn.Encode(&b, scenes[size], &jpegn.EncodeOptions{Quality: 90, Progressive: d.Kind == Progressive, Exif: d.EXIF})
		}
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", d.Name, err)
		}
		path := filepath.Join(dir, d.Name)
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			return nil, err
		}
		photos = append(photos, Original{Name: d.Name, Path: path, Kind: d.Kind})
	}
	return photos, nil
}

// Scene draws a picture that costs a codec about as much as a photo: smooth light, texture of every scale, hard edges
// and sensor noise, in 4:2:0 like a camera. At quality 90 it takes about two bits per pixel.
func Scene(width, height int) *image.YCbCr {
	m := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		row := m.Y[y*m.YStride:][:width]
		for x := range row {
			fx, fy := float32(x), float32(y)
			// Texture fades towards the top, like a sky.
			ground := fy / float32(height)
			v := 190 - 90*ground + 60*ground*texture(fx, fy)
			if window(x, y) {
				v = 250 - v
			}
			row[x] = clamp(v + noise(x, y, 0)*9)
		}
	}
	// Colours stay within RGB, because a reference that went through RGB would change others.
	chroma := image.Pt((width+1)/2, (height+1)/2)
	for y := range chroma.Y {
		for x := range chroma.X {
			fx, fy := float32(2*x), float32(2*y)
			i := y*m.CStride + x
			m.Cb[i] = clamp(128 + 20*smooth(fx/700, fy/700, 11) + 3*noise(x, y, 1))
			m.Cr[i] = clamp(128 + 20*smooth(fx/500, fy/500, 12) + 3*noise(x, y, 2))
		}
	}
	return m
}

// InRGB returns a scene in RGB: opaque, or cut out to an ellipse with a soft edge.
func InRGB(m *image.YCbCr, cutOut bool) *image.NRGBA {
	dst := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			c := m.YCbCrAt(x, y)
			p := dst.Pix[dst.PixOffset(x, y):][:4]
			p[0], p[1], p[2] = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
			p[3] = 255
			if cutOut {
				dx, dy := 2*float32(x)/float32(m.Rect.Dx())-1, 2*float32(y)/float32(m.Rect.Dy())-1
				p[3] = clamp(1500 * (1 - float32(dx*dx) - float32(dy*dy)))
			}
		}
	}
	return dst
}

// texture returns noise whose strength falls with its frequency, about -1 to 1, as in natural pictures.
func texture(x, y float32) float32 {
	var v float32
	strength, scale := float32(1), float32(1)/512
	for octave := range uint32(8) {
		v += strength * smooth(x*scale, y*scale, octave)
		strength, scale = strength*0.62, scale*2
	}
	return v
}

// window reports whether a pixel is in a rectangle with hard edges, in every other square of 400 pixels.
func window(x, y int) bool {
	return (x/400+y/400)%2 == 0 && x%400 > 60 && x%400 < 220 && y%400 > 90 && y%400 < 300 && x%40 > 6 && y%70 > 6
}

// smooth returns noise at integers, interpolated between them, -1 to 1.
func smooth(x, y float32, seed uint32) float32 {
	x0, y0 := float32(math.Floor(float64(x))), float32(math.Floor(float64(y)))
	ix, iy := int(x0), int(y0)
	tx, ty := x-x0, y-y0
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	top := noise(ix, iy, seed)*(1-tx) + noise(ix+1, iy, seed)*tx
	bottom := noise(ix, iy+1, seed)*(1-tx) + noise(ix+1, iy+1, seed)*tx
	return top*(1-ty) + bottom*ty
}

// noise returns -1 to 1 for a position. The finaliser of MurmurHash3 makes neighbours independent.
func noise(x, y int, seed uint32) float32 {
	h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca77 ^ seed*0xc2b2ae3d
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	h ^= h >> 16
	return float32(h>>8)/(1<<23) - 1
}

func clamp(v float32) uint8 { return uint8(min(max(v, 0), 255)) }
