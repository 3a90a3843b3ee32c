package format

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"time"

	"darkroom/worker/internal/raster"
)

// AnimationOptions holds the options of an animation that is written.
type AnimationOptions struct {
	// Quality and Lossless are used by WebP alone, Profile, EXIF and XMP by formats that can carry them.
	Options
	Size     raster.Size // size of every frame
	Loops    int         // number of times the animation plays; 0 means for ever
	Lossless bool        // every frame is written without loss
	Drawn    bool        // the source is lossless itself: a frame is written without loss if that takes fewer bytes
}

// AnimationWriter writes an animation. It holds the file so far, and two or three canvases.
type AnimationWriter interface {
	// Add appends a frame that is shown for d. The picture has the size in the options, and Add does not keep it. It is
	// nil if the frame is the same as the one before. When ctx ends, Add returns its error.
	Add(ctx context.Context, m *image.NRGBA, d time.Duration) error
	// Finish returns the file. It needs at least one frame, and no frame can be added after it.
	Finish(ctx context.Context) ([]byte, error)
}

// Animates reports whether variants of the format can be animated.
func (f Format) Animates() bool { return f.animate != nil }

// Animate returns a writer of an animation. The format must be one that [Format.Animates].
func (f Format) Animate(o AnimationOptions) (AnimationWriter, error) {
	if !f.Animates() {
		return nil, fmt.Errorf("animate: animations are not written as %q", f.Name)
	}
	return f.animate(o), nil
}

// AnimateMemory returns how many bytes a writer may take for an animation of this many frames, including the result.
func (f Format) AnimateMemory(o AnimationOptions, frames int) int64 {
	if !f.Animates() {
		return 0
	}
	return f.animateMemory(o, frames)
}

// ErrAnimationTooLarge means that the file would have more than maxAnimation bytes. Errors wrap it.
var ErrAnimationTooLarge = errors.New("the animated file is too large")

// maxAnimation is the size of the largest animated file in bytes, more than a page can use.
const maxAnimation = 64 << 20

// checkAnimation returns an error if a file of this many bytes is too large.
func checkAnimation(bytes int) error {
	if bytes > maxAnimation {
		return fmt.Errorf("%w: it has more than %d bytes", ErrAnimationTooLarge, maxAnimation)
	}
	return nil
}

// animationBytes returns the largest size of a file with this many frames of at most frame bytes each.
func animationBytes(frame int64, frames int) int64 {
	return min(frame*int64(frames), maxAnimation+frame)
}

// clock rounds the start times of frames to whole units, so rounding errors do not add up over many frames.
type clock struct {
	unit  time.Duration
	exact time.Duration
}

// advance adds a duration and returns the time since the start in units, rounded half up.
func (c *clock) advance(d time.Duration) int64 {
	c.exact += d
	return int64((c.exact + c.unit/2) / c.unit)
}

// changedPart returns the smallest rectangle with all pixels that differ between two pictures of one size. The rows of
// both have no gaps between them.
func changedPart(a, b *image.NRGBA) image.Rectangle {
	w, h, stride := b.Rect.Dx(), b.Rect.Dy(), b.Stride
	row := func(m *image.NRGBA, y int) []byte { return m.Pix[y*stride:][:4*w] }
	top, bottom := 0, h
	for top < h && bytes.Equal(row(a, top), row(b, top)) {
		top++
	}
	if top == h {
		return image.Rectangle{}
	}
	for bytes.Equal(row(a, bottom-1), row(b, bottom-1)) {
		bottom--
	}
	left, right := w, 0
	for y := top; y < bottom; y++ {
		p, q := row(a, y), row(b, y)
		x := 0
		for x < left && pixel(p, x) == pixel(q, x) {
			x++
		}
		left = min(left, x)
		x = w
		for x > max(right, left) && pixel(p, x-1) == pixel(q, x-1) {
			x--
		}
		right = max(right, x)
	}
	return image.Rect(left, top, right, bottom)
}

func pixel(row []byte, x int) uint32 { return binary.LittleEndian.Uint32(row[4*x:]) }

// cut copies a part of a picture.
func cut(m *image.NRGBA, r image.Rectangle) *image.NRGBA {
	dst := image.NewNRGBA(image.Rectangle{Max: r.Size()})
	for y := range r.Dy() {
		copy(dst.Pix[y*dst.Stride:], m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):][:dst.Stride])
	}
	return dst
}
