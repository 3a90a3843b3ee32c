package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image/color"
	"math"
	"time"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/qualitysearch"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Image is a file of a variant.
type Image struct {
	Name   string // name of its Spec
	Format photo.Format
	Width  int // pixels
	Height int // pixels
	Data   []byte
	HDR    bool // has a gain map

	Animated bool
	Duration time.Duration // if Animated: time to play all frames once
	Loops    int           // if Animated: number of times it plays; 0 means for ever

	// The rest is set only for a lossy file whose Spec has a Score.
	Quality int     // the quality that the search found
	Score   float64 // SSIMULACRA2 against the pixels of the variant
	Trials  int     // files that were encoded to find it
	Missed  bool    // no quality reaches the Score of the Spec, and this file is the best
}

// Entry returns how the manifest of ref describes the variant.
func (i Image) Entry(ref photo.Ref) photo.Variant {
	sum := sha256.Sum256(i.Data)
	digest := hex.EncodeToString(sum[:])
	return photo.Variant{
		Name:        i.Name,
		Key:         ref.VariantKey(i.Name, digest, i.Format),
		ContentType: i.Format.ContentType(),
		Width:       i.Width,
		Height:      i.Height,
		Bytes:       int64(len(i.Data)),
		SHA256:      digest,
		Quality:     i.Quality,
		Score:       math.Floor(i.Score*100) / 100,
		ScoreMissed: i.Missed,
		HDR:         i.HDR,
		Animated:    i.Animated,
		Duration:    i.Duration.Milliseconds(),
		Loops:       i.Loops,
	}
}

// variantWriter writes the files of the variants. It holds what all variants of a picture share.
type variantWriter struct {
	original photo.Format
	opaque   bool   // no pixel of the picture is transparent
	grey     bool   // the picture has no colours
	profile  []byte // ICC profile that every file must carry, or nil
	exif     []byte // EXIF block that every file carries, or nil
	xmp      []byte // XMP packet that every file carries, or nil

	lastQualities map[qualityKey]int // qualities that were found last
}

// write writes a variant in the formats of its Spec.
func (w variantWriter) write(ctx context.Context, m raster.Picture, v variantPlan) ([]Image, error) {
	opaque := w.opaque
	if !opaque && v.Background != "" {
		var err error
		if m, err = m.Flatten(ctx, v.background()); err != nil {
			return nil, err
		}
		opaque = true
	}
	options := v.options()
	options.Profile, options.EXIF, options.XMP = w.profile, w.exif, w.xmp
	options.Grey = w.grey && (w.opaque || isGrey(v.background()))
	var images []Image
	for _, f := range v.formats(w.original, w.opaque, w.profile != nil) {
		pixels := m
		if !f.Alpha && !opaque {
			var err error
			if pixels, err = m.Flatten(ctx, v.background()); err != nil {
				return nil, err
			}
		}
		img := Image{Name: v.Name, Format: f.Name, Width: m.Size().Width, Height: m.Size().Height}
		var err error
		if v.Score != 0 && !f.Lossless(v.lossless) {
			var best qualitysearch.Trial
			best, img.Trials, err = w.encodeForScore(ctx, f, pixels, options, v.Score)
			img.Data, img.Quality, img.Score, img.Missed = best.Data, best.Quality, best.Score, best.Score < float64(v.Score)
		} else {
			img.Data, err = f.Encode(ctx, pixels, options)
		}
		if err != nil {
			return nil, err
		}
		images = append(images, img)
	}
	return images, nil
}

// options returns the options of an encoder, from the Spec.
func (v variantPlan) options() format.Options {
	return format.Options{Quality: v.Quality, Lossless: v.lossless, Progressive: v.progressive(), FullColour: v.Chroma == Chroma444}
}

// progressive reports whether a JPEG of the variant is progressive.
func (v variantPlan) progressive() bool {
	if v.Progressive != nil {
		return *v.Progressive
	}
	return max(v.out.Width, v.out.Height) >= ProgressiveSide
}

func isGrey(c color.NRGBA) bool { return c.R == c.G && c.G == c.B }
