package format

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/tool"
	"darkroom/worker/photo"
)

// damagedFile is a JPEG with the offsets at which tests damage it.
type damagedFile struct {
	data  []byte
	first int   // offset of the data of the first scan
	marks []int // restart markers of the first scan
}

// restartFile returns a picture of 7 by 5 MCUs in intervals.
func restartFile(progressive bool, interval int) damagedFile {
	f := oddJPEGs()["YCbCr 221111"].draw()
	f.Interval, f.Progressive = interval, progressive
	d := damagedFile{data: f.Encode(oddScripts(3)[map[bool]string{true: "progressive", false: "together"}[progressive]]...)}
	d.first = bytes.Index(d.data, []byte{0xff, 0xda}) + 14
	for i := d.first; d.data[i] != 0xff || d.data[i+1] < 0xd8; i++ {
		if d.data[i] == 0xff && d.data[i+1] >= 0xd0 {
			d.marks = append(d.marks, i)
		}
	}
	return d
}

// splice returns the file with the bytes from start to end replaced.
func (d damagedFile) splice(start, end int, by ...byte) []byte {
	return slices.Concat(d.data[:start], by, d.data[end:])
}

// TestLocalDamage checks damage from which libjpeg resynchronises. The file decodes whether or not damage is accepted,
// the damage is reported, and the picture looks as libjpeg shows it.
func TestLocalDamage(t *testing.T) {
	djpeg := tool.Find(t, "djpeg")
	for _, progressive := range []bool{false, true} {
		d := restartFile(progressive, 3) // 12 intervals of 35 MCUs
		m := d.marks
		if len(m) != 11 {
			t.Fatalf("%d restart markers", len(m))
		}
		quantization := bytes.Index(d.data, []byte{0xff, 0xdb})
		for name, data := range map[string][]byte{
			"a wrong number, too far":   d.splice(m[3], m[3]+2, 0xff, 0xd7),
			"the next number":           d.splice(m[3], m[3]+2, 0xff, 0xd4),
			"the number before":         d.splice(m[3], m[3]+2, 0xff, 0xd2),
			"the first is not first":    d.splice(m[0], m[0]+2, 0xff, 0xd1),
			"a marker lost":             d.splice(m[4], m[4]+2),
			"a marker overwritten":      d.splice(m[4], m[4]+2, 0x55, 0x55),
			"a marker twice":            d.splice(m[4], m[4], 0xff, 0xd4),
			"a surplus marker":          d.splice(m[4]+4, m[4]+4, 0xff, 0xd5),
			"an interval lost":          d.splice(m[4], m[5]),
			"two intervals lost":        d.splice(m[4], m[6]),
			"an interval twice":         d.splice(m[4], m[4], d.data[m[4]:m[5]]...),
			"stray bytes in front":      d.splice(m[4], m[4], 1, 2, 3),
			"ff 00 in front":            d.splice(m[4], m[4], 0xff, 0, 0xff, 0),
			"an interval cut":           d.splice(m[4]-6, m[4]),
			"an interval emptied":       d.splice(m[4]+2, m[5]),
			"no such marker":            d.splice(m[4]+4, m[4]+6, 0xff, 0x3c),
			"no such marker, and later": d.splice(m[4], m[4]+2, 0xff, 0x3c),
			"an interval of noise":      d.splice(m[4]+2, m[5], 0x35, 0x9e, 0xc1, 0x77, 0x10, 0xf8, 0x0b, 0xd3, 0x35, 0x9e, 0xc1, 0x77, 0x10, 0xf8, 0x0b, 0xd3),
			"an interval of ones":       d.splice(m[4]+2, m[5], bytes.Repeat([]byte{0xff, 0}, 40)...),
			"an interval of zeros":      d.splice(m[4]+2, m[5], make([]byte, 60)...),
			"stray bytes in the head":   d.splice(quantization, quantization, 0xff, 0, 7),
		} {
			what := fmt.Sprintf("%s, progressive %v", name, progressive)
			var first *image.NRGBA
			for _, accept := range []bool{false, true} {
				h, err := Inspect(data, Limits{Pixels: 1 << 20, Damaged: accept})
				if err != nil {
					t.Errorf("%s: %v", what, err)
					continue
				}
				got, err := Decode(t.Context(), data, h, Target{Size: h.Stored()})
				if err != nil || got.Damage == nil {
					t.Errorf("%s, accepted %v: %v, damage %v", what, accept, err, got.Damage)
					continue
				}
				if first == nil {
					first = must(got.NRGBA(t.Context()))
				} else if !bytes.Equal(first.Pix, must(got.NRGBA(t.Context())).Pix) {
					t.Errorf("%s: the picture depends on whether damage is accepted", what)
				}
			}
			want, err := runDjpeg(t, djpeg, data)
			if err != nil {
				t.Errorf("%s: djpeg: %v", what, err)
			} else if first != nil {
				if differ := differingShare(first, want); differ > 3.0/35 { // the interval has meaningless codes
					t.Errorf("%s: %.2f of the pixels are not as djpeg makes them", what, differ)
				}
			}
		}
	}
}

