package gifscan

import (
	"bytes"
	"image"
	"image/color"
	"testing"

	"darkroom/deploy/testkit/browser"
)

// oddFile is a file that breaks the specification.
type oddFile struct {
	data []byte
	ours string // why the picture differs from that of browsers; empty if it does not
}

// oddFiles returns files with every kind of oddity that leaves a picture.
func oddFiles(t testing.TB) map[string]oddFile {
	pix := diagonals()
	whole := compressedData(t, 2, pix)
	short := func(n int) []byte { return compressedData(t, 2, pix[:len(pix)-n]) }
	ended := func(codes ...int) []int { return append(codes, 5) } // the end code of code size 2
	unended := literals(2, pix)
	beyond := bytes.ReplaceAll(pix, []byte{0}, []byte{7})
	black, clear := pix[:1], pix[1:2]
	small := func(at int, data []byte) []byte { return frame(at, at, 1, 1, 0, nil, data) }
	insert := func(data []byte, at int, more ...byte) []byte {
		return append(append(bytes.Clone(data[:at]), more...), data[at:]...)
	}
	oddWith := func(blocks ...[]byte) oddFile { return oddFile{data: file(width, height, fourColours, blocks...)} }
	sized := func(w, h int, blocks ...[]byte) oddFile { return oddFile{data: file(w, h, fourColours, blocks...)} }
	cut := func(f oddFile, n int) oddFile { return oddFile{f.data[:len(f.data)-n], f.ours} }
	because := func(f oddFile, ours string) oddFile { return oddFile{f.data, ours} }
	files := map[string]oddFile{
		"ordinary":                    oddWith(plain(whole)),
		"frame over the right edge":   sized(4, 9, frame(2, 1, width, height, 0, nil, whole)),
		"frame over the lower edge":   sized(10, 4, frame(2, 1, width, height, 0, nil, whole)),
		"frame far off the screen":    sized(4, 4, frame(20, 30, width, height, 0, nil, whole)),
		"screen of 0 x 0":             sized(0, 0, plain(whole)),
		"screen of 0 x 0 and offset":  sized(0, 0, frame(2, 1, width, height, 0, nil, whole)),
		"screen 0 wide":               sized(0, 8, plain(whole)),
		"larger second frame":         oddWith(plain(whole), frame(3, 3, width, height, 0, nil, whole)),
		"1 pixel short":               oddWith(plain(short(1))),
		"6 pixels short":              oddWith(plain(short(6))),
		"15 pixels short":             oddWith(plain(short(15))),
		"short without end code":      oddWith(plain(codedData(2, unended[:23]...))),
		"no end code":                 oddWith(plain(codedData(2, unended...))),
		"data long":                   oddWith(plain(compressedData(t, 2, append(diagonals(), pix...)))),
		"data after the end code":     oddWith(plain(codedData(2, append(ended(literals(2, pix)...), 1, 2, 3, 6, 7, 1)...))),
		"surplus sub-blocks":          oddWith(plain(insert(whole, len(whole)-1, 3, 'a', 'b', 'c', 2, 'd', 'e'))),
		"sub-blocks of a byte":        oddWith(plain(subBlocks(2, whole[2:len(whole)-1], 1))),
		"no terminator":               oddWith(plain(whole[:len(whole)-1])),
		"index beyond the table":      oddWith(plain(compressedData(t, 3, beyond))),
		"transparent beyond table":    oddWith(control(0, 7), plain(compressedData(t, 3, beyond))),
		"transparent and unused":      oddWith(control(0, 200), plain(whole)),
		"no colour table, black":      {data: file(width, height, nil, plain(compressedData(t, 8, bytes.Repeat([]byte{0, 80, 255}, 10))))},
		"no colour table, monochrome": {file(width, height, nil, plain(whole)), "the specification recommends black and white; browsers show black"},
		"unknown extension":           oddWith([]byte{extensionStart, 0x77, 3, 'a', 'b', 'c', 0}, plain(whole)),
		"extension cut after picture": cut(oddWith(plain(whole), []byte{extensionStart, 0xfe, 80, 'a'}), 1),
		"no trailer":                  cut(oddWith(plain(whole)), 1),
		"rubbish after the trailer":   oddWith(plain(whole), []byte(";rubbish,rubbish,rubbish,rubbish")),
		"rubbish between frames":      oddWith(plain(whole), []byte{0xff}, plain(compressedData(t, 2, make([]byte, width*height)))),
		"code size 1":                 oddWith(plain(codedData(1, append(literals(1, bytes.Repeat([]byte{0, 1, 1}, 10)), 3)...))),
		"code size 9":                 because(oddWith(plain(codedData(9, append(literals(9, pix), 1<<9+1)...))), "libnsgif and ffmpeg show it"),
		"code size 11":                because(oddWith(plain(codedData(11, append(literals(11, pix), 1<<11+1)...))), "libnsgif and ffmpeg show it"),
		"no clear code":               oddWith(plain(codedData(2, ended(literals(2, pix)[1:]...)...))),
		"many clear codes":            oddWith(plain(codedData(2, append([]int{4, 4, 4}, ended(literals(2, pix)...)...)...))),
		"interlaced":                  oddWith(frame(0, 0, width, height, isInterlaced, nil, whole)),
		"local table":                 oddWith(frame(0, 0, width, height, 0, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, whole)),
		"local table alone":           {data: file(width, height, nil, frame(0, 0, width, height, 0, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, whole))},
		"transparent":                 oddWith(control(0, 1), plain(whole)),
		"no longer transparent":       oddWith(control(0, 1), control(0, -1), plain(whole)),
		"comment after control":       oddWith(control(0, 1), []byte{extensionStart, 0xfe, 2, 'h', 'i', 0}, plain(whole)),
		"text after control":          oddWith(control(0, 1), append([]byte{extensionStart, 1, 12}, append(make([]byte, 12), 2, 'h', 'i', 0)...), plain(whole)),
		"long control":                because(oddWith([]byte{extensionStart, 0xf9, 5, 1, 0, 0, 1, 9, 0}, plain(whole)), "libnsgif shows it, with its transparent index"),
		"short control":               because(oddWith([]byte{extensionStart, 0xf9, 3, 1, 0, 0, 0}, plain(whole)), "libnsgif shows it"),
		"surplus terminators":         because(oddWith([]byte{0, 0}, plain(whole)), "browsers show an empty picture"),
		"empty first frame":           because(oddWith(frame(0, 0, 0, 0, 0, nil, codedData(2, 4, 5)), plain(whole)), "browsers show it first, and then the second"),
		"first frame without columns": because(oddWith(frame(0, 0, 0, 3, 0, nil, codedData(2, 4, 5)), plain(whole)), "browsers show it first, and then the second"),
		"one black pixel":             sized(8, 8, small(7, compressedData(t, 2, black))),
		"one transparent pixel":       sized(8, 8, control(0, 1), small(3, compressedData(t, 2, clear))),
	}
	for disposal := range byte(8) {
		files["disposal "+string('0'+disposal)] = sized(8, 8, control(disposal, -1), frame(1, 1, width, height, 0, nil, whole), small(3, compressedData(t, 2, clear)))
	}
	return files
}

