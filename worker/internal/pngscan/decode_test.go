package pngscan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image/png"
	"maps"
	"os/exec"
	"slices"
	"testing"

	"darkroom/deploy/testkit/pnm"
	"darkroom/deploy/testkit/tool"
)

// kinds returns pictures of every colour type and depth, interlaced or not, and with a transparent colour if the type
// allows one.
func kinds(width, height int) map[string]picture {
	all := map[string]picture{}
	for colour, kind := range colourTypes {
		for _, depth := range []int{1, 2, 4, 8, 16} {
			if kind.depths>>depth&1 == 0 {
				continue
			}
			for _, interlaced := range []bool{false, true} {
				p := scene(width, height, int(colour), depth, uint64(depth))
				p.interlaced = interlaced
				name := fmt.Sprintf("colour type %d, depth %d, interlaced %v, %dx%d", colour, depth, interlaced, width, height)
				all[name] = p
				switch {
				case colour == indexed:
					p.trns = []byte{0, 100, 200}[:min(3, 1<<depth)]
				case kind.samples%2 == 1:
					for _, v := range p.values[height/2][width/2*kind.samples:][:kind.samples] {
						p.trns = binary.BigEndian.AppendUint16(p.trns, uint16(v))
					}
				default:
					continue
				}
				all[name+", transparent"] = p
			}
		}
	}
	return all
}

// TestDecode compares every kind of picture with image/png, at sizes with empty passes and passes that end within a
// byte.
func TestDecode(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {2, 3}, {5, 1}, {1, 5}, {9, 13}, {35, 18}} {
		for name, p := range kinds(s[0], s[1]) {
			data := encode(t, p)
			want, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%s: image/png: %v", name, err)
			}
			if got := mustDecode(t, name, data); !bytes.Equal(got.Pix, flat(want).Pix) {
				t.Errorf("%s: differs from image/png", name)
			}
		}
	}
}

// TestPixelsAreThoseOfLibpng compares every kind of picture with libpng, by means of a program of netpbm. That program
// detects the transparent colour of RGB itself, but not always.
func TestPixelsAreThoseOfLibpng(t *testing.T) {
	program := tool.Find(t, "pngtopam")
	all := kinds(21, 14)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		if p.colour == rgb && p.trns != nil {
			continue
		}
		data := encode(t, p)
		cmd := exec.CommandContext(t.Context(), program, "-quiet", "-alphapam")
		cmd.Stdin = bytes.NewReader(data)
		pam, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: pngtopam: %v", name, err)
		}
		got := mustDecode(t, name, data)
		want, err := pnm.Decode(pam)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Rect != want.Rect || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: differs from libpng", name)
		}
	}
}

// TestFiltersAndLevels uses each filter alone, and every compression level, in chunks of many sizes.
func TestFiltersAndLevels(t *testing.T) {
	levels := []int{zlib.NoCompression, zlib.BestSpeed, zlib.DefaultCompression, zlib.BestCompression, zlib.HuffmanOnly}
	check := func(what string, p picture) {
		t.Helper()
		data := encode(t, p)
		want, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if got := mustDecode(t, what, data); !bytes.Equal(got.Pix, flat(want).Pix) {
			t.Fatalf("%s: differs from image/png", what)
		}
	}
	for _, colour := range []int{grey, greyAlpha, rgb, rgbAlpha} {
		for _, depth := range []int{8, 16} {
			for filter := range byte(5) {
				for i, s := range [][2]int{{1, 9}, {33, 17}, {301, 103}} {
					p := scene(s[0], s[1], colour, depth, uint64(i))
					p.filter = func(int) byte { return filter }
					p.level, p.piece = levels[(i+int(filter))%len(levels)], []int{3, 7, 300, 1 << 20}[(i+int(filter))%4]
					check(fmt.Sprintf("colour type %d, depth %d, %v, filter %d", colour, depth, s, filter), p)
				}
			}
		}
	}
	for _, level := range levels { // larger than the input and output windows
		p := scene(400, 300, rgb, 8, 9)
		p.level = level
		check(fmt.Sprintf("large, level %d", level), p)
	}
	long := scene(600, 400, rgbAlpha, 8, 3) // long matches at every short distance
	for y, row := range long.values {
		for x := range row {
			row[x] = x % (1 + y/10)
		}
	}
	long.filter = func(int) byte { return filterNone }
	check("long matches", long)
}

func TestRowsComeInOrder(t *testing.T) {
	p := scene(50, 31, rgb, 8, 5)
	f, err := Open(encode(t, p), false)
	if err != nil || f.Width != 50 || f.Height != 31 || f.Samples != 3 || f.Depth != 8 || f.Indexed || f.Interlaced || f.Transparent() || f.RowCount() != 31 {
		t.Fatalf("%+v, %v", f, err)
	}
	var rows [][]byte
	n, err := f.Rows(t.Context(), func(y int, row []byte) {
		if y != len(rows) {
			t.Errorf("row %d after %d", y, len(rows))
		}
		rows = append(rows, bytes.Clone(row))
	})
	if err != nil || n != 31 || !slices.EqualFunc(rows, p.lines()[0], bytes.Equal) {
		t.Errorf("other rows (%d, %v)", n, err)
	}
}

// TestNarrow checks that the conversion gets all 16 bits of samples.
func TestNarrow(t *testing.T) {
	for name, p := range kinds(13, 9) {
		if p.depth != 16 {
			continue
		}
		f, err := Open(encode(t, p), false)
		if err != nil {
			t.Fatal(err)
		}
		lowBytes := func(dst, src []byte) {
			for i := range dst {
				dst[i] = src[2*i+1]
			}
		}
		m, _, err := f.Image(t.Context(), lowBytes)
		if err != nil {
			t.Fatal(err)
		}
		samples := f.Samples
		for y, row := range p.values {
			for x := range p.width {
				want := [4]byte{3: 0xff}
				for c := range 3 {
					want[c] = byte(row[x*samples+min(c, (samples-1)/2*2)])
				}
				if samples%2 == 0 {
					want[3] = byte(row[x*samples+samples-1])
				} else if f.Keyed && slices.Equal(row[x*samples:][:samples], p.values[4][6*samples:][:samples]) {
					want[3] = 0
				}
				if got := [4]byte(m.Pix[m.PixOffset(x, y):]); got != want {
					t.Fatalf("%s: %d, %d is %v, want %v", name, x, y, got, want)
				}
			}
		}
	}
}
