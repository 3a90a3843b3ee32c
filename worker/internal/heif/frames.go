package heif

import (
	"context"
	"encoding/binary"
	"image"
	"io"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/sandbox"
)

// Frames decodes the frames of a [Sequence]. The codec decodes frames that depend on each other together.
type Frames struct {
	colour, alpha *runs
	canvas        *image.NRGBA
}

// MaxRun is the most pixels in a run: the frames that the codec has to decode together.
const MaxRun = 1 << 27

// Frames returns the frames of the sequence, which was read from data. The error wraps [ErrUnsupported] if too many of
// them depend on each other, see [MaxRun].
func (s *Sequence) Frames(data []byte) (*Frames, error) {
	if err := Check(); err != nil {
		return nil, err
	}
	f := &Frames{canvas: image.NewNRGBA(image.Rect(0, 0, s.colour.width, s.colour.height))}
	var err error
	if f.colour, err = newRuns(&s.colour, data, &s.still.colour); err != nil {
		return nil, err
	}
	if s.alpha != nil {
		if f.alpha, err = newRuns(s.alpha, data, s.still.alpha); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Next returns the next frame, or io.EOF after the last one. The error wraps an error of this package if the frame does
// not decode. When ctx ends, Next returns its error.
func (f *Frames) Next(ctx context.Context) (animation.Frame, error) {
	time, err := f.colour.draw(ctx, f.canvas, false)
	if err != nil {
		return animation.Frame{}, err
	}
	if f.alpha != nil {
		if _, err := f.alpha.draw(ctx, f.canvas, true); err != nil {
			return animation.Frame{}, err
		}
	}
	return animation.Frame{Image: f.canvas, Duration: animation.Delay(time.time), Changed: f.canvas.Rect}, nil
}

// runs decodes the samples of a track, one run after another.
type runs struct {
	track   *track
	picture picture
	samples []sample
	memory  *sandbox.Memory

	recovery *recovery // set if colours have fewer samples than pixels; else nil

	next    int          // sample
	decoded []tilePixels // frames of the run from next on, in the codec's memory, valid until the next run
	fault   error        // why the run ends early
}

// newRuns lists the samples of a track. If the track does not give its colours, those of a still picture are used.
func newRuns(t *track, data []byte, still *picture) (*runs, error) {
	samples, err := t.list(data)
	if err != nil {
		return nil, err
	}
	r := &runs{track: t, samples: samples}
	if r.picture, err = t.picture(samples[0].data); err != nil {
		return nil, err
	}
	if r.picture.nclx == nil && still != nil {
		r.picture.nclx = still.nclx
	}
	if r.picture.tiles[0].isSubsampled() {
		r.recovery = newRecovery(r.picture.tiles[0].coded)
	}
	longest := t.longestRun()
	if err := checkLimit(CodedPixels, int64(longest)*int64(t.width)*int64(t.height), MaxRun); err != nil {
		return nil, err
	}
	r.memory = sandbox.NewMemory(t.runMemory(r.picture, longest))
	return r, nil
}

// draw draws the next frame, or its luma as alpha, on a canvas and returns its sample.
func (r *runs) draw(ctx context.Context, dst *image.NRGBA, alpha bool) (sample, error) {
	if r.next == len(r.samples) {
		return sample{}, io.EOF
	}
	if len(r.decoded) == 0 && r.fault == nil {
		if err := r.run(ctx); err != nil {
			return sample{}, err
		}
	}
	if len(r.decoded) == 0 {
		return sample{}, r.fault
	}
	p := r.decoded[0]
	r.decoded = r.decoded[1:]
	if len(r.decoded) == 0 && r.next+1 < len(r.samples) && r.samples[r.next+1].key {
		r.fault = nil
	}
	r.next++
	out := canvas{dst, identityLayout(p.width, p.height)}
	if r.recovery != nil && p.deep != nil {
		return r.samples[r.next-1], drawSamples(ctx, out, r.recovery.recoverPlanes(p.deep), r.picture.colour(), alpha)
	}
	return r.samples[r.next-1], drawPixels(ctx, out, p, alpha)
}

// run decodes the run that begins with the next sample.
func (r *runs) run(ctx context.Context) error {
	end := r.track.runEnd(r.samples, r.next)
	var data [][]byte
	for _, s := range r.samples[r.next:end] {
		if s.data == nil {
			break
		}
		data = append(data, s.data)
	}
	if len(data) == 0 {
		return truncatedSample(r.next)
	}
	if err := checkSamples(data, r.picture.tiles[0].coded); err != nil {
		return err
	}
	file := sequenceFile(&r.picture, data)
	err := avifDecode.Run(ctx, r.memory, func(i *sandbox.Instance) (err error) {
		r.decoded, err = readFrames(i, file, len(data))
		return err
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return corrupt("AV1 decoder: %v", err)
	}
	for _, p := range r.decoded {
		if p.width != r.track.width || p.height != r.track.height {
			return corrupt("decoded to %d x %d pixels, %d x %d were announced", p.width, p.height, r.track.width, r.track.height)
		}
	}
	if n := len(r.decoded); n < end-r.next {
		r.fault = corrupt("AV1 decoder: frame %d does not decode", r.next+n+1)
		if n == len(data) {
			r.fault = truncatedSample(r.next + n)
		}
	}
	return nil
}

// readFrames calls libavif for the frames of a sequence. It returns those before the first that does not decode.
func readFrames(i *sandbox.Instance, data []byte, frames int) ([]tilePixels, error) {
	in, err := i.Put(data)
	if err != nil {
		return nil, err
	}
	facts, err := i.Alloc(4 * 4) // width, height, depth and the number of pictures
	if err != nil {
		return nil, err
	}
	decode := func(sizeOnly, delay, out uint64) error {
		ok, err := i.Call("decode", in, uint64(len(data)), sizeOnly, 1, facts, facts+4, facts+8, facts+12, delay, out)
		if err == nil && ok == 0 {
			err = errCodec
		}
		return err
	}
	if err := decode(1, 0, 0); err != nil {
		return nil, err
	}
	p, n, err := readFacts(i, facts, 4)
	if err != nil {
		return nil, err
	}
	if n[3] != frames {
		return nil, errCodec
	}
	size := p.width * p.height * 4
	deep := n[2] > 8
	if deep {
		size *= 2
	}
	out, err := i.Alloc(size * frames)
	if err != nil {
		return nil, err
	}
	durations, err := i.Put(make([]byte, 8*frames)) // the codec writes one for each frame that decodes
	if err != nil {
		return nil, err
	}
	if err := decode(0, durations, out); err != nil {
		return nil, err
	}
	all, err := i.Bytes(out, size*frames)
	if err != nil {
		return nil, err
	}
	shown, err := i.Bytes(durations, 8*frames)
	if err != nil {
		return nil, err
	}
	var decoded []tilePixels
	for k := 0; k < frames && binary.LittleEndian.Uint64(shown[8*k:]) != 0; k++ {
		pix := all[k*size : (k+1)*size : (k+1)*size]
		if deep {
			p.deep = pix
		} else {
			p.rgba = &image.NRGBA{Pix: pix, Stride: 4 * p.width, Rect: image.Rect(0, 0, p.width, p.height)}
		}
		decoded = append(decoded, p)
	}
	if len(decoded) == 0 {
		return nil, errCodec
	}
	return decoded, nil
}
