package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"darkroom/worker/plural"
)

// folder returns a folder below Keep, or below dir if Keep is not set.
func (c *commandLine) folder(dir, name string) string {
	if c.Keep != "" {
		dir = c.Keep
	}
	return filepath.Join(dir, name)
}

// photos returns the photos to measure. It draws them into dir unless the user gave some. HEIC is left out where
// vipsthumbnail is not installed.
func (c *commandLine) photos(ctx context.Context, dir string, say func(string)) ([]original, error) {
	if len(c.Paths) == 0 {
		say("drawing photos")
		photos, err := drawPhotos(dir, drawings)
		if err != nil {
			return nil, err
		}
		return append(photos, drawnHEIC(ctx, dir, heicDrawing, say)...), ctx.Err()
	}
	photos, err := findPhotos(c.Paths)
	if err != nil {
		return nil, err
	}
	if _, _, err := findVips(ctx); errors.Is(err, errNoVips) {
		all := len(photos)
		photos = slices.DeleteFunc(photos, func(p original) bool { return p.kind == heic })
		if len(photos) == 0 {
			return nil, fmt.Errorf("measuring HEIC: %w", errNoVips)
		}
		if left := all - len(photos); left > 0 {
			say(fmt.Sprintf("%s left out: %v", plural.Count(left, "HEIC photo"), errNoVips))
		}
	}
	return photos, nil
}

// drawnHEIC draws the HEIC of a run without photos, or says why it does not.
func drawnHEIC(ctx context.Context, dir string, d drawing, say func(string)) []original {
	_, _, err := findVips(ctx)
	if err == nil {
		var p original
		if p, err = drawHEIC(ctx, dir, d); err == nil {
			return []original{p}
		}
	}
	say(fmt.Sprintf("HEIC is not measured: %v", err))
	return nil
}

// decodeAll decodes every HEIC for the comparison of quality, into dir. It leaves out those that vipsthumbnail cannot read,
// and says so. A run without a photo is an error.
func decodeAll(ctx context.Context, photos []original, dir string, say func(string)) ([]original, error) {
	var readable []original
	for _, p := range photos {
		if p.kind == heic {
			var err error
			if p.decoded, err = decodeHEIC(ctx, p, dir); err != nil {
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				say(fmt.Sprintf("%s left out: %v", p.name, err))
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

// prepare builds the worker, and installs or finds what it is compared with on these photos. Without Node.js it leaves out
// sharp, and says so. It returns the sides of each kind of photo, and the versions of the programs. Only the named sides are
// measured, and the worker; no names mean all.
func (c *commandLine) prepare(ctx context.Context, photos []original, dir string, say func(string)) (func(kind) []side, versions, error) {
	var v versions
	names := c.Sides
	if _, err := choose("--sides", sideNames, func(n string) string { return n }, names); err != nil {
		return nil, v, err
	}
	wanted := func(s side) bool { return len(names) == 0 || slices.Contains(names, s.name) }
	isHEIC := func(p original) bool { return p.kind == heic }
	var sharps, vips []side
	if slices.ContainsFunc(photos, func(p original) bool { return !isHEIC(p) }) &&
		(len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "sharp-") })) {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, v, fmt.Errorf("find a folder for sharp: %w", err)
		}
		sharps, v.Sharp, err = installSharp(ctx, filepath.Join(cache, "darkroom", "bench"), say)
		switch {
		case errors.Is(err, errNoNode):
			say(fmt.Sprintf("sharp is left out: %v", err))
		case err != nil:
			return nil, v, err
		}
	}
	if slices.ContainsFunc(photos, isHEIC) {
		other, version, err := findVips(ctx)
		if err != nil {
			return nil, v, err
		}
		vips, v.Vips = []side{other}, version
	}
	ours, version, err := findWorker(ctx, c.Worker, dir, say)
	v.Worker = version
	return func(k kind) []side {
		all := []side{ours}
		others := sharps
		if k == heic {
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
