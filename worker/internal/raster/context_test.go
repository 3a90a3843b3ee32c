package raster

import (
	"context"
	"image"
	"image/color"
	"testing"

	"darkroom/deploy/testkit/ctxcheck"
	"darkroom/worker/internal/h273"
	"darkroom/worker/internal/icc"
)

// TestWorkEndsWithItsContext checks that every operation that changes pixels checks its context at each row.
func TestWorkEndsWithItsContext(t *testing.T) {
	const width, height = 90, 70
	clear := FromRGBA(cutOut(width, height, 1))
	opaque := must(clear.Flatten(t.Context(), color.NRGBA{1, 2, 3, 255}))
	planar := must(opaque.ToPlanar(t.Context(), false, false))
	grey := must(opaque.ToPlanar(t.Context(), true, false))
	profile := icc.Coded(h273.DisplayP3, 13) // 13 is the transfer of sRGB (ITU-T H.273, table 3)
	long := Size{90_000, 3}
	picture := func(m Picture, err error) error { return err }
	for name, tc := range map[string]struct {
		least int // checks
		work  func(ctx context.Context) error
	}{
		"shrink": {40, func(ctx context.Context) error {
			return picture(clear.ResampleWhole(ctx, Filter{Kernels: new(Kernels)}, Size{50, 40}, false))
		}},
		"shrink a strip": {3 + 9, func(ctx context.Context) error {
			return picture(FromRGBA(image.NewNRGBA(image.Rect(0, 0, long.Width, long.Height))).ResampleWhole(ctx, Filter{Kernels: new(Kernels)}, Size{9, 1}, false))
		}},
		"shrink a strip of planes": {3 + 9, func(ctx context.Context) error {
			return picture(FromPlanar(Planar{Width: long.Width, Height: long.Height, Planes: []Plane{NewPlane(long)}}).ResampleWhole(ctx, Filter{Kernels: new(Kernels)}, Size{9, 1}, false))
		}},
		"enlarge": {2, func(ctx context.Context) error {
			return picture(clear.ResampleWhole(ctx, Filter{Kernels: new(Kernels)}, Size{180, 140}, false))
		}},
		"planes": {40 + 2*20, func(ctx context.Context) error {
			return picture(planar.ResampleWhole(ctx, Filter{Kernels: new(Kernels)}, Size{50, 40}, false))
		}},
		"a part of planes": {10, func(ctx context.Context) error {
			return picture(planar.Resample(ctx, Filter{Kernels: new(Kernels)}, Size{50, 40}, image.Rect(5, 5, 20, 15), true))
		}},
		"turn": {50 + 50, func(ctx context.Context) error {
			return picture(clear.ResampleUpright(ctx, Filter{Kernels: new(Kernels)}, Size{40, 50}, 6, false))
		}},
		"turn planes": {40, func(ctx context.Context) error {
			return picture(planar.ResampleUpright(ctx, Filter{Kernels: new(Kernels)}, Size{40, 50}, 6, false))
		}},
		"convert":        {height, func(ctx context.Context) error { return picture(clear.ConvertColours(ctx, profile)) }},
		"convert planes": {height, func(ctx context.Context) error { return picture(planar.ConvertColours(ctx, profile)) }},
		"convert grey":   {height, func(ctx context.Context) error { return picture(grey.ConvertColours(ctx, profile)) }},
		"to planes":      {height, func(ctx context.Context) error { return picture(opaque.ToPlanar(ctx, false, true)) }},
		"to grey":        {height, func(ctx context.Context) error { return picture(opaque.ToPlanar(ctx, true, true)) }},
		"to RGBA":        {height, func(ctx context.Context) error { _, err := planar.NRGBA(ctx); return err }},
		"sharpen":        {height, func(ctx context.Context) error { return picture(clear.Sharpen(ctx, 50)) }},
		"sharpen planes": {height, func(ctx context.Context) error { return picture(planar.Sharpen(ctx, 50)) }},
		"flatten":        {height, func(ctx context.Context) error { return picture(clear.Flatten(ctx, color.NRGBA{A: 255})) }},
		"is it opaque":   {height, func(ctx context.Context) error { _, err := opaque.Opaque(ctx); return err }},
		"rows together": {height, func(ctx context.Context) error {
			_, err := clear.crop(image.Rect(0, 0, width-1, height)).PackedNRGBA(ctx)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) { ctxcheck.Ends(t, tc.least, tc.work) })
	}
}
