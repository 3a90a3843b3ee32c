package format

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"slices"
	"testing"

	"darkroom/worker/internal/pngscan"
	"darkroom/worker/photo"
)

// encodePNGRows returns a PNG of rows, which have no filter byte yet. The chunks come before the pixels.
func encodePNGRows(t testing.TB, width, depth, colourType int, rows [][]byte, chunks ...[]byte) []byte {
	t.Helper()
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = append(binary.BigEndian.AppendUint32(head, uint32(len(rows))), byte(depth), byte(colourType), 0, 0, 0)
	return slices.Concat([]byte(pngscan.Signature), pngChunk("IHDR", head...), bytes.Join(chunks, nil),
		pngChunk("IDAT", packedRows(t, rows)...), pngChunk("IEND"))
}

func packedRows(t testing.TB, rows [][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	for _, row := range rows {
		if _, err := z.Write(append([]byte{0}, row...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngChunk(kind string, payload ...byte) []byte {
	c := append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), kind...)
	c = append(c, payload...)
	return binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
}

// decodeSRGB returns the pixels of a file in sRGB, and what is damaged.
func decodeSRGB(t testing.TB, file []byte, accept, planar bool) (*image.NRGBA, Header, error, error) {
	t.Helper()
	h, err := Inspect(file, Limits{Pixels: 1 << 22, Damaged: accept})
	if err != nil {
		return nil, h, nil, err
	}
	d, err := Decode(t.Context(), file, h, Target{Size: h.Stored(), Planar: planar && h.Planar})
	if err != nil {
		return nil, h, nil, err
	}
	convert, _ := h.Conversion()
	return must(must(d.ConvertColours(t.Context(), convert)).NRGBA(t.Context())), h, d.Damage, nil
}

// mustDecodeSRGB is decodeSRGB for an undamaged file.
func mustDecodeSRGB(t testing.TB, what string, file []byte) (*image.NRGBA, Header) {
	t.Helper()
	m, h, damage, err := decodeSRGB(t, file, false, false)
	if err != nil || damage != nil {
		t.Fatalf("%s: %v, damage %v", what, err, damage)
	}
	return m, h
}

// stripes returns rows of RGB in which every pixel has a colour of its own.
func stripes(width, height int) [][]byte {
	var rows [][]byte
	for y := range height {
		var row []byte
		for x := range width {
			row = append(row, byte(x*9), byte(y*11), byte(x*y))
		}
		rows = append(rows, row)
	}
	return rows
}

// TestDamagedPNGs checks that the rows before the fault of a cut or corrupt file are shown if damage is accepted, in
// planes too. Missing rows are black. There must be at least one row.
func TestDamagedPNGs(t *testing.T) {
	rows := stripes(23, 17)
	file := encodePNGRows(t, 23, 8, 2, rows)
	stored := encodePNGRows(t, 23, 8, 2, rows)
	at := bytes.Index(stored, []byte("IDAT")) - 4
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		_, _ = z.Write(append([]byte{0}, row...)) // writing to memory cannot fail
	}
	_ = z.Close()
	stored = slices.Concat(stored[:at], pngChunk("IDAT", b.Bytes()...), pngChunk("IEND"))
	begin := at + 8 + 2 + 5 // start of the first row
	wrong := bytes.Clone(file)
	wrong[len(wrong)-14] ^= 1
	for _, c := range []struct {
		name   string
		file   []byte
		rows   int
		reason photo.Reason
	}{
		{"whole", stored, 17, ""},
		{"cut in row 8", stored[:begin+8*70+20], 8, photo.ReasonTruncated},
		{"cut after row 1", stored[:begin+70], 1, photo.ReasonTruncated},
		{"cut in row 0", stored[:begin+60], 0, photo.ReasonTruncated},
		{"cut before the pixels", stored[:at], 0, photo.ReasonTruncated},
		{"cut behind the last row", stored[:begin+17*70], 17, ""},
		{"checksum of IDAT", wrong, 17, photo.ReasonCorrupt},
	} {
		for _, planar := range []bool{false, true} {
			_, _, damage, err := decodeSRGB(t, c.file, false, planar)
			var r *Rejection
			if c.reason == "" && (err != nil || damage != nil) || c.reason != "" && (!errors.As(err, &r) || r.Reason() != c.reason) {
				t.Errorf("%s: %v, damage %v, want %q", c.name, err, damage, c.reason)
			}
			m, _, damage, err := decodeSRGB(t, c.file, true, planar)
			if c.rows == 0 {
				if !errors.As(err, &r) || r.Reason() != c.reason {
					t.Errorf("%s, damage accepted: %v, want %s", c.name, err, c.reason)
				}
				continue
			}
			if err != nil || (damage != nil) != (c.reason != "") {
				t.Fatalf("%s, damage accepted: %v, damage %v", c.name, err, damage)
			}
			for y := range 17 {
				for x := range 23 {
					want := color.NRGBA{A: 255}
					if y < c.rows {
						want = color.NRGBA{rows[y][3*x], rows[y][3*x+1], rows[y][3*x+2], 255}
					}
					if got := m.NRGBAAt(x, y); got != want && !(planar && isWithin(got, want, 3)) {
						t.Fatalf("%s, planar %v: %d, %d is %v, want %v", c.name, planar, x, y, got, want)
					}
				}
			}
		}
	}
}

func isWithin(a, b color.NRGBA, off int) bool {
	for _, d := range [4]int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B), int(a.A) - int(b.A)} {
		if d < -off || d > off {
			return false
		}
	}
	return true
}

