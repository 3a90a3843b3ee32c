package jpegwrite

import (
	"image"
	"testing"
)

// FuzzEncode encodes planes of any content, size, sampling and tables, and decodes them again with image/jpeg and
// jpegscan. Samples must be as close as the tables allow.
func FuzzEncode(f *testing.F) {
	for i := range uint8(10) {
		f.Add(uint16(13+i), uint16(29-i), i, 10*i, i%2 == 0, []byte{0, 255, 7, i, 200, 3, 3, 3})
	}
	f.Add(uint16(200), uint16(1), uint8(4), uint8(99), true, []byte{})
	f.Add(uint16(64), uint16(64), uint8(4), uint8(201), true, []byte{0, 255, 255, 0, 9})
	f.Add(uint16(63), uint16(17), uint8(1), uint8(255), false, []byte{255, 0, 0})
	kinds := []image.Point{{}, {X: 1, Y: 1}, {X: 2, Y: 1}, {X: 1, Y: 2}, {X: 2, Y: 2}}
	f.Fuzz(func(t *testing.T, width, height uint16, kind, quality uint8, progressive bool, data []byte) {
		w, h := 1+int(width)%300, 1+int(height)%300
		sampleAt := func(plane, x, y int) byte { return 128 }
		if len(data) > 0 {
			sampleAt = func(plane, x, y int) byte { return data[(y*w+x+plane*len(data)/3)%len(data)] }
		}
		p := picture(w, h, kinds[int(kind)%len(kinds)], sampleAt)
		tables, err := QualityTables(1 + int(quality)%100)
		if err != nil {
			t.Fatal(err)
		}
		if quality >= 200 { // steep tables
			for i := range tables.Luma {
				tables.Luma[i], tables.Colour[i] = uint8(1+i*int(quality)%255), uint8(255-i*int(kind)%255)
			}
			for i := range tables.LumaRounding {
				tables.LumaRounding[i], tables.ColourRounding[i] = uint8(i*int(kind))%MaxRounding, uint8(i+int(quality))%MaxRounding
			}
		}
		file, err := Encode(t.Context(), p, Options{Tables: &tables, Progressive: progressive})
		if err != nil {
			t.Fatal(err)
		}
		if most := Memory(w, h, 3, progressive, 0); int64(cap(file)) > most {
			t.Fatalf("a file of %d bytes, and the memory is %d", cap(file), most)
		}
		checkDecoded(t, p, file, tables)
	})
}
