package hevc

// maxSide is the largest width and height in luma samples. Level 6.2 allows 16,888 (table A.8), and cameras write more.
const maxSide = 1 << 16

// maxSamples is the most luma samples of a picture.
const maxSamples = 1 << 28

// unspecified is the code point of unknown primaries, transfer and matrix (ITU-T H.273).
const unspecified = 2

// SPS is a sequence parameter set (7.3.2.2).
type SPS struct {
	Width, Height int // luma samples, inside the conformance window
	Chroma        int // Grey, Chroma420, Chroma422 or Chroma444
	Depth         int // bits of a luma sample
	ChromaDepth   int // bits of a chroma sample; Depth if the picture is grey

	// Video usability information (E.2.1). Code points are those of ITU-T H.273, or 2 if the set does not give them.
	FullRange bool
	Primaries int
	Transfer  int
	Matrix    int

	id                   int
	codedWidth           int // luma samples, a multiple of the smallest coding block
	codedHeight          int
	cropLeft, cropTop    int // luma samples
	log2MinCB, log2CTB   int
	log2MinTB, log2MaxTB int
	maxIntraDepth        int // max_transform_hierarchy_depth_intra
	ctbColumns, ctbRows  int
	scaling              *scalingFactors // nil if scaling_list_enabled_flag is 0
	saoOn, pcm           bool
	pcmDepth             [2]int // bits of luma and chroma samples in PCM
	log2MinPCM           int
	log2MaxPCM           int
	pcmIntact            bool // pcm_loop_filter_disabled_flag
	strongSmoothing      bool
	pocBits              int
	shortSets            int   // num_short_term_ref_pic_sets
	deltaPocs            []int // NumDeltaPocs of each
	longTerm             bool
	longSets             int // num_long_term_ref_pics_sps
	temporalMVP          bool

	// Range extension (7.3.2.2.2).
	rotate, contextSkip, implicitRDPCM, explicitRDPCM, noSmoothing, persistentRice bool
}

// shiftX and shiftY are log2 of SubWidthC and SubHeightC (table 6-1).
func (s *SPS) shiftX() int {
	if s.Chroma == Chroma420 || s.Chroma == Chroma422 {
		return 1
	}
	return 0
}

func (s *SPS) shiftY() int {
	if s.Chroma == Chroma420 {
		return 1
	}
	return 0
}

// ParseSPS reads a NAL unit that is a sequence parameter set, without a start code or length in front.
func ParseSPS(nal []byte) (*SPS, error) {
	u, err := parseUnit(nal)
	if err != nil {
		return nil, err
	}
	if u.kind != nalSPS {
		return nil, corrupt("NAL unit of type %d is not a sequence parameter set", u.kind)
	}
	if u.layer != 0 {
		return nil, unsupported("sequence parameter set of layer %d", u.layer)
	}
	return parseSPS(u.data)
}

// parseSPS is ParseSPS for the payload of the NAL unit (7.3.2.2.1).
func parseSPS(data []byte) (*SPS, error) {
	r := &bitReader{data: data}
	s := &SPS{Primaries: unspecified, Transfer: unspecified, Matrix: unspecified}
	r.skip(4) // sps_video_parameter_set_id
	subLayers := int(r.u(3))
	r.skip(1)
	skipProfiles(r, subLayers)
	s.id = r.number(15)
	s.Chroma = r.number(3)
	if s.Chroma == Chroma444 && r.flag() {
		return nil, unsupported("separate colour planes")
	}
	s.codedWidth, s.codedHeight = r.number(maxSide), r.number(maxSide)
	right, bottom := 0, 0
	if r.flag() {
		x, y := 1<<s.shiftX(), 1<<s.shiftY()
		s.cropLeft, right = r.number(maxSide)*x, r.number(maxSide)*x
		s.cropTop, bottom = r.number(maxSide)*y, r.number(maxSide)*y
	}
	s.Depth, s.ChromaDepth = r.number(8)+8, r.number(8)+8
	s.pocBits = r.number(12) + 4
	first := subLayers
	if r.flag() {
		first = 0
	}
	for range subLayers - first + 1 {
		r.ue()
		r.ue()
		r.ue()
	}
	s.log2MinCB = r.number(3) + 3
	s.log2CTB = s.log2MinCB + r.number(3)
	s.log2MinTB = r.number(3) + 2
	s.log2MaxTB = s.log2MinTB + r.number(3)
	r.ue() // max_transform_hierarchy_depth_inter
	s.maxIntraDepth = r.number(4)
	if r.flag() { // scaling_list_enabled_flag
		s.scaling = defaultScaling(s.Chroma)
		if r.flag() {
			var err error
			if s.scaling, err = parseScaling(r, s.Chroma); err != nil {
				return nil, err
			}
		}
	}
	r.skip(1) // amp_enabled_flag
	s.saoOn, s.pcm = r.flag(), r.flag()
	if s.pcm {
		s.pcmDepth = [2]int{int(r.u(4)) + 1, int(r.u(4)) + 1}
		s.log2MinPCM = r.number(2) + 3
		s.log2MaxPCM = s.log2MinPCM + r.number(2)
		s.pcmIntact = r.flag()
	}
	if err := s.parseReferenceSets(r); err != nil {
		return nil, err
	}
	s.temporalMVP, s.strongSmoothing = r.flag(), r.flag()
	if r.flag() {
		s.parseVUI(r, subLayers)
	}
	if r.flag() {
		if err := s.parseExtensions(r); err != nil {
			return nil, err
		}
	}
	if r.pastEnd() {
		return nil, corrupt("sequence parameter set ends early or has a value out of range")
	}
	s.Width, s.Height = s.codedWidth-s.cropLeft-right, s.codedHeight-s.cropTop-bottom
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Depth > 12 || s.ChromaDepth > 12 {
		return nil, unsupported("%d and %d bits a sample", s.Depth, s.ChromaDepth)
	}
	return s, nil
}

