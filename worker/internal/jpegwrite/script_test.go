package jpegwrite

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"
)

// planeScans returns a scan of a plane for each step of its coefficients: first, last, high and low.
func planeScans(plane int, steps ...[4]int) (scans []Scan) {
	for _, s := range steps {
		scans = append(scans, Scan{Planes: []int{plane}, First: s[0], Last: s[1], High: s[2], Low: s[3]})
	}
	return scans
}

// TestEncodeScripts encodes with scripts that use all features of a script: refined DC coefficients, interleaved or
// not, and as many low bits as can be left out.
func TestEncodeScripts(t *testing.T) {
	all := []int{0, 1, 2}
	libjpeg := []Scan{{Planes: all, Low: 1}} // the order of jpeg_simple_progression, except for the scans of colours
	libjpeg = append(libjpeg, planeScans(0, [4]int{1, 5, 0, 2})...)
	libjpeg = append(libjpeg, planeScans(2, [4]int{1, 63, 0, 1})...)
	libjpeg = append(libjpeg, planeScans(1, [4]int{1, 63, 0, 1})...)
	libjpeg = append(libjpeg, planeScans(0, [4]int{6, 63, 0, 2}, [4]int{1, 63, 2, 1})...)
	libjpeg = append(libjpeg, Scan{Planes: all, High: 1})
	libjpeg = append(libjpeg, planeScans(2, [4]int{1, 63, 1, 0})...)
	libjpeg = append(libjpeg, planeScans(1, [4]int{1, 63, 1, 0})...)
	libjpeg = append(libjpeg, planeScans(0, [4]int{1, 63, 1, 0})...)
	var deep []Scan
	for i := range all {
		deep = append(deep, planeScans(i, [4]int{0, 0, 0, 3}, [4]int{0, 0, 3, 2}, [4]int{0, 0, 2, 1}, [4]int{0, 0, 1, 0},
			[4]int{1, 63, 0, 3}, [4]int{1, 63, 3, 2}, [4]int{1, 63, 2, 1}, [4]int{1, 63, 1, 0})...)
	}
	var narrow []Scan // 99 scans; jpegscan reads up to 100
	for i := range all {
		narrow = append(narrow, planeScans(i, [4]int{0, 0, 0, 0})...)
		for k := 1; k < 64; k += 2 {
			narrow = append(narrow, planeScans(i, [4]int{k, min(k+1, 63), 0, 0})...)
		}
	}
	r := rand.New(rand.NewPCG(13, 1))
	for script, scans := range map[string][]Scan{"libjpeg": libjpeg, "deep": deep, "narrow bands": narrow} {
		for name, sampling := range samplings {
			for _, kind := range []string{"photo", "noise", "flat"} {
				for _, quality := range []int{40, 100} {
					t.Run(fmt.Sprintf("%s/%s/%s/%d", script, name, kind, quality), func(t *testing.T) {
						size := image.Pt(70+r.IntN(20), 50+r.IntN(20))
						p := picture(size.X, size.Y, sampling, contents[kind](r))
						tables, err := QualityTables(quality)
						if err != nil {
							t.Fatal(err)
						}
						data, err := Encode(t.Context(), p, Options{Tables: &tables, Progressive: true, Script: scans})
						if err != nil {
							t.Fatal(err)
						}
						checkDecoded(t, p, data, tables)
					})
				}
			}
		}
	}
}
