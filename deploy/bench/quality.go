package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"
)

// reference is a photo in full size, upright. Code that neither side uses decodes it, except for HEIC.
type reference struct {
	picture image.Image
	scaled  map[image.Point][]uint8 // luma by size, cached
}

func newReference(p original) (*reference, error) {
	path := p.path
	if p.decoded != "" {
		path = p.decoded
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	orientation := 1
	if x, err := jpegn.DecodeExif(bytes.NewReader(data)); err == nil { // without EXIF the photo is upright
		orientation = x.Orientation
	}
	return &reference{upright(m, orientation), map[image.Point][]uint8{}}, nil
}

// decode reads a JPEG or a PNG with the standard library.
func decode(data []byte) (image.Image, error) {
	if bytes.HasPrefix(data, []byte{0xff, 0xd8}) {
		return jpeg.Decode(bytes.NewReader(data))
	}
	return png.Decode(bytes.NewReader(data))
}

// upright applies an orientation (Exif 2.32, 4.6.4).
func upright(m image.Image, orientation int) image.Image {
	switch orientation {
	case 2:
		return imaging.FlipH(m)
	case 3:
		return imaging.Rotate180(m)
	case 4:
		return imaging.FlipV(m)
	case 5:
		return imaging.Transpose(m)
	case 6:
		return imaging.Rotate270(m)
	case 7:
		return imaging.Transverse(m)
	case 8:
		return imaging.Rotate90(m)
	}
	return m
}

func (r *reference) size() image.Point { return r.picture.Bounds().Size() }

// luma returns the luma of the reference in a size.
func (r *reference) luma(size image.Point) []uint8 {
	if r.scaled[size] == nil {
		r.scaled[size] = luma(imaging.Resize(r.picture, size.X, size.Y, imaging.Lanczos))
	}
	return r.scaled[size]
}

// variantQuality is the quality and the size of a variant.
type variantQuality struct {
	bytes int64
	psnr  float64 // luma PSNR in dB
}

// leastPSNR is the lowest valid PSNR in dB. A picture that is not upright or not this photo has less than 15. One that
// lost half of its texture to the encoder still has more than 20.
const leastPSNR = 18

// judge measures a variant. A variant of the wrong size or of another picture is an error, because it cannot be compared.
func (r *reference) judge(path string, s size) (variantQuality, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return variantQuality{}, err
	}
	m, err := decode(data)
	if err != nil {
		return variantQuality{}, fmt.Errorf("%s: %w", path, err)
	}
	got, want := m.Bounds().Size(), s.fit(r.size())
	if off := got.Sub(want); max(off.X, -off.X) > 1 || max(off.Y, -off.Y) > 1 { // each side may round
		return variantQuality{}, fmt.Errorf("%s has %v pixels, want about %v", path, got, want)
	}
	q := variantQuality{int64(len(data)), psnr(luma(m), r.luma(got))}
	if q.psnr < leastPSNR {
		return variantQuality{}, fmt.Errorf("%s does not show the photo: its PSNR is %.1f dB", path, q.psnr)
	}
	return q, nil
}

// fit returns the size of the variant of an upright photo.
func (s size) fit(photo image.Point) image.Point {
	w, h := float64(photo.X), float64(photo.Y)
	scale := min(float64(s.Width)/w, float64(s.Height)/h, 1)
	return image.Pt(max(1, int(math.Round(w*scale))), max(1, int(math.Round(h*scale))))
}

// luma returns the luma of each pixel as JPEG defines it (JFIF 1.02, after BT.601). Transparent pixels are blended with
// white, which reveals dark fringes and wrong alpha.
func luma(m image.Image) []uint8 {
	b := m.Bounds()
	out := make([]uint8, 0, b.Dx()*b.Dy())
	switch m := m.(type) {
	case *image.YCbCr:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			out = append(out, m.Y[m.YOffset(b.Min.X, y):][:b.Dx()]...)
		}
	case *image.NRGBA:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			row := m.Pix[m.PixOffset(b.Min.X, y):][:4*b.Dx()]
			for i := 0; i < len(row); i += 4 {
				v, _, _ := color.RGBToYCbCr(onWhite(row[i], row[i+3]), onWhite(row[i+1], row[i+3]), onWhite(row[i+2], row[i+3]))
				out = append(out, v)
			}
		}
	default:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				out = append(out, color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y)
			}
		}
	}
	return out
}

// onWhite blends a colour that is not premultiplied with white. Alpha 255 leaves it unchanged.
func onWhite(v, alpha uint8) uint8 {
	return uint8((int(v)*int(alpha) + 255*(255-int(alpha)) + 127) / 255)
}

// identical is the PSNR in dB that is reported for equal pictures, whose PSNR is infinite.
const identical = 99

// psnr returns the peak signal-to-noise ratio in dB of two pictures of the same size: 10 log10(255² / mean squared error).
func psnr(a, b []uint8) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	if sum == 0 {
		return identical
	}
	return min(identical, 10*math.Log10(255*255*float64(len(a))/sum))
}
