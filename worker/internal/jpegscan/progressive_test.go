package jpegscan

import (
	"fmt"
	"image"
	"testing"

	"github.com/gen2brain/jpegn"
)

func TestDecodeMatchesJpegnOnProgressivePictures(t *testing.T) {
	sizes := []image.Point{{1, 1}, {2, 3}, {8, 8}, {9, 7}, {15, 17}, {17, 1}, {1, 33}, {31, 47}, {67, 53}}
	for name, sub := range subsamplings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, size := range sizes {
				m := scene(size.X, size.Y, uint64(i))
				for _, quality := range []int{1, 90, 100} {
					for _, restart := range []int{0, 7} {
						o := jpegn.EncodeOptions{Quality: quality, Subsampling: sub, Progressive: true, RestartInterval: restart}
						compareAtScales(t, fmt.Sprintf("%v quality %d restart %d", size, quality, restart), encode(t, m, o))
					}
				}
			}
			large := jpegn.EncodeOptions{Quality: 92, Subsampling: sub, Progressive: true}
			compareAtScales(t, "large", encode(t, scene(301, 203, 1), large))
		})
	}
}

var (
	all  = []int{0, 1, 2}
	luma = []int{0}
	cb   = []int{1}
	cr   = []int{2}
)

// scripts are scan scripts for pictures with three components, including those of encoders other than jpegn.
var scripts = map[string][]step{
	"libjpeg": {
		{all, 0, 0, 0, 1}, {luma, 1, 5, 0, 2}, {cr, 1, 63, 0, 1}, {cb, 1, 63, 0, 1}, {luma, 6, 63, 0, 2}, {luma, 1, 63, 2, 1},
		{all, 0, 0, 1, 0}, {cr, 1, 63, 1, 0}, {cb, 1, 63, 1, 0}, {luma, 1, 63, 1, 0},
	},
	"first coefficients alone":     {{all, 0, 0, 0, 0}},
	"without the last bits":        {{all, 0, 0, 0, 2}, {luma, 1, 63, 0, 3}, {all, 0, 0, 2, 1}, {luma, 1, 63, 3, 2}},
	"without the last frequencies": {{all, 0, 0, 0, 0}, {luma, 1, 9, 0, 0}, {cb, 1, 2, 0, 0}},
	"colours together":             {{[]int{1, 2}, 0, 0, 0, 1}, {luma, 0, 0, 0, 1}, {[]int{0, 2}, 0, 0, 1, 0}, {cb, 0, 0, 1, 0}, {luma, 1, 63, 0, 0}},
	"colours one by one": {
		{cr, 0, 0, 0, 0}, {cb, 0, 0, 0, 0}, {luma, 0, 0, 0, 0}, {luma, 1, 63, 0, 0}, {cb, 1, 63, 0, 0}, {cr, 1, 63, 0, 0},
	},
	"narrow bands": {
		{all, 0, 0, 0, 0}, {luma, 1, 1, 0, 1}, {luma, 2, 2, 0, 1}, {luma, 3, 24, 0, 1}, {luma, 25, 63, 0, 1}, {luma, 63, 63, 1, 0},
		{luma, 1, 62, 1, 0}, {cb, 5, 5, 0, 0}, {cr, 62, 63, 0, 1}, {cr, 62, 63, 1, 0},
	},
	"bit by bit": {
		{all, 0, 0, 0, 5}, {all, 0, 0, 5, 4}, {all, 0, 0, 4, 3}, {all, 0, 0, 3, 2}, {all, 0, 0, 2, 1}, {all, 0, 0, 1, 0},
		{luma, 1, 63, 0, 4}, {luma, 1, 63, 4, 3}, {luma, 1, 63, 3, 2}, {luma, 1, 63, 2, 1}, {luma, 1, 63, 1, 0}, {cb, 1, 63, 0, 13},
	},
	"a band begun twice": {{all, 0, 0, 0, 0}, {luma, 1, 63, 0, 1}, {luma, 1, 40, 0, 0}, {cb, 1, 9, 0, 0}, {cb, 1, 9, 0, 1}},
}

// TestDecodeMatchesJpegnOnScripts decodes pictures that use everything a progressive file can express.
func TestDecodeMatchesJpegnOnScripts(t *testing.T) {
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rnd := newRand(3)
			for _, size := range []image.Point{{1, 1}, {16, 16}, {33, 47}, {130, 90}} {
				for sampling := range 4 {
					for i, density := range []int{2, 20, 64} {
						d := newDrawing(rnd, size, 3, 1+sampling&1, 1+sampling>>1, 5*i, density, 3+4*i)
						compareAtScales(t, fmt.Sprintf("%v sampling %d density %d", size, sampling, density), d.file(script))
					}
				}
			}
		})
	}
}

func TestDecodeMatchesJpegnOnGreyScripts(t *testing.T) {
	script := []step{{luma, 0, 0, 0, 1}, {luma, 1, 5, 0, 2}, {luma, 6, 63, 0, 2}, {luma, 1, 63, 2, 1}, {luma, 0, 0, 1, 0}, {luma, 1, 63, 1, 0}}
	for n := range script {
		d := newDrawing(newRand(uint64(n)), image.Pt(61, 77), 1, 1, 1, n, 9, 8)
		compareAtScales(t, fmt.Sprintf("%d scans", n+1), d.file(script[:n+1]))
	}
}

// TestDecodeLongRuns decodes runs of as many blocks as one code can express, across rows and across more data than the
// window holds.
func TestDecodeLongRuns(t *testing.T) {
	d := newDrawing(newRand(1), image.Pt(1610, 1605), 1, 1, 1, 0, 0, 11)
	d.Components[0].Blocks[40_000][9] = 5
	script := []step{{luma, 0, 0, 0, 0}, {luma, 1, 63, 0, 1}, {luma, 1, 63, 1, 0}}
	compareAtScales(t, "runs", d.file(script))
	dense := newDrawing(newRand(1), image.Pt(300, 305), 1, 1, 1, 0, 60, 9)
	compareAtScales(t, "windows", dense.file(script))
}