// TestAcceptedDamage checks that a cut or damaged file is rejected, or shown as libjpeg shows it if damage is accepted.
func TestAcceptedDamage(t *testing.T) {
	djpeg := tool.Find(t, "djpeg")
	for _, interval := range []int{0, 3} {
		d := restartFile(false, interval)
		row := len(d.data) - d.first - 2
		for _, tenths := range []int{3, 5, 9} {
			for _, tail := range []string{"", "\xff\xd9", "\xff\xc4"} {
				data := append(bytes.Clone(d.data[:d.first+row*tenths/10]), tail...)
				what := fmt.Sprintf("%d tenths and %x, interval %d", tenths, tail, interval)
				checkAccepted(t, what, data, djpeg, photo.ReasonTruncated, photo.ReasonCorrupt)
			}
		}
	}
	d := restartFile(false, 0)
	middle := d.first + (len(d.data)-d.first)/2
	checkAccepted(t, "a code that does not exist", d.splice(middle, middle+8, bytes.Repeat([]byte{0xff, 0}, 8)...), "", photo.ReasonCorrupt)
	checkAccepted(t, "no such marker", d.splice(middle, middle, 0xff, 0x3c), djpeg, photo.ReasonCorrupt)
	// The first half of a progressive picture: rows of the first scan, and then scans, are there.
	p := restartFile(true, 0)
	end := bytes.Index(p.data[p.first:], []byte{0xff, 0xda}) + p.first
	checkAccepted(t, "a progressive picture, cut in its second scan", p.data[:end+200], "", photo.ReasonTruncated)
	checkAccepted(t, "a progressive picture, cut in its first scan", p.data[:p.first+(end-p.first)/4], "", photo.ReasonTruncated)
}

// checkAccepted checks that a file is rejected for one of the reasons. If damage is accepted, it must look as libjpeg
// shows it, unless djpeg is "".
func checkAccepted(t *testing.T, what string, data []byte, djpeg string, reasons ...photo.Reason) {
	t.Helper()
	h, err := Inspect(data, Limits{Pixels: 1 << 20})
	if err == nil {
		_, err = Decode(t.Context(), data, h, Target{Size: h.Stored()})
	}
	var r *Rejection
	if !errors.As(err, &r) || !slices.Contains(reasons, r.Reason()) {
		t.Errorf("%s: got %v, want one of %v", what, err, reasons)
	}
	got, d, err := pixels(data, false)
	if err != nil || d.Damage == nil {
		t.Errorf("%s, accepted: %v, damage %v", what, err, d.Damage)
		return
	}
	if djpeg == "" {
		return
	}
	want, err := runDjpeg(t, djpeg, data)
	if err != nil {
		t.Errorf("%s: djpeg: %v", what, err)
	} else if differ := differingShare(got, want); differ > 0.01 {
		t.Errorf("%s: %.2f of the pixels are not as djpeg makes them", what, differ)
	}
}

// TestLittleOfAPicture checks that less than a row of MCUs gives no picture, whether or not damage is accepted.
func TestLittleOfAPicture(t *testing.T) {
	for _, progressive := range []bool{false, true} {
		d := restartFile(progressive, 0)
		for end := 0; end < d.first+20; end++ {
			if _, decoded, err := pixels(d.data[:end], false); err == nil {
				t.Fatalf("%d bytes, progressive %v: a picture, damage %v", end, progressive, decoded.Damage)
			}
		}
	}
}

// TestRandomDamage changes one byte of a file's data and compares the picture with libjpeg's. Huge coefficients
// overflow differently there, so a few blocks may differ.
func TestRandomDamage(t *testing.T) {
	djpeg := tool.Find(t, "djpeg")
	rnd := rand.New(rand.NewPCG(1, 2))
	m := image.NewRGBA(image.Rect(0, 0, jpegWidth, jpegHeight))
	for i := range m.Pix {
		r, g, b := jpegPicture(float64(i/4%jpegWidth), float64(i/4/jpegWidth))
		m.Pix[i] = byte(255*[]float64{r, g, b, 1}[i%4]) ^ byte(rnd.IntN(8))
	}
	for _, o := range []jpegn.EncodeOptions{{Quality: 90}, {Quality: 90, RestartInterval: 3}, {Quality: 90, Progressive: true},
		{Quality: 90, Progressive: true, RestartInterval: 3}} {
		o.Subsampling = jpegn.Subsample420
		var file bytes.Buffer
		if err := jpegn.Encode(&file, m, &o); err != nil {
			t.Fatal(err)
		}
		first := bytes.Index(file.Bytes(), []byte{0xff, 0xda}) + 14
		compared, alike := 0, 0
		for range 150 {
			data := bytes.Clone(file.Bytes())
			at := first + rnd.IntN(len(data)-first-2)
			if data[at] = byte(rnd.Uint32()); data[at] == 0xff || data[at-1] == 0xff {
				continue // it may be a marker that ends the headers
			}
			got, _, err := pixels(data, false)
			want, other := runDjpeg(t, djpeg, data)
			if err != nil || other != nil {
				if other == nil {
					t.Errorf("byte %d as %#x: %v, and djpeg decodes it", at, data[at], err)
				}
				continue
			}
			compared++
			if differ := differingShare(got, want); differ < 0.03 {
				alike++
			} else if testing.Verbose() {
				t.Logf("byte %d of %d as %#x: %.2f differ", at, len(data), data[at], differ)
			}
		}
		if compared < 80 || alike < compared*9/10 {
			t.Errorf("%+v: of %d damaged files %d look like those of djpeg", o, compared, alike)
		}
	}
}

// differingShare returns the share of pixels that differ clearly between two pictures.
func differingShare(a, b *image.NRGBA) float64 {
	if a.Rect != b.Rect {
		return 1
	}
	n := 0
	for i := 0; i < len(a.Pix); i += 4 {
		for c := range 3 {
			if d := int(a.Pix[i+c]) - int(b.Pix[i+c]); max(d, -d) > 12 {
				n++
				break
			}
		}
	}
	return float64(n) / float64(len(a.Pix)/4)
}
