package heif

import (
	"math"
	"time"

	"darkroom/worker/internal/animation"
)

// Section numbers in this file are those of ISO/IEC 14496-12, unless a comment says otherwise.

// Sequence is an image sequence in AV1 (AV1 Image File Format, 3). It shares memory with the file.
type Sequence struct {
	colour track
	alpha  *track // nil if there is none
	plays  int    // 0 is for ever
	still  Header
}

// track is a track of pictures.
type track struct {
	id, alphaOf   uint32 // alphaOf is the track that this one is the alpha of, or 0
	handler       string
	duration      uint64 // in units of the movie; math.MaxUint64 if it does not end
	scale         uint32 // units a second, for the times of samples
	repeating     bool
	edited        bool
	segment       uint64 // duration of the edit that repeats, in units of the movie
	width, height int
	config        []byte // av1C
	nclx          *nclx
	kind          string // type of the sample entry
	alphaType     string

	sizes     []byte // 4 bytes for each sample, unless all have one size
	size      uint32 // size of every sample, or 0
	samples   uint32
	times     []byte // stts: 8 bytes an entry
	chunks    []byte // stco or co64
	wide      bool   // co64
	runs      []byte // stsc: 12 bytes an entry
	keys      []byte // stss: 4 bytes an entry
	keysGiven bool
}

// ReadSequence reads the boxes of a file's image sequence. h is the header of the same file. It reports false unless
// the file has a sequence that can be shown in place of the picture: in AV1, with at least two frames, as large as the
// picture, which must not be cropped. It decodes nothing and allocates next to nothing.
func ReadSequence(data []byte, h Header) (s Sequence, ok bool) {
	if !h.Animated || h.Codec != AV1 || h.overlay != nil || len(h.colour.tiles) != 1 {
		return s, false
	}
	if w, ht := h.UnturnedSize(); w != h.StoredWidth || ht != h.StoredHeight {
		return s, false
	}
	tracks, err := readTracks(data)
	if err != nil {
		return s, false
	}
	s.still = h
	found := false
	for _, t := range tracks {
		if !found && t.alphaOf == 0 && t.kind == "av01" && (t.handler == "pict" || t.handler == "vide") {
			s.colour, found = t, true
		}
	}
	for i, t := range tracks {
		if found && t.alphaOf == s.colour.id && t.kind == "av01" && s.alpha == nil && s.colour.id != 0 {
			s.alpha = &tracks[i]
		}
	}
	if !found || s.colour.width != h.StoredWidth || s.colour.height != h.StoredHeight || s.colour.samples < 2 {
		return s, false
	}
	if s.alpha != nil && (s.alpha.width != s.colour.width || s.alpha.height != s.colour.height || s.alpha.samples != s.colour.samples) {
		s.alpha = nil
	}
	s.plays = s.colour.playCount()
	return s, true
}

// playCount returns how often the sequence plays, as libavif and Chromium read it; 0 is for ever. Without an edit list
// it plays for ever, as in files older than the requirement for one. With a list that does not repeat, it plays once.
func (t *track) playCount() int {
	switch {
	case !t.edited || t.repeating && t.duration == math.MaxUint64:
		return 0
	case !t.repeating || t.segment == 0:
		return 1
	}
	n := t.duration / t.segment
	if t.duration%t.segment != 0 {
		n++
	}
	if n > math.MaxInt32 {
		return 0
	}
	return int(max(n, 1))
}

// Animation returns the header of the sequence, as its boxes describe it.
func (s *Sequence) Animation() animation.Header {
	h := animation.Header{Width: s.colour.width, Height: s.colour.height, Frames: int(s.colour.samples), Loops: s.plays}
	left := uint64(s.colour.samples)
	r := reader{data: s.colour.times}
	for left > 0 && len(r.data) > 0 {
		n, delta := min(uint64(r.u32()), left), r.u32()
		left -= n
		h.Duration += saturatingMul(n, animation.Delay(s.colour.toDuration(delta)))
	}
	h.Duration += saturatingMul(left, animation.Delay(0))
	return h
}

// saturatingMul multiplies a duration of at most 1<<32 s, and limits the product.
func saturatingMul(n uint64, d time.Duration) time.Duration {
	if n > 0 && uint64(d) > math.MaxInt64/n/2 {
		return math.MaxInt64 / 4
	}
	return time.Duration(n) * d
}

// toDuration converts a number of the track's time units to a duration.
func (t *track) toDuration(units uint32) time.Duration {
	if t.scale == 0 {
		return 0
	}
	return time.Duration(float64(units) / float64(t.scale) * float64(time.Second))
}
