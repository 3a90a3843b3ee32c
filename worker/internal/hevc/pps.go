package hevc

// pps is a picture parameter set (7.3.2.3), with values derived from it and its sequence parameter set.
type pps struct {
	sps *SPS

	dependentSlices, outputFlag bool
	extraSliceBits              int
	signHiding                  bool
	initQP                      int // 26 + init_qp_minus26
	constrainedIntra            bool
	transformSkip               bool
	cuQPDelta                   bool
	log2QPGroup                 int // Log2MinCuQpDeltaSize
	qpOffset                    [3]int
	sliceQPOffsets              bool
	bypass                      bool // transquant_bypass_enabled_flag
	tiles, wavefront            bool
	acrossTiles, acrossSlices   bool
	deblockingOverride          bool
	deblockingOff               bool
	betaOffset, tcOffset        int // doubled already
	scaling                     *scalingFactors
	sliceExtension              bool

	// Range extension (7.3.2.3.2).
	log2MaxSkip     int // Log2MaxTransformSkipSize
	crossComponent  bool
	log2ChromaGroup int // Log2MinCuChromaQpOffsetSize
	chromaOffsets   [][2]int
	log2OffsetScale [2]int // log2_sao_offset_scale_luma and _chroma

	// Tiles (6.5.1).
	columns, rows []int // first coding tree block of each, followed by the number of blocks
	toRaster      []int // CtbAddrTsToRs
	toTile        []int // CtbAddrRsToTs
	tileID        []int // TileId, by raster address
	tileX         []int // first column of the tile, by column
}

// parsePPS reads a picture parameter set. sets holds the sequence parameter sets by their number.
func parsePPS(data []byte, sets *[16]*SPS) (*pps, error) {
	r := &bitReader{data: data}
	p := &pps{acrossTiles: true, log2MaxSkip: 2}
	r.number(63) // pps_pic_parameter_set_id
	s := sets[r.number(15)]
	if s == nil {
		return nil, corrupt("picture parameter set without a sequence parameter set")
	}
	p.sps = s
	p.dependentSlices, p.outputFlag = r.flag(), r.flag()
	p.extraSliceBits = int(r.u(3))
	p.signHiding = r.flag()
	r.skip(1) // cabac_init_present_flag
	r.number(14)
	r.number(14)
	p.initQP = 26 + r.signed(-26-6*(s.Depth-8), 25)
	p.constrainedIntra, p.transformSkip = r.flag(), r.flag()
	p.log2QPGroup = s.log2CTB
	if p.cuQPDelta = r.flag(); p.cuQPDelta {
		p.log2QPGroup -= r.number(s.log2CTB - s.log2MinCB)
	}
	p.qpOffset[1], p.qpOffset[2] = r.signed(-12, 12), r.signed(-12, 12)
	p.sliceQPOffsets = r.flag()
	r.skip(2) // weighted prediction
	p.bypass, p.tiles, p.wavefront = r.flag(), r.flag(), r.flag()
	uniform := true
	columns, rows := 1, 1
	if p.tiles {
		columns, rows = r.number(s.ctbColumns-1)+1, r.number(s.ctbRows-1)+1
		uniform = r.flag()
	}
	p.columns, p.rows = uniformTiles(columns, s.ctbColumns), uniformTiles(rows, s.ctbRows)
	if !uniform {
		givenTiles(r, p.columns)
		givenTiles(r, p.rows)
	}
	if p.tiles {
		p.acrossTiles = r.flag()
	}
	p.acrossSlices = r.flag()
	if r.flag() { // deblocking_filter_control_present_flag
		p.deblockingOverride, p.deblockingOff = r.flag(), r.flag()
		if !p.deblockingOff {
			p.betaOffset, p.tcOffset = 2*r.signed(-6, 6), 2*r.signed(-6, 6)
		}
	}
	p.scaling = s.scaling
	if r.flag() { // pps_scaling_list_data_present_flag
		scaling, err := parseScaling(r, s.Chroma)
		if err != nil {
			return nil, err
		}
		if s.scaling != nil {
			p.scaling = scaling
		}
	}
	r.skip(1)   // lists_modification_present_flag
	r.number(4) // log2_parallel_merge_level_minus2
	p.sliceExtension = r.flag()
	if r.flag() {
		if err := p.parseExtensions(r); err != nil {
			return nil, err
		}
	}
	if r.pastEnd() {
		return nil, corrupt("picture parameter set ends early or has a value out of range")
	}
	p.order()
	return p, nil
}

// parseExtensions reads the extensions of the set (7.3.2.3.1, 7.3.2.3.2).
func (p *pps) parseExtensions(r *bitReader) error {
	rangeExtension, multilayer, threeD, screen := r.flag(), r.flag(), r.flag(), r.flag()
	r.skip(4)
	if rangeExtension {
		if p.transformSkip {
			p.log2MaxSkip = r.number(3) + 2
		}
		p.crossComponent = r.flag()
		if p.crossComponent && p.sps.Chroma != Chroma444 {
			return corrupt("cross-component prediction without 4:4:4")
		}
		if r.flag() { // chroma_qp_offset_list_enabled_flag
			p.log2ChromaGroup = p.sps.log2CTB - r.number(p.sps.log2CTB-p.sps.log2MinCB)
			for range r.number(5) + 1 {
				p.chromaOffsets = append(p.chromaOffsets, [2]int{r.signed(-12, 12), r.signed(-12, 12)})
			}
		}
		p.log2OffsetScale = [2]int{r.number(max(0, p.sps.Depth-10)), r.number(max(0, p.sps.ChromaDepth-10))}
	}
	if multilayer || threeD {
		return unsupported("multilayer or 3D extension")
	}
	if screen { // pps_scc_extension (7.3.2.3.3), whose tools may all be off
		if currentPicture, colourTransform, palette := r.flag(), r.flag(), r.flag(); currentPicture || colourTransform || palette {
			return unsupported("screen content coding")
		}
	}
	return nil
}

// uniformTiles returns where each of n columns or rows of tiles begins, and where the last one ends (6-3, 6-4).
func uniformTiles(n, blocks int) []int {
	bounds := make([]int, n+1)
	for i := range bounds {
		bounds[i] = i * blocks / n
	}
	return bounds
}

// givenTiles reads where each column or row of tiles begins, in coding tree blocks (7.3.2.3.1).
func givenTiles(r *bitReader, bounds []int) {
	last := len(bounds) - 1
	for i := 1; i < last; i++ {
		bounds[i] = bounds[i-1] + r.number(bounds[last]-bounds[i-1]-(last-i)-1) + 1
	}
}

// order derives the address conversions (6.5.1).
func (p *pps) order() {
	s := p.sps
	n := s.ctbColumns * s.ctbRows
	p.toRaster, p.toTile, p.tileID = make([]int, n), make([]int, n), make([]int, n)
	p.tileX = make([]int, s.ctbColumns)
	for i, first := range p.columns[:len(p.columns)-1] {
		fillRow(p.tileX[first:p.columns[i+1]], first)
	}
	ts, tile := 0, 0
	for row := range len(p.rows) - 1 {
		for column := range len(p.columns) - 1 {
			for y := p.rows[row]; y < p.rows[row+1]; y++ {
				for x := p.columns[column]; x < p.columns[column+1]; x++ {
					rs := y*s.ctbColumns + x
					p.toRaster[ts], p.toTile[rs], p.tileID[rs] = rs, ts, tile
					ts++
				}
			}
			tile++
		}
	}
}
