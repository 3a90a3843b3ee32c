package heif

import (
	"encoding/binary"
	"time"

	"darkroom/worker/internal/animation"
)

// sample is a coded frame of a track.
type sample struct {
	data []byte
	key  bool // can be decoded without the samples before it
	time time.Duration
}

// maxSamples is the most samples that are listed: more frames than callers accept.
const maxSamples = 1 << 16

// list returns the samples of a track in file (ISO/IEC 14496-12, 8.6 and 8.7). A sample beyond the end of the file is
// ErrTruncated. All samples together must have no more bytes than the file.
func (t *track) list(file []byte) ([]sample, error) {
	if t.samples > maxSamples {
		return nil, unsupported("%d frames", t.samples)
	}
	samples := make([]sample, 0, t.samples)
	width := 4
	if t.wide {
		width = 8
	}
	runs, per, left := reader{data: t.runs}, uint32(0), uint64(len(file))
	first := runs.u32()
	for chunk := uint32(1); len(samples) < int(t.samples); chunk++ {
		if int64(chunk)*int64(width) > int64(len(t.chunks)) {
			return nil, corrupt("%d of %d samples are in chunks", len(samples), t.samples)
		}
		for first == chunk && !runs.short { // the entry applies to the chunks from first on
			per = runs.u32()
			runs.u32()
			first = 0
			if len(runs.data) > 0 {
				first = runs.u32()
			}
		}
		offset := reader{data: t.chunks[int(chunk-1)*width:]}
		position := offset.uint(width)
		for n := uint32(0); n < per && len(samples) < int(t.samples); n++ {
			size := uint64(t.size)
			if t.size == 0 {
				size = uint64(binary.BigEndian.Uint32(t.sizes[4*len(samples):]))
			}
			if size > left {
				return nil, corrupt("samples have more bytes than the file")
			}
			left -= size
			var s sample
			if position <= uint64(len(file)) && size <= uint64(len(file))-position {
				s.data = file[position : position+size]
			}
			samples = append(samples, s)
			position += size
		}
	}
	t.addTimes(samples)
	t.addKeys(samples)
	return samples, nil
}

// addTimes reads how long each sample is shown (8.6.1.2).
func (t *track) addTimes(samples []sample) {
	r := reader{data: t.times}
	for i := 0; i < len(samples) && len(r.data) > 0; {
		n, delta := r.u32(), r.u32()
		for ; n > 0 && i < len(samples); n, i = n-1, i+1 {
			samples[i].time = t.toDuration(delta)
		}
	}
}

// addKeys reads which samples can be decoded without those before them (8.6.2). Without a list, all can.
func (t *track) addKeys(samples []sample) {
	for i := range samples {
		samples[i].key = !t.keysGiven || i == 0
	}
	for r := (reader{data: t.keys}); len(r.data) > 0; {
		if n := r.u32(); n >= 1 && int64(n) <= int64(len(samples)) {
			samples[n-1].key = true
		}
	}
}

// extendsRun reports whether a run of that many frames of that many pixels should include the next key frame.
func extendsRun(frames int, pixels int64) bool {
	const enough = 1 << 21 // pixels that are worth starting an instance of the codec
	return int64(frames)*pixels < enough
}

// runEnd returns the end of the run that begins with sample from. The codec decodes the samples of a run together.
func (t *track) runEnd(samples []sample, from int) int {
	end := from + 1
	for end < len(samples) && (!samples[end].key || extendsRun(end-from, int64(t.width)*int64(t.height))) {
		end++
	}
	return end
}

// longestRun returns how many samples the longest run has, without listing the samples.
func (t *track) longestRun() int {
	if !t.keysGiven {
		pixels := int64(t.width) * int64(t.height)
		n := 1
		for extendsRun(n, pixels) && n < int(t.samples) {
			n++
		}
		return n
	}
	samples := make([]sample, min(t.samples, maxSamples))
	t.addKeys(samples)
	most := 0
	for from := 0; from < len(samples); {
		end := t.runEnd(samples, from)
		most, from = max(most, end-from), end
	}
	return most
}

// picture returns the track as a picture with one tile, without data.
func (t *track) picture(front []byte) (picture, error) {
	c, err := readAV1C(t.config, front)
	if err != nil {
		return picture{}, err
	}
	c.width, c.height = t.width, t.height
	p := picture{codec: AV1, width: t.width, height: t.height, depth: c.depth, nclx: t.nclx}
	p.tiles = []tile{{config: t.config, layers: layers{selected: allLayers}, coded: c, layout: identityLayout(t.width, t.height)}}
	return p, nil
}

// Memory returns how many bytes the frames of a sequence take in addition to the file: the canvas, and in the linear
// memory of the codec all frames of the longest run of each track and the reference frames.
func (s *Sequence) Memory() int64 {
	bytes := animation.CanvasMemory(s.colour.width, s.colour.height)
	for _, t := range []*track{&s.colour, s.alpha} {
		if t == nil {
			continue
		}
		if p, err := t.picture(nil); err == nil {
			bytes += t.runMemory(p, t.longestRun()) + 2*instance + recoveryMemory(p.tiles[0].coded)
		}
	}
	return bytes
}

// references is how many frames the codec keeps in addition to the one that it decodes: eight reference frames, and
// some that are in progress.
const references = 12

// runMemory returns the bytes of linear memory that the codec takes for a run.
func (t *track) runMemory(p picture, frames int) int64 {
	deep, wide := int64(1), int64(1)
	if p.depth > 8 {
		deep, wide = 2, 2
	}
	if p.tiles[0].isSubsampled() {
		wide = 2
	}
	pixels := int64(t.width) * int64(t.height)
	frame := int64(alignUp(t.width, 8)+2*av1Edge) * int64(alignUp(t.height, 8)+2*av1Edge)
	return p.linearMemory(p.tiles[0]) + wide*4*pixels*int64(frames) + deep*3*frame*references
}
