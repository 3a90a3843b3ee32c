package hevc

// hasBoundaries reports whether the picture may have slice or tile boundaries, where loop filters differ.
func (g *synth) hasBoundaries() bool { return g.tiles || g.sliceBreaks > 0 }

// libde265Fault names the part of the picture that libde265 1.0.11 may decode differently from H.265. It decodes most
// of these pictures correctly.
func (g *synth) libde265Fault() string {
	switch {
	case g.tiles && g.wavefront:
		return "refuses the number of entry points, or starts rows of tiles with the wrong contexts"
	case len(g.chromaOffsets) > 0:
		return "does not read chroma QP offset lists like 7.3.8.15"
	case g.scalingOn && g.transformSkip && g.log2MaxSkip > 2:
		return "applies scaling lists to blocks without a transform that are larger than 4x4 (8.6.3)"
	case g.scalingOn && (g.depth > 8 || g.style.extreme > 0), max(g.depth, g.chromaDepth) > 10 && g.style.extreme > 0, g.style.magnitude > 64:
		return "wraps scaled coefficients that 8-309 clips"
	case g.style.extreme > 0:
		return "wraps intermediate values of blocks without a transform"
	case g.sao && g.hasBoundaries():
		return "uses samples of other slices and tiles for adaptive offset (8.7.3.2)"
	case g.chroma == Chroma444:
		return "smooths borders of 32x32 chroma blocks (8.4.4.2.3), predicts between components with wrong residuals"
	}
	return ""
}

// ffmpegFault names the part of the picture that FFmpeg 5.1 may decode differently from H.265.
func (g *synth) ffmpegFault() string {
	switch {
	case g.depth != g.chromaDepth:
		return "refuses luma and chroma of different depths"
	case g.tiles && g.wavefront:
		return "starts rows of the picture instead of rows of tiles with other contexts"
	case len(g.chromaOffsets) > 1 && len(g.chromaOffsets) < 6:
		return "reads up to five bins of cu_chroma_qp_offset_idx for shorter lists"
	case g.depth > 10:
		return "treats quantisation parameters of 72 and more, which 12 bits have, as 0"
	case g.sao && g.hasBoundaries():
		return "uses slice_loop_filter_across_slices_enabled_flag of one slice for all four sides (8.7.3.2)"
	case g.sao && (g.bypassOn || g.pcm && g.pcmIntact):
		return "applies adaptive offset to chroma blocks that must not change"
	case g.bypassOn && (g.rotate || g.implicitRDPCM):
		return "neither rotates blocks of bypassed coding units (8.6.2) nor leaves out their edge filters (8.4.4.2.6)"
	case g.bypassOn && g.chroma == Chroma444:
		return "deblocks chroma of bypassed coding units"
	case g.control && g.override && g.hasBoundaries():
		return "deblocks sides of slices with the offsets of the wrong one (8.7.2.5.3)"
	case g.sao && g.chroma == Chroma422:
		return "uses samples before deblocking for adaptive offset at the right sides of coding tree blocks"
	case g.chroma == Grey && g.pcm:
		return "skips PCM samples of chroma that a grey picture does not have"
	case g.style.extreme > 0 && g.persistentRice:
		return "refuses long prefixes of coefficients"
	}
	return ""
}

// avoidCropping removes the conformance window, which libde265 counts in bytes instead of samples.
func (g *synth) avoidCropping() { g.crop = [4]int{} }

// avoidConstraint clears constrained_intra_pred_flag. It has no effect on an intra picture, except in FFmpeg.
func (g *synth) avoidConstraint() { g.constrained = false }
