package engine

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"testing"
)

// oddWebPs returns a WebP of each odd kind.
func oddWebPs(t testing.TB) map[string]oddity {
	m := scene(40, 30)
	whole := flat(40, 30, color.NRGBA{132, 132, 132, 255})
	lossy := vp8(40, 30) // see TestWebPLossy
	lossless := vp8l(m)
	const alphaBit, profileBit = 1 << 4, 1 << 5
	alpha := append([]byte{0}, bytes.Repeat([]byte{120}, 40*30)...) // not compressed, not filtered
	clear := halfClear(m)
	ignored := []byte(vp8l(clear))
	ignored[4] &^= 1 << 4 // alpha is not used (RFC 9649, 3.4)
	opaque := halfClear(m)
	for i := 3; i < len(opaque.Pix); i += 4 {
		opaque.Pix[i] = 255
	}
	oddityOf := func(file []byte) oddity { return oddity{file: file, want: m, least: exact} }
	return map[string]oddity{
		"ordinary":             oddityOf(riff("VP8L", lossless)),
		"ordinary, with loss":  {file: riff("VP8 ", lossy), want: whole, least: 40},
		"alpha flag, no alpha": {file: riff("VP8X", vp8x(alphaBit, 40, 30), "VP8 ", lossy), want: whole, least: 40},
		// Browsers and libvips go by the flag.
		"alpha without its flag":  {file: riff("VP8X", vp8x(0, 40, 30), "ALPH", string(alpha), "VP8 ", lossy), want: whole, least: 40, alone: true},
		"alpha in a simple file":  {file: riff("ALPH", string(alpha), "VP8 ", lossy), want: whole, least: 40},
		"frame of another size":   {file: animatedWebP(40, 30, anmf(0, 0, 38, 30, "VP8L", lossless)), want: m, least: exact, animated: true, alone: true},
		"alpha that is not used":  {file: riff("VP8L", string(ignored)), want: opaque, least: exact},
		"EXIF with a JPEG's mark": {file: riff("VP8X", vp8x(1<<3, 40, 30), "VP8L", lossless, "EXIF", "Exif\x00\x00"+string(exifBlock(binary.LittleEndian, 6))), want: orient(m, 6), least: exact, alone: true},
		"profile longer than its size": {file: riff("VP8X", vp8x(profileBit, 40, 30), "ICCP", string(displayP3())+"pad", "VP8L", lossless),
			want: mapped(m, p3ToSRGB), least: 45, alone: true},
		"unknown chunk":        oddityOf(riff("VP8X", vp8x(0, 40, 30), "abcd", "what?", "VP8L", lossless)),
		"bytes after the file": oddityOf(append(riff("VP8L", lossless), "rubbish"...)),
	}
}

func TestOddWebPs(t *testing.T) {
	comparesPixels(t)
	checkOddities(t, oddWebPs(t))
}
