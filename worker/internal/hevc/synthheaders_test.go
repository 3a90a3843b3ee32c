package hevc

// escape adds emulation prevention bytes (7.3.1.1).
func escape(data []byte) []byte {
	var out []byte
	zeros := 0
	for _, b := range data {
		if zeros >= 2 && b <= 3 {
			out = append(out, 3)
			zeros = 0
		}
		out = append(out, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return out
}

func nalUnit(kind int, data []byte) []byte {
	return append([]byte{byte(kind << 1), 1}, escape(data)...)
}

func (g *synth) vps() []byte {
	w := new(bitWriter)
	w.u(4, 0)
	w.u(2, 3)
	w.u(6, 0)
	w.u(3, g.subLayers)
	w.u(1, 1)
	w.u(16, 0xffff)
	g.profileAndLevels(w)
	g.ordering(w)
	w.u(6, 0)
	w.ue(0)
	w.flag(false)
	w.flag(false)
	w.trailingBits()
	return nalUnit(nalVPS, w.data)
}

// ordering writes the sizes of picture buffers, for all sub-layers or the highest.
func (g *synth) ordering(w *bitWriter) {
	all := g.extra.IntN(2) == 0
	w.flag(all)
	for range 1 + g.subLayers*bit(all) {
		w.ue(4)
		w.ue(0)
		w.ue(0)
	}
}

func (g *synth) sps() []byte {
	w := new(bitWriter)
	w.u(4, 0)
	w.u(3, g.subLayers)
	w.u(1, 1)
	g.profileAndLevels(w)
	w.ue(0)
	w.ue(g.chroma)
	if g.chroma == Chroma444 {
		w.flag(false)
	}
	w.ue(g.width)
	w.ue(g.height)
	w.flag(g.crop != [4]int{})
	if g.crop != [4]int{} {
		for _, v := range g.crop {
			w.ue(v)
		}
	}
	w.ue(g.depth - 8)
	w.ue(g.chromaDepth - 8)
	w.ue(4) // 8 bits of picture order count
	g.ordering(w)
	w.ue(g.log2MinCB - 3)
	w.ue(g.log2CTB - g.log2MinCB)
	w.ue(g.log2MinTB - 2)
	w.ue(g.log2MaxTB - g.log2MinTB)
	w.ue(0)
	w.ue(g.maxIntraDepth)
	w.flag(g.scalingOn)
	if g.scalingOn {
		w.flag(g.scalingInSPS)
		if g.scalingInSPS {
			g.scalingData(w)
		}
	}
	w.flag(g.extra.IntN(2) == 0) // asymmetric partitions
	w.flag(g.sao)
	w.flag(g.pcm)
	if g.pcm {
		w.u(4, g.pcmDepth[0]-1)
		w.u(4, g.pcmDepth[1]-1)
		w.ue(g.log2MinPCM - 3)
		w.ue(g.log2MaxPCM - g.log2MinPCM)
		w.flag(g.pcmIntact)
	}
	g.referenceSets(w)
	w.flag(g.motion)
	w.flag(g.strong)
	w.flag(g.hasUsability)
	if g.hasUsability {
		g.usability(w)
	}
	w.flag(g.rangeExtension)
	if g.rangeExtension {
		w.u(8, 0x80)
		for _, f := range []bool{g.rotate, g.contextSkip, g.implicitRDPCM, g.explicit, false, g.noSmoothing, false,
			g.persistentRice, false} {
			w.flag(f)
		}
	}
	w.trailingBits()
	return nalUnit(nalSPS, w.data)
}

// referenceSets writes two short-term sets, the second predicted from the first, and two long-term pictures.
func (g *synth) referenceSets(w *bitWriter) {
	if g.refSets {
		w.ue(2)
		w.ue(1) // one picture before, none after
		w.ue(0)
		w.ue(0)
		w.flag(true)
		w.flag(true) // predicted
		w.flag(true)
		w.ue(0)
		w.flag(true)
		w.flag(false)
		w.flag(true)
	} else {
		w.ue(0)
	}
	w.flag(g.longTerm)
	if g.longTerm {
		w.ue(2)
		for i := range 2 {
			w.u(8, i)
			w.flag(true)
		}
	}
}

// scalingData writes scaling_list_data (7.3.4).
func (g *synth) scalingData(w *bitWriter) {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for id := 0; id < 6; id += step {
			explicit := g.chance(0.6)
			w.flag(explicit)
			if !explicit {
				w.ue(g.r.IntN(id/step + 1))
				continue
			}
			next := 8
			if size > 1 {
				next = g.intBetween(1, 255)
				w.se(next - 8)
			}
			for range min(64, 16<<(2*size)) {
				v := g.intBetween(1, 255)
				if g.chance(0.7) {
					v = max(1, min(255, next+g.intBetween(-3, 3)))
				}
				w.se(int(int8(v - next)))
				next = v
			}
		}
	}
}

func (g *synth) pps() []byte {
	w := new(bitWriter)
	w.ue(0)
	w.ue(0)
	w.flag(g.dependent)
	w.flag(g.outputFlag)
	w.u(3, g.extraBits)
	w.flag(g.signHiding)
	w.flag(g.extra.IntN(2) == 0) // cabac_init_present_flag
	w.ue(g.extra.IntN(15))
	w.ue(g.extra.IntN(15))
	w.se(g.initQP - 26)
	w.flag(g.constrained)
	w.flag(g.transformSkip)
	w.flag(g.cuQPDelta)
	if g.cuQPDelta {
		w.ue(g.qpGroupDepth)
	}
	w.se(g.qpOffset[1])
	w.se(g.qpOffset[2])
	w.flag(g.sliceQPOffsets)
	w.u(2, g.extra.IntN(4)) // weighted prediction
	w.flag(g.bypassOn)
	w.flag(g.tiles)
	w.flag(g.wavefront)
	if g.tiles {
		w.ue(len(g.tileColumns) - 1)
		w.ue(len(g.tileRows) - 1)
		w.flag(g.uniform)
		if !g.uniform {
			for _, sizes := range [][]int{g.tileColumns, g.tileRows} {
				for _, v := range sizes[:len(sizes)-1] {
					w.ue(v - 1)
				}
			}
		}
		w.flag(g.acrossTiles)
	}
	w.flag(g.acrossSlices)
	w.flag(g.control)
	if g.control {
		w.flag(g.override)
		w.flag(g.deblockingOff)
		if !g.deblockingOff {
			w.se(g.intBetween(-6, 6))
			w.se(g.intBetween(-6, 6))
		}
	}
	w.flag(g.scalingInPPS)
	if g.scalingInPPS {
		g.scalingData(w)
	}
	w.flag(g.extra.IntN(2) == 0) // lists_modification_present_flag
	w.ue(g.extra.IntN(g.log2CTB - 1))
	w.flag(g.sliceExtension)
	w.flag(g.rangeExtension)
	if g.rangeExtension {
		w.u(8, 0x80)
		if g.transformSkip {
			w.ue(g.log2MaxSkip - 2)
		}
		w.flag(g.crossComponent)
		w.flag(len(g.chromaOffsets) > 0)
		if len(g.chromaOffsets) > 0 {
			w.ue(g.offsetGroupDepth)
			w.ue(len(g.chromaOffsets) - 1)
			for _, v := range g.chromaOffsets {
				w.se(v[0])
				w.se(v[1])
			}
		}
		w.ue(g.saoScale[0])
		w.ue(g.saoScale[1])
	}
	w.trailingBits()
	return nalUnit(nalPPS, w.data)
}
