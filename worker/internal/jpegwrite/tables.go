package jpegwrite

import "fmt"

// Table is a quantisation table, row by row: the step for horizontal frequency u and vertical frequency v is at 8*v+u.
// Steps are 1 to 255. See A.3.4.
type Table [64]uint8

// Rounding says how coefficients are rounded to levels. A coefficient is divided by its step, half a step is added, and
// the fraction is dropped. Entry u+v reduces what is added, in hundredths of the step, 0 to MaxRounding. Rounding
// towards 0 saves bits and is hardly visible, most of all at high frequencies. The zero Rounding rounds to the nearest.
type Rounding [15]uint8

// MaxRounding is the largest entry of a [Rounding].
const MaxRounding = 40

// Tables holds the quantisation tables of luma and of the colours, and how quotients are rounded.
type Tables struct {
	Luma, Colour                 Table
	LumaRounding, ColourRounding Rounding
}

// baseTables are for quality 50. They began as the tables of jpegli for 4:2:0 (kBaseQuantMatrixYCbCr in quant.cc of
// https://github.com/google/jpegli, BSD-3-Clause), with the geometric mean of its two for the colours. Coordinate
// descent then changed groups of steps and the roundings until the files of 12 photos and drawings, at 1600, 800 and
// 320 pixels, were smallest at the SSIMULACRA2 that tables of annex K.1 give at quality 80. High frequencies of luma
// were then made 7 % finer for butteraugli. Command equalscore measures what they gain.
var baseTables = Tables{
	Luma: Table{
		10, 13, 35, 29, 37, 33, 39, 36,
		13, 15, 31, 28, 38, 32, 37, 47,
		35, 31, 33, 33, 37, 36, 43, 47,
		29, 28, 33, 34, 38, 56, 53, 51,
		37, 38, 37, 38, 53, 54, 61, 67,
		33, 32, 36, 56, 54, 60, 62, 74,
		39, 37, 43, 53, 61, 62, 66, 66,
		36, 47, 47, 51, 67, 74, 66, 53,
	},
	Colour: Table{
		13, 14, 23, 29, 33, 36, 44, 67,
		14, 18, 29, 30, 37, 35, 67, 55,
		23, 29, 33, 38, 38, 58, 115, 61,
		29, 30, 38, 36, 47, 58, 65, 80,
		33, 37, 38, 47, 43, 48, 44, 94,
		36, 35, 58, 58, 48, 63, 83, 58,
		44, 67, 115, 65, 44, 83, 60, 57,
		67, 55, 61, 80, 94, 58, 57, 255,
	},
	LumaRounding:   Rounding{0, 6, 10, 10, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16},
	ColourRounding: Rounding{0, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8},
}

// fadeAbove is the quality above which roundings fade, to none at 100: whoever asks for such a quality wants exact
// pixels.
const fadeAbove = 90

// QualityTables returns the tables of a quality from 1 to 100. The scale is libjpeg's (jpeg_quality_scaling): inverse
// up to 50, and then linear to steps of 1. With these tables, a quality from 20 to 95 looks on average as it does with
// the tables of annex K.1.
func QualityTables(quality int) (Tables, error) {
	if quality < 1 || quality > 100 {
		return Tables{}, fmt.Errorf("%w: quality %d, want 1 to 100", ErrOptions, quality)
	}
	percent := 200 - 2*quality
	if quality < 50 {
		percent = 5000 / quality
	}
	return Tables{
		Luma:           baseTables.Luma.scaled(percent),
		Colour:         baseTables.Colour.scaled(percent),
		LumaRounding:   baseTables.LumaRounding.faded(quality),
		ColourRounding: baseTables.ColourRounding.faded(quality),
	}, nil
}

func (t Table) scaled(percent int) Table {
	for i, step := range t {
		t[i] = uint8(min(max((int(step)*percent+50)/100, 1), 255))
	}
	return t
}

func (r Rounding) faded(quality int) Rounding {
	for i, less := range r {
		r[i] = uint8(int(less) * min(100-quality, 100-fadeAbove) / (100 - fadeAbove))
	}
	return r
}