// TestCutPNGs cuts a file at every place, and inverts every byte. No decoder may panic, and every error must be a
// Rejection.
func TestCutPNGs(t *testing.T) {
	file := encodePNGRows(t, 9, 16, 2, [][]byte{bytes.Repeat([]byte{1, 200}, 27), bytes.Repeat([]byte{90, 3}, 27)},
		pngChunk("gAMA", 0, 1, 0x86, 0xa0), pngChunk("cICP", 12, 13, 0, 1), pngChunk("tRNS", 1, 200, 1, 200, 1, 200), pngChunk("acTL", 0, 0, 0, 1, 0, 0, 0, 0))
	for n := range file {
		turned := bytes.Clone(file)
		turned[n] ^= 0x41
		for _, data := range [][]byte{file[:n], turned} {
			for _, accept := range []bool{false, true} {
				var r *Rejection
				if _, _, _, err := decodeSRGB(t, data, accept, true); err != nil && !errors.As(err, &r) || r != nil && r.Panicked {
					t.Fatalf("at %d, accept %v: %v", n, accept, err)
				}
			}
		}
	}
}

// TestFirstFrameOfPNG checks that the first frame is drawn on a transparent picture. If it is damaged, the picture of
// IDAT is shown.
func TestFirstFrameOfPNG(t *testing.T) {
	frame := packedRows(t, stripes(4, 3))
	control := func(sequence byte) []byte {
		return pngChunk("fcTL", 0, 0, 0, sequence, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 1, 0, 1, 0, 0)
	}
	file := encodePNGRows(t, 20, 8, 2, stripes(20, 15), pngChunk("acTL", 0, 0, 0, 2, 0, 0, 0, 0))
	head := file[:len(file)-12]
	m, h := mustDecodeSRGB(t, "animation", slices.Concat(head, control(0), pngChunk("fdAT", append([]byte{0, 0, 0, 1}, frame...)...), control(2)))
	if !h.Animated || !h.MayBeTransparent() || h.Planar || !h.Info().Animated {
		t.Errorf("%+v", h)
	}
	for y := range 15 {
		for x := range 20 {
			var want color.NRGBA
			if row := stripes(4, 3); x >= 5 && x < 9 && y >= 2 && y < 5 {
				want = color.NRGBA{row[y-2][3*(x-5)], row[y-2][3*(x-5)+1], row[y-2][3*(x-5)+2], 255}
			}
			if got := m.NRGBAAt(x, y); got != want {
				t.Fatalf("%d, %d is %v, want %v", x, y, got, want)
			}
		}
	}
	still, _ := mustDecodeSRGB(t, "still", encodePNGRows(t, 20, 8, 2, stripes(20, 15)))
	damaged, h := mustDecodeSRGB(t, "damaged", slices.Concat(head, control(0), pngChunk("fdAT", append([]byte{0, 0, 0, 1}, frame[:9]...)...), control(2)))
	if !h.Animated || !bytes.Equal(damaged.Pix, still.Pix) {
		t.Errorf("a damaged frame: animated %v, or not the picture of IDAT", h.Animated)
	}

	wrongSum := slices.Concat(head, control(0), pngChunk("fdAT", append([]byte{0, 0, 0, 1}, frame...)...), control(2))
	wrongSum[8+8+13]++ // checksum of IHDR
	if _, _, _, err := decodeSRGB(t, wrongSum, false, false); err == nil {
		t.Error("a header with a wrong checksum is not damage")
	}
	if _, h, damage, err := decodeSRGB(t, wrongSum, true, false); err != nil || damage == nil || !h.Animated {
		t.Errorf("a header with a wrong checksum, and a frame: animated %v, damage %v, %v", h.Animated, damage, err)
	}
}
