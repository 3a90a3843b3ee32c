package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/side"
	"darkroom/worker/plural"
)

// folder returns a folder below Keep, or below dir if Keep is not set.
func (c *commandLine) folder(dir, name string) string {
	if c.Keep != "" {
		dir = c.Keep
	}
	return filepath.Join(dir, name)
}

// photos returns the photos to measure. It draws them into dir unless the user gave some. It leaves HEIC out if
// vipsthumbnail is not installed.
func (c *commandLine) photos(ctx context.Context, dir string, say func(string)) ([]photoset.Original, error) {
	if len(c.Paths) == 0 {
		say("drawing photos")
		photos, err := photoset.Draw(dir, photoset.Drawings)
		if err != nil {
			return nil, err
		}
		return append(photos, drawHEIC(ctx, dir, photoset.HEICDrawing, say)...), ctx.Err()
	}
	photos, err := photoset.Find(c.Paths)
	if err != nil {
		return nil, err
	}
	if _, _, err := side.FindVIPS(ctx); errors.Is(err, side.ErrNoVIPS) {
		all := len(photos)
		photos = slices.DeleteFunc(photos, func(p photoset.Original) bool { return p.Kind == photoset.HEIC })
		if len(photos) == 0 {
			return nil, fmt.Errorf("measuring HEIC: %w", side.ErrNoVIPS)
		}
		if left := all - len(photos); left > 0 {
			say(fmt.Sprintf("%s left out: %v", plural.Count(left, "HEIC photo"), side.ErrNoVIPS))
		}
	}
	return photos, nil
}

// drawHEIC draws the HEIC of a run without photos, or says why it does not.
func drawHEIC(ctx context.Context, dir string, d photoset.Drawing, say func(string)) []photoset.Original {
	_, _, err := side.FindVIPS(ctx)
	if err == nil {
		var p photoset.Original
		if p, err = photoset.DrawHEIC(ctx, dir, d); err == nil {
			return []photoset.Original{p}
		}
	}
	say(fmt.Sprintf("HEIC is not measured: %v", err))
	return nil
}

// decodeAll decodes every HEIC for the comparison of quality, into dir. It leaves out those that vipsthumbnail cannot
// read, and says so. A run without a photo is an error.
func decodeAll(ctx context.Context, photos []photoset.Original, dir string, say func(string)) ([]photoset.Original, error) {
	var readable []photoset.Original
	for _, p := range photos {
		if p.Kind == photoset.HEIC {
			var err error
			if p.Decoded, err = side.DecodeHEIC(ctx, p, dir); err != nil {
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				say(fmt.Sprintf("%s left out: %v", p.Name, err))
				continue
			}
		}
		readable = append(readable, p)
	}
	if len(readable) == 0 {
		return nil, errors.New("no photo is left to measure")
	}
	return readable, nil
}

// prepare builds the worker, and installs or finds the programs to compare it with on these photos. Without Node.js it
// leaves out sharp, and says so. It returns the sides for each kind of photo, and the versions of the programs. Only
// the worker and the named sides are measured; no names mean all.
func (c *commandLine) prepare(ctx context.Context, photos []photoset.Original, dir string, say func(string)) (func(photoset.Kind) []side.Side, versions, error) {
	var v versions
	names := c.Sides
	if _, err := side.Choose("--sides", side.Names, func(n string) string { return n }, names); err != nil {
		return nil, v, err
	}
	wanted := func(s side.Side) bool { return len(names) == 0 || slices.Contains(names, s.Name) }
	isHEIC := func(p photoset.Original) bool { return p.Kind == photoset.HEIC }
	var sharps, vips []side.Side
	if slices.ContainsFunc(photos, func(p photoset.Original) bool { return !isHEIC(p) }) &&
		(len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "sharp-") })) {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, v, fmt.Errorf("find a folder for sharp: %w", err)
		}
		sharps, v.Sharp, err = side.InstallSharp(ctx, filepath.Join(cache, "darkroom", "bench"), say)
		switch {
		case errors.Is(err, side.ErrNoNode):
			say(fmt.Sprintf("sharp is left out: %v", err))
		case err != nil:
			return nil, v, err
		}
	}
	if slices.ContainsFunc(photos, isHEIC) {
		other, version, err := side.FindVIPS(ctx)
		if err != nil {
			return nil, v, err
		}
		vips, v.Vips = []side.Side{other}, version
	}
	ours, version, err := side.FindWorker(ctx, c.Worker, dir, say)
	v.Worker = version
	return func(k photoset.Kind) []side.Side {
		all := []side.Side{ours}
		others := sharps
		if k == photoset.HEIC {
			others = vips
		}
		for _, s := range others {
			if wanted(s) {
				all = append(all, s)
			}
		}
		return all
	}, v, err
}
