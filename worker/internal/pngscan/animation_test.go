package pngscan

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"slices"
	"testing"
)

// control returns an fcTL chunk.
func control(sequence, width, height, x, y int) []byte {
	var p []byte
	for _, v := range []int{sequence, width, height, x, y} {
		p = binary.BigEndian.AppendUint32(p, uint32(v))
	}
	return chunkOf("fcTL", append(p, 0, 1, 0, 1, 0, 0)...)
}

func frames(n byte) []byte { return chunkOf("acTL", 0, 0, 0, n, 0, 0, 0, 0) }

func frameData(sequence byte, packed []byte) []byte {
	return chunkOf("fdAT", append([]byte{0, 0, 0, sequence}, packed...)...)
}

// small is the first frame of test animations.
func small() picture { return scene(7, 5, rgb, 8, 77) }

// animated returns an animation of two frames. The first one either is the picture in the IDAT chunks or hides it.
func animated(t testing.TB, p picture, hides bool) []byte {
	t.Helper()
	packed, first := deflate(t, 6, p.filterRows()), deflate(t, 6, small().filterRows())
	if !hides {
		return slices.Concat(p.head(), frames(2), control(0, p.width, p.height, 0, 0), chunkOf("IDAT", packed...),
			control(1, 7, 5, 0, 0), frameData(2, first), chunkOf("IEND"))
	}
	return slices.Concat(p.head(), frames(2), chunkOf("IDAT", packed...), control(0, 7, 5, 3, 2), frameData(1, first[:20]), frameData(2, first[20:]),
		control(3, p.width, p.height, 0, 0), frameData(4, packed), chunkOf("IEND"))
}

func TestAnimations(t *testing.T) {
	p := scene(20, 15, rgb, 8, 1)
	packed, first := deflate(t, 6, p.filterRows()), deflate(t, 6, small().filterRows())
	idat, end, text := chunkOf("IDAT", packed...), chunkOf("IEND"), chunkOf("tEXt", 'a', 0)
	wrong := func(c []byte) []byte { c = bytes.Clone(c); c[len(c)-1] ^= 1; return c }
	for name, c := range map[string]struct {
		chunks           [][]byte
		animated, hidden bool
	}{
		"the picture first":            {[][]byte{frames(2), control(0, 20, 15, 0, 0), idat, control(1, 7, 5, 0, 0), frameData(2, first)}, true, false},
		"the picture alone":            {[][]byte{frames(1), control(0, 20, 15, 0, 0), idat}, false, false},
		"one frame and the picture":    {[][]byte{frames(1), idat, control(0, 7, 5, 3, 2), frameData(1, first)}, true, true},
		"two frames and the picture":   {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), frameData(1, first), control(2, 7, 5, 0, 0), frameData(3, packed)}, true, true},
		"a frame in parts":             {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), frameData(1, first[:9]), frameData(2, nil), text, frameData(3, first[9:]), control(4, 7, 5, 0, 0)}, true, true},
		"the picture is damaged":       {[][]byte{frames(2), chunkOf("IDAT", packed[:9]...), control(0, 7, 5, 3, 2), frameData(1, first)}, true, true},
		"checksum of a frame's data":   {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), wrong(frameData(1, first))}, true, true},
		"checksum of fcTL":             {[][]byte{frames(2), idat, wrong(control(0, 7, 5, 3, 2)), frameData(1, first), control(2, 7, 5, 0, 0), frameData(3, first)}, false, false},
		"checksum of acTL":             {[][]byte{wrong(frames(2)), idat, control(0, 7, 5, 3, 2), frameData(1, first)}, false, false},
		"wrong sequence number":        {[][]byte{frames(2), idat, control(1, 7, 5, 3, 2), frameData(2, first)}, false, false},
		"wrong number of the data":     {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), frameData(2, first)}, false, false},
		"wrong number within the data": {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), frameData(1, first[:9]), frameData(3, first[9:])}, false, false},
		"wrong number later":           {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), frameData(1, first), control(9, 7, 5, 0, 0)}, true, true},
		"acTL after the picture":       {[][]byte{idat, frames(2), control(0, 7, 5, 3, 2), frameData(1, first)}, false, false},
		"acTL of no frames":            {[][]byte{frames(0), idat, control(0, 7, 5, 3, 2), frameData(1, first)}, false, false},
		"acTL too short":               {[][]byte{chunkOf("acTL", 0, 0, 0, 2), idat, control(0, 7, 5, 3, 2), frameData(1, first)}, false, false},
		"no frames":                    {[][]byte{frames(2), idat}, false, false},
		"a frame without data":         {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), control(1, 7, 5, 3, 2), frameData(2, first)}, false, false},
		"data without a frame":         {[][]byte{frames(2), idat, frameData(0, first)}, false, false},
		"data too short":               {[][]byte{frames(2), idat, control(0, 7, 5, 3, 2), chunkOf("fdAT", 0, 0)}, false, false},
		"beyond the right":             {[][]byte{frames(2), idat, control(0, 7, 5, 14, 2), frameData(1, first)}, false, false},
		"beyond the bottom":            {[][]byte{frames(2), idat, control(0, 7, 5, 3, 11), frameData(1, first)}, false, false},
		"empty frame":                  {[][]byte{frames(2), idat, control(0, 0, 5, 3, 2), frameData(1, first)}, false, false},
		"far outside":                  {[][]byte{frames(2), idat, control(0, 7, 5, 1<<32-1, 1<<32-3), frameData(1, first)}, false, false},
		"part of the picture first":    {[][]byte{frames(2), control(0, 7, 5, 3, 2), idat, control(1, 7, 5, 0, 0), frameData(2, first)}, false, false},
	} {
		data := slices.Concat(p.head(), bytes.Join(c.chunks, nil), end)
		f, err := Open(data, false)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		frame := f.Frame()
		if f.Animated != c.animated || (frame != nil) != c.hidden || f.Transparent() != c.hidden {
			t.Errorf("%s: animated %v, another frame %v", name, f.Animated, frame != nil)
			continue
		}
		if name != "the picture is damaged" && !bytes.Equal(mustDecode(t, name, data).Pix, mustDecode(t, name, encode(t, p)).Pix) {
			t.Errorf("%s: another picture in IDAT", name)
		}
		if !c.hidden {
			continue
		}
		m, rows, err := frame.Image(t.Context(), nil)
		if err != nil || rows != 5 || frame.X != 3 || frame.Y != 2 || !bytes.Equal(m.Pix, mustDecode(t, name, encode(t, small())).Pix) {
			t.Errorf("%s: %d rows at %d, %d, or another frame: %v", name, rows, frame.X, frame.Y, err)
		}
	}
}

// TestFrameOfPalette checks that a frame has the palette and the transparency of the picture.
func TestFrameOfPalette(t *testing.T) {
	p := scene(9, 8, indexed, 4, 3)
	for _, row := range p.values {
		for x := range row {
			row[x] = 1
		}
	}
	packed := deflate(t, 6, p.filterRows())
	f, err := Open(slices.Concat(p.head(), frames(1), chunkOf("PLTE", 1, 2, 3, 4, 5, 6), chunkOf("tRNS", 0, 9), chunkOf("IDAT", 0), control(0, 9, 8, 0, 0), frameData(1, packed)), false)
	if err != nil || f.Frame() == nil {
		t.Fatal(err)
	}
	m, _, err := f.Frame().Image(t.Context(), nil)
	if err != nil || m.NRGBAAt(4, 4) != (color.NRGBA{4, 5, 6, 9}) {
		t.Errorf("%v, %v", m.NRGBAAt(4, 4), err)
	}
}
