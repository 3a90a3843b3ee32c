package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// movingFile is a file of a variant that is being written frame by frame.
type movingFile struct {
	format.AnimationWriter
	Image
}

// movingVariant is a variant with its files.
type movingVariant struct {
	variantPlan
	files []movingFile
}

// animate returns the animated files of the variants, by the index of their Spec. They are cropped like the still
// files, which are placed by the first frame. Each frame is read once and added to the files of all variants. damage is
// what [format.FrameReader] reports. The error is a [*LostAnimation] if the frames cannot be read.
func (e *Engine) animate(ctx context.Context, data []byte, h Header, placed []variantPlan, w variantWriter) (files [][]Image, damage, err error) {
	if !h.Moves() {
		return nil, nil, nil
	}
	reader, err := format.Frames(data, h.Header, *h.motion)
	if err != nil {
		return nil, nil, lostFrames(err)
	}
	m := &motion{engine: e, header: h, writer: w}
	m.header.plan = h.plan.motion
	for _, v := range placed {
		if v.moves() {
			m.variants = append(m.variants, &movingVariant{variantPlan: v})
		}
	}
	for {
		f, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, lostFrames(err)
		}
		if err := m.add(ctx, f); err != nil {
			return nil, nil, err
		}
	}
	files, err = m.finish(ctx, len(placed))
	return files, reader.Damage(), err
}

// lostFrames returns a LostAnimation if frames do not decode.
func lostFrames(err error) error {
	if rejection, ok := errors.AsType[*Rejection](err); ok {
		return &LostAnimation{photo.AnimationDamaged, rejection}
	}
	return err
}

// motion writes the animated files of a photo.
type motion struct {
	engine   *Engine
	header   Header // its plan has the animated variants only
	writer   variantWriter
	variants []*movingVariant
	frames   int
	duration time.Duration
}

// add adds a frame to all files.
func (m *motion) add(ctx context.Context, f animation.Frame) error {
	first := m.frames == 0
	m.frames++
	m.duration += f.Duration
	if !first && f.Changed.Empty() {
		return m.forEachFile(func(_ *movingVariant, file *movingFile) error { return file.Add(ctx, nil, f.Duration) })
	}
	picture := raster.FromRGBA(f.Image)
	convert, _ := m.header.Conversion()
	if convert != nil { // the conversion works in place
		picture = picture.Clone()
	}
	pyramids, _, err := m.engine.pyramids(ctx, picture, m.header, convert)
	if err != nil {
		return err
	}
	for _, v := range m.variants {
		picture, err := pyramids[v.light()].cut(ctx, v.placement, true)
		if err != nil {
			return err
		}
		if picture, err = picture.Sharpen(ctx, v.Sharpen); err != nil {
			return err
		}
		if v.Background != "" {
			if picture, err = picture.Flatten(ctx, v.background()); err != nil {
				return err
			}
		}
		if first {
			if err := m.open(ctx, v, picture); err != nil {
				return err
			}
		}
		pixels, err := picture.PackedNRGBA(ctx)
		if err != nil {
			return err
		}
		for i := range v.files {
			if err := v.add(ctx, i, pixels, f.Duration); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *movingVariant) add(ctx context.Context, i int, pixels *image.NRGBA, d time.Duration) error {
	if err := v.files[i].Add(ctx, pixels, d); err != nil {
		return fmt.Errorf("variant %s: %w", v.Name, lostFile(err))
	}
	return nil
}

// lostFile returns a LostAnimation if a file becomes too large.
func lostFile(err error) error {
	if errors.Is(err, format.ErrAnimationTooLarge) {
		return &LostAnimation{photo.AnimationTooLarge, err}
	}
	return err
}

// open starts the files of a variant with its first frame. With a Score, all frames have the lowest quality that gives
// the first frame that score.
func (m *motion) open(ctx context.Context, v *movingVariant, first raster.Picture) error {
	for _, f := range v.animated {
		o := v.animationOptions(m.header)
		o.Profile, o.EXIF, o.XMP = m.writer.profile, m.writer.exif, m.writer.xmp
		img := Image{Name: v.Name, Format: f.Name, Width: v.out.Width, Height: v.out.Height, Animated: true, Loops: o.Loops}
		if v.Score != 0 && !f.Lossless(v.lossless) {
			best, trials, err := m.writer.encodeForScore(ctx, f, first, o.Options, v.Score)
			if err != nil {
				return err
			}
			o.Quality, o.Drawn = best.Quality, false
			img.Quality, img.Score, img.Trials, img.Missed = best.Quality, best.Score, trials, best.Score < float64(v.Score)
		}
		w, err := f.Animate(o)
		if err != nil {
			return err
		}
		v.files = append(v.files, movingFile{w, img})
	}
	return nil
}

// forEachFile calls do for every file.
func (m *motion) forEachFile(do func(v *movingVariant, file *movingFile) error) error {
	for _, v := range m.variants {
		for i := range v.files {
			if err := do(v, &v.files[i]); err != nil {
				return fmt.Errorf("variant %s: %w", v.Name, lostFile(err))
			}
		}
	}
	return nil
}

// finish returns the files, by the index of their Spec.
func (m *motion) finish(ctx context.Context, specs int) ([][]Image, error) {
	files := make([][]Image, specs)
	err := m.forEachFile(func(v *movingVariant, file *movingFile) (err error) {
		img := file.Image
		img.Duration = m.duration
		img.Data, err = file.Finish(ctx)
		files[v.index] = append(files[v.index], img)
		return err
	})
	return files, err
}

// animationOptions returns the options of an animation writer, from the Spec and the photo.
func (v variantPlan) animationOptions(h Header) format.AnimationOptions {
	return format.AnimationOptions{Options: v.options(), Size: v.out, Loops: h.motion.Loops, Lossless: v.given.lossless(h.Header), Drawn: h.plan.drawn}
}
