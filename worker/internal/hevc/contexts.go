package hevc

// Context variables of the syntax elements in intra slices (table 9-4), by the index of the first.
const (
	ctxSaoMerge     = 0
	ctxSaoType      = ctxSaoMerge + 1
	ctxSplitCU      = ctxSaoType + 1
	ctxBypass       = ctxSplitCU + 3
	ctxPartMode     = ctxBypass + 1
	ctxPrevLuma     = ctxPartMode + 1
	ctxChromaMode   = ctxPrevLuma + 1
	ctxSplitTU      = ctxChromaMode + 1
	ctxCBFLuma      = ctxSplitTU + 3
	ctxCBFChroma    = ctxCBFLuma + 2
	ctxQPDelta      = ctxCBFChroma + 5
	ctxSkip         = ctxQPDelta + 2
	ctxLastX        = ctxSkip + 2
	ctxLastY        = ctxLastX + 18
	ctxCodedBlock   = ctxLastY + 18
	ctxSig          = ctxCodedBlock + 4
	ctxGreater1     = ctxSig + 44
	ctxGreater2     = ctxGreater1 + 24
	ctxResScale     = ctxGreater2 + 6
	ctxResScaleSign = ctxResScale + 8
	ctxChromaQPFlag = ctxResScaleSign + 2
	ctxChromaQPIdx  = ctxChromaQPFlag + 1
	contextCount    = ctxChromaQPIdx + 1
)

// initValues holds initValue for slices of type I (tables 9-5 to 9-37), in the order of the indexes above.
var initValues = [contextCount]uint8{
	153,           // sao_merge_left_flag, sao_merge_up_flag
	200,           // sao_type_idx_luma, sao_type_idx_chroma
	139, 141, 157, // split_cu_flag
	154,           // cu_transquant_bypass_flag
	184,           // part_mode
	184,           // prev_intra_luma_pred_flag
	63,            // intra_chroma_pred_mode
	153, 138, 138, // split_transform_flag
	111, 141, // cbf_luma
	94, 138, 182, 154, 154, // cbf_cb, cbf_cr
	154, 154, // cu_qp_delta_abs
	139, 139, // transform_skip_flag of luma and chroma
	110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63, // last_sig_coeff_x_prefix
	110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63, // last_sig_coeff_y_prefix
	91, 171, 134, 141, // coded_sub_block_flag
	111, 111, 125, 110, 110, 94, 124, 108, 124, 107, 125, 141, 179, 153, // sig_coeff_flag
	125, 107, 125, 141, 179, 153, 125, 107, 125, 141, 179, 153, 125,
	140, 139, 182, 182, 152, 136, 152, 136, 153, 136, 139, 111, 136, 139, 111,
	141, 111, // sig_coeff_flag of blocks without a transform, luma and chroma
	140, 92, 137, 138, 140, 152, 138, 139, 153, 74, 149, 92, // coeff_abs_level_greater1_flag
	139, 107, 122, 152, 140, 179, 166, 182, 140, 227, 122, 197,
	138, 153, 136, 167, 152, 152, // coeff_abs_level_greater2_flag
	154, 154, 154, 154, 154, 154, 154, 154, // log2_res_scale_abs_plus1
	154, 154, // res_scale_sign_flag
	154, // cu_chroma_qp_offset_flag
	154, // cu_chroma_qp_offset_idx
}

// entropy is the state that the arithmetic decoder adapts: the context variables, and the statistics for
// persistent_rice_adaptation_enabled_flag.
type entropy struct {
	states [contextCount]uint8
	stat   [4]uint8 // StatCoeff
}

// reset initialises the state for a slice (9.3.2.2).
func (e *entropy) reset(qp int) {
	qp = min(max(qp, 0), 51)
	for i, v := range initValues {
		m, n := int(v>>4)*5-45, int(v&15)<<3-16
		pre := min(max(m*qp>>4+n, 1), 126)
		if pre <= 63 {
			e.states[i] = uint8(63-pre) << 1
		} else {
			e.states[i] = uint8(pre-64)<<1 | 1
		}
	}
	e.stat = [4]uint8{}
}
