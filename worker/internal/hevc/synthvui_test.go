package hevc

import "testing"

// colours are the code points in video usability information.
type colours struct {
	fullRange                   bool
	primaries, transfer, matrix int
}

// usability writes vui_parameters (E.2.1).
func (g *synth) usability(w *bitWriter) {
	r := g.extra
	randomFlag := func() bool {
		b := r.IntN(2) == 0
		w.flag(b)
		return b
	}
	if randomFlag() { // aspect_ratio_info_present_flag
		if r.IntN(2) == 0 {
			w.u(8, 255)
			w.u(32, r.IntN(1<<32))
		} else {
			w.u(8, r.IntN(17))
		}
	}
	if randomFlag() { // overscan_info_present_flag
		randomFlag()
	}
	if randomFlag() { // video_signal_type_present_flag
		w.u(3, r.IntN(6))
		g.colours.fullRange = randomFlag()
		if randomFlag() {
			g.colours.primaries, g.colours.transfer = 1+r.IntN(9), 1+r.IntN(9)
			g.colours.matrix = 1 + r.IntN(9)
			w.u(8, g.colours.primaries)
			w.u(8, g.colours.transfer)
			w.u(8, g.colours.matrix)
		}
	}
	located := g.chroma == Chroma420 && r.IntN(2) == 0
	w.flag(located)
	if located {
		w.ue(r.IntN(6))
		w.ue(r.IntN(6))
	}
	w.u(3, 0)         // neutral chroma, fields
	if randomFlag() { // default_display_window_flag
		for range 4 {
			w.ue(r.IntN(3))
		}
	}
	if randomFlag() { // vui_timing_info_present_flag
		w.u(32, 1001)
		w.u(32, 60000)
		if randomFlag() {
			w.ue(r.IntN(100))
		}
		if randomFlag() {
			g.hypotheticalDecoder(w)
		}
	}
	if randomFlag() { // bitstream_restriction_flag
		w.u(3, r.IntN(8))
		w.ue(r.IntN(4096))
		for range 4 {
			w.ue(r.IntN(16))
		}
	}
}

// hypotheticalDecoder writes hrd_parameters with common information (E.2.2).
func (g *synth) hypotheticalDecoder(w *bitWriter) {
	r := g.extra
	randomFlag := func() bool {
		b := r.IntN(2) == 0
		w.flag(b)
		return b
	}
	nal, vcl := randomFlag(), randomFlag()
	subPicture := false
	if nal || vcl {
		if subPicture = randomFlag(); subPicture {
			w.u(19, r.IntN(1<<19))
		}
		w.u(8, r.IntN(1<<8))
		if subPicture {
			w.u(4, r.IntN(1<<4))
		}
		w.u(15, r.IntN(1<<15))
	}
	for range g.subLayers + 1 {
		general := randomFlag()
		within := general || randomFlag()
		lowDelay, count := false, 1
		if within {
			w.ue(r.IntN(2048))
		} else {
			lowDelay = randomFlag()
		}
		if !lowDelay {
			count = 1 + r.IntN(4)
			w.ue(count - 1)
		}
		for _, present := range []bool{nal, vcl} {
			for range count * bit(present) {
				w.ue(r.IntN(1 << 20))
				w.ue(r.IntN(1 << 20))
				if subPicture {
					w.ue(r.IntN(1 << 20))
					w.ue(r.IntN(1 << 20))
				}
				randomFlag()
			}
		}
	}
}

// profileAndLevels writes profile_tier_level (7.3.3) of the format range extensions profiles, with g.subLayers
// sub-layers.
func (g *synth) profileAndLevels(w *bitWriter) {
	profile := func() {
		w.u(8, 4)
		w.u(32, 1<<(31-4))
		w.u(16, 0x9000) // progressive, frame only
		w.u(32, 0)
	}
	profile()
	w.u(8, 186)
	var present [8]int // bit 1: a profile, bit 0: a level
	for i := range g.subLayers {
		present[i] = g.extra.IntN(4)
		w.u(2, present[i])
	}
	if g.subLayers > 0 {
		w.u(2*(8-g.subLayers), 0)
	}
	for i := range g.subLayers {
		if present[i]&2 != 0 {
			profile()
		}
		if present[i]&1 != 0 {
			w.u(8, 183)
		}
	}
}

// ignoredUnits returns units that a decoder ignores: an access unit delimiter, enhancement information, and units of
// unknown types and layers.
func (g *synth) ignoredUnits() (units [][]byte) {
	r := g.extra
	random := func() []byte {
		b := make([]byte, 1+r.IntN(12))
		for i := range b {
			b[i] = byte(1 + r.IntN(255))
		}
		return b
	}
	if r.IntN(2) == 0 {
		units = append(units, nalUnit(35, []byte{0x10}))
	}
	if r.IntN(2) == 0 { // user_data_unregistered
		units = append(units, nalUnit(39, append(append([]byte{5, 17}, make([]byte, 17)...), 0x80)))
	}
	for range r.IntN(3) {
		units = append(units, nalUnit(41+r.IntN(23), random()))
	}
	for range r.IntN(2) {
		u := nalUnit(nalSPS+r.IntN(2), random())
		u[1] |= byte(1+r.IntN(3)) << 3 // nuh_layer_id
		units = append(units, u)
	}
	return units
}

// TestUsability checks that parsed sequence parameter sets have the values that were drawn.
func TestUsability(t *testing.T) {
	for seed := range uint64(300) {
		g := newSynth(seed, true)
		s, err := ParseSPS(g.sps())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := (colours{s.FullRange, s.Primaries, s.Transfer, s.Matrix}); got != g.colours {
			t.Errorf("seed %d: %+v, want %+v", seed, got, g.colours)
		}
		width := g.width - (g.crop[0]+g.crop[1])<<g.shiftX()
		height := g.height - (g.crop[2]+g.crop[3])<<g.shiftY()
		if s.Width != width || s.Height != height || s.Chroma != g.chroma || s.Depth != g.depth || s.ChromaDepth != g.chromaDepth {
			t.Errorf("seed %d: %d x %d, chroma format %d, %d and %d bits; want %d x %d, %d, %d and %d", seed,
				s.Width, s.Height, s.Chroma, s.Depth, s.ChromaDepth, width, height, g.chroma, g.depth, g.chromaDepth)
		}
	}
}
