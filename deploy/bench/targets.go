package main

import (
	"fmt"
	"slices"
	"strings"

	"darkroom/deploy/bench/internal/photoset"
)

// target is a format of variants.
type target struct {
	Name      string // sharp's and Darkroom's name of the format
	extension string
	quality   int // quality of the variants, which is sharp's default; 0 for a format without loss
	// grid has the qualities between which the bytes at a score are interpolated, from low to high. There are few for AVIF,
	// which takes long to encode.
	grid []int
	// share divides --repeat: a photo that takes long needs fewer repetitions for a stable result.
	share int
}

var (
	toJPEG = target{"jpeg", ".jpg", 80, []int{20, 40, 55, 68, 80, 90, 97}, 1}
	toWebP = target{"webp", ".webp", 80, []int{20, 40, 55, 68, 80, 90, 97}, 1}
	toAVIF = target{"avif", ".avif", 50, []int{20, 40, 55, 70, 85}, 6}
	// toPNG has the pixels that the others encode, and is what pictures with transparent pixels become instead of JPEG.
	toPNG = target{Name: "png", extension: ".png", share: 1}
)

// targets are the formats that can be chosen.
var targets = []target{toJPEG, toWebP, toAVIF}

// instead returns the format that the variants of a kind of photo have if this one is wanted.
func (t target) instead(k photoset.Kind) target {
	if k == photoset.AlphaPNG && t.Name == toJPEG.Name {
		return toPNG
	}
	return t
}

// lossy reports whether the format has a quality.
func (t target) lossy() bool { return t.quality > 0 }

// choose returns the values of a list that names has, by name, in the order of the list. No names choose all.
func choose[T any](setting string, list []T, name func(T) string, names []string) ([]T, error) {
	var known []string
	for _, v := range list {
		known = append(known, name(v))
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("%s has %q: want some of %s", setting, n, strings.Join(known, ","))
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return len(names) > 0 && !slices.Contains(names, name(v)) }), nil
}
