package jpegwrite

import "fmt"

// Table is a quantisation table, row by row: of a horizontal and a vertical frequency u and v the step is at 8*v+u. Steps
// are 1 to 255. See A.3.4.
type Table [64]uint8

// Tables are what the coefficients of luma and of the colours are divided by.
type Tables struct {
	Luma   Table
	Colour Table
}

// baseTables are those of annex K.1, which most files have. They are for quality 50.
var baseTables = Tables{
	Luma: Table{
		16, 11, 10, 16, 24, 40, 51, 61,
		12, 12, 14, 19, 26, 58, 60, 55,
		14, 13, 16, 24, 40, 57, 69, 56,
		14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77,
		24, 35, 55, 64, 81, 104, 113, 92,
		49, 64, 78, 87, 103, 121, 120, 101,
		72, 92, 95, 98, 112, 100, 103, 99,
	},
	Colour: Table{
		17, 18, 24, 47, 99, 99, 99, 99,
		18, 21, 26, 66, 99, 99, 99, 99,
		24, 26, 56, 99, 99, 99, 99, 99,
		47, 66, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99,
	},
}

// QualityTables returns the tables of a quality from 1 to 100. The scale is libjpeg's (jpeg_quality_scaling): inverse up to
// 50, and then linear to steps of 1.
func QualityTables(quality int) (Tables, error) {
	if quality < 1 || quality > 100 {
		return Tables{}, fmt.Errorf("%w: quality %d, want 1 to 100", ErrOptions, quality)
	}
	percent := 200 - 2*quality
	if quality < 50 {
		percent = 5000 / quality
	}
	return Tables{Luma: baseTables.Luma.scaled(percent), Colour: baseTables.Colour.scaled(percent)}, nil
}

func (t Table) scaled(percent int) Table {
	for i, step := range t {
		t[i] = uint8(min(max((int(step)*percent+50)/100, 1), 255))
	}
	return t
}