// TestPictureOfBrowsers compares the first picture of odd files with the one that a browser shows.
func TestPictureOfBrowsers(t *testing.T) {
	page := browser.Start(t).Open(t, "about:blank", browser.View{})
	for name, odd := range oddFiles(t) {
		if odd.ours != "" {
			continue
		}
		got, _ := drawFile(t, odd.data)
		want := page.Pixels("image/gif", odd.data)
		if want == nil {
			t.Errorf("%s: the browser shows nothing", name)
			continue
		}
		if got.Rect != want.Rect {
			t.Errorf("%s: %v, want %v", name, got.Rect.Max, want.Rect.Max)
		} else if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s:\n%v, want\n%v", name, got.Pix, want.Pix)
		}
	}
}

// drawFile decodes a file, and returns how many pixels it has.
func drawFile(t testing.TB, data []byte) (*image.NRGBA, int) {
	t.Helper()
	f, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	n, _ := f.Draw(t.Context(), m)
	return m, n
}

// TestPictureOfOthers checks the files that browsers show differently.
func TestPictureOfOthers(t *testing.T) {
	files := oddFiles(t)
	usual, _ := drawFile(t, files["ordinary"].data)
	clear, _ := drawFile(t, files["transparent"].data)
	for name, odd := range files {
		if odd.ours == "" {
			continue
		}
		want := usual
		switch name {
		case "long control":
			want = clear
		case "no colour table, monochrome":
			want = image.NewNRGBA(usual.Rect)
			for i, v := range diagonals() {
				pixel := color.NRGBA{A: 255}
				if v == 1 {
					pixel = color.NRGBA{255, 255, 255, 255}
				}
				want.SetNRGBA(i%width, i/width, pixel)
			}
		}
		if got, n := drawFile(t, odd.data); n != width*height || got.Rect != want.Rect || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: %v with %d pixels:\n%v, want\n%v", name, got.Rect, n, got.Pix, want.Pix)
		}
	}
}
