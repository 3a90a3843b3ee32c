package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"
)

// decodePhoto reads a JPEG or a PNG with the standard library, and turns it upright.
func decodePhoto(path string) (image.Image, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(data, []byte{0xff, 0xd8}) {
		return png.Decode(bytes.NewReader(data))
	}
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	orientation := 1
	if x, err := jpegn.DecodeExif(bytes.NewReader(data)); err == nil { // without EXIF the photo is upright
		orientation = x.Orientation
	}
	return upright(m, orientation), nil
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

// luma returns the luma of each pixel as JPEG defines it (JFIF 1.02, after BT.601). It blends transparent pixels with
// white, which reveals dark fringes and wrong alpha.
func luma(m *image.NRGBA) []uint8 {
	out := make([]uint8, 0, m.Rect.Dx()*m.Rect.Dy())
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		row := m.Pix[m.PixOffset(m.Rect.Min.X, y):][:4*m.Rect.Dx()]
		for i := 0; i < len(row); i += 4 {
			v, _, _ := color.RGBToYCbCr(onWhite(row[i], row[i+3]), onWhite(row[i+1], row[i+3]), onWhite(row[i+2], row[i+3]))
			out = append(out, v)
		}
	}
	return out
}

// onWhite blends a sample that is not premultiplied with white. Alpha 255 leaves it unchanged.
func onWhite(v, alpha uint8) uint8 {
	return uint8((int(v)*int(alpha) + 255*(255-int(alpha)) + 127) / 255)
}

// identical is the PSNR in dB that is reported for equal pictures, whose true PSNR is infinite.
const identical = 99

// psnr returns the peak signal-to-noise ratio in dB of two pictures of the same size: 10 log10(255² / mean squared
// error).
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