// check rejects values that 7.4.3.2.1 forbids, and derives the size in coding tree blocks.
func (s *SPS) check() error {
	minCB := 1<<s.log2MinCB - 1
	switch {
	case s.Width < 1 || s.Height < 1:
		return corrupt("conformance window of %d x %d samples", s.Width, s.Height)
	case s.codedWidth*s.codedHeight > maxSamples:
		return unsupported("%d x %d samples", s.codedWidth, s.codedHeight)
	case s.codedWidth&minCB != 0 || s.codedHeight&minCB != 0:
		return corrupt("%d x %d samples with coding blocks of %d", s.codedWidth, s.codedHeight, minCB+1)
	case s.log2CTB > 6 || s.log2CTB < 4:
		return corrupt("coding tree blocks of %d samples", 1<<s.log2CTB)
	case s.log2MaxTB > min(s.log2CTB, 5) || s.log2MinTB >= s.log2MinCB:
		return corrupt("transform blocks of %d to %d samples with coding blocks of %d to %d",
			1<<s.log2MinTB, 1<<s.log2MaxTB, minCB+1, 1<<s.log2CTB)
	case s.maxIntraDepth > s.log2CTB-s.log2MinTB:
		return corrupt("transform hierarchy of depth %d", s.maxIntraDepth)
	case s.pcm && (s.log2MinPCM < min(s.log2MinCB, 5) || s.log2MaxPCM > min(s.log2CTB, 5) || s.pcmDepth[0] > s.Depth ||
		s.pcmDepth[1] > s.ChromaDepth && s.Chroma != Grey):
		return corrupt("PCM blocks of %d to %d samples of %d bits", 1<<s.log2MinPCM, 1<<s.log2MaxPCM, s.pcmDepth[0])
	}
	if s.Chroma == Grey {
		s.ChromaDepth = s.Depth
	}
	ctb := 1 << s.log2CTB
	s.ctbColumns, s.ctbRows = (s.codedWidth+ctb-1)/ctb, (s.codedHeight+ctb-1)/ctb
	return nil
}

// parseExtensions reads the extensions of the set (7.3.2.2.1, 7.3.2.2.2).
func (s *SPS) parseExtensions(r *bitReader) error {
	rangeExtension, multilayer, threeD, screen := r.flag(), r.flag(), r.flag(), r.flag()
	r.skip(4) // data of later extensions, which a decoder ignores (7.4.3.2.1)
	if rangeExtension {
		s.rotate, s.contextSkip = r.flag(), r.flag()
		s.implicitRDPCM, s.explicitRDPCM = r.flag(), r.flag()
		extended := r.flag()
		s.noSmoothing = r.flag()
		r.skip(1) // high_precision_offsets_enabled_flag, for inter prediction
		s.persistentRice = r.flag()
		aligned := r.flag() // cabac_bypass_alignment_enabled_flag
		if extended || aligned {
			return unsupported("extended precision or aligned bypass bins")
		}
	}
	if multilayer {
		r.skip(1) // inter_view_mv_vert_constraint_flag
	}
	if threeD {
		return unsupported("3D extension")
	}
	if screen { // sps_scc_extension (7.3.2.2.3), whose tools may all be off
		currentPicture, palette := r.flag(), r.flag()
		if currentPicture || palette {
			return unsupported("screen content coding")
		}
		r.skip(2) // motion_vector_resolution_control_idc
		if r.flag() {
			return unsupported("intra prediction without filters at its borders")
		}
	}
	return nil
}

// skipProfiles skips profile_tier_level (7.3.3). subLayers is sps_max_sub_layers_minus1.
func skipProfiles(r *bitReader, subLayers int) {
	const profileBits, levelBits = 88, 8
	r.skip(profileBits + levelBits)
	var profiles, levels [8]bool
	for i := range subLayers {
		profiles[i], levels[i] = r.flag(), r.flag()
	}
	if subLayers > 0 {
		r.skip(2 * (8 - subLayers))
	}
	for i := range subLayers {
		if profiles[i] {
			r.skip(profileBits)
		}
		if levels[i] {
			r.skip(levelBits)
		}
	}
}
