package jpegwrite

import "slices"

// encoder holds the state of one Encode.
type encoder struct {
	picture      Picture
	tables       [2]Table // tables of luma and of the colours
	components   []*component
	mcusX, mcusY int
	mcuBlocks    int // blocks of an MCU in an interleaved scan of all planes
	progressive  bool
	scans        []*scan
}

// scan is a scan of the file with its tokens.
type scan struct {
	Scan
	tokens *tokens
	coder  coder
}

// coder turns coefficients into tokens.
type coder interface {
	row(e *encoder, t *tokens) // codes the row of MCUs that the components hold
	end(t *tokens)             // adds the tokens that are still pending
}

func (s *scan) tokenise(e *encoder) { s.coder.row(e, s.tokens) }

func newEncoder(p Picture, o Options) (*encoder, error) {
	tables, err := o.tables()
	if err != nil {
		return nil, err
	}
	if err := o.checkSegments(); err != nil {
		return nil, err
	}
	if len(p.Planes) == 1 {
		p.SampleX, p.SampleY = 1, 1
	}
	e := &encoder{picture: p, tables: [2]Table{tables.Luma, tables.Colour}, progressive: o.Progressive}
	e.mcusX, e.mcusY = (p.Width+8*p.SampleX-1)/(8*p.SampleX), (p.Height+8*p.SampleY-1)/(8*p.SampleY)
	div := [2]*divisors{newDivisors(&tables.Luma, &tables.LumaRounding), newDivisors(&tables.Colour, &tables.ColourRounding)}
	for i := range p.Planes {
		c := newComponent(p, i, div[min(i, 1)], e.mcusX)
		e.components = append(e.components, c)
		e.mcuBlocks += c.h * c.v
	}
	return e, e.plan(o.Script)
}

// plan makes the scans.
func (e *encoder) plan(script []Scan) error {
	if !e.progressive {
		s := Scan{Last: 63}
		for i := range e.components {
			s.Planes = append(s.Planes, i)
		}
		e.addScan(s, &sequentialScan{predictions: make([]int32, len(e.components))})
		return nil
	}
	if script == nil {
		script = defaultScript
	}
	if err := checkScript(script, len(e.components)); err != nil {
		return err
	}
	for _, s := range script {
		s.Planes = slices.DeleteFunc(slices.Clone(s.Planes), func(i int) bool { return i >= len(e.components) })
		switch {
		case len(s.Planes) == 0:
		case s.First == 0:
			e.addScan(s, &dcScan{Scan: s, predictions: make([]int32, len(e.components))})
		default:
			e.addScan(s, newACScan(s, e.components[s.Planes[0]]))
		}
	}
	return nil
}

// addScan appends a scan. It has at most a token for each coefficient.
func (e *encoder) addScan(s Scan, c coder) {
	blocks := 0
	for _, i := range s.Planes {
		blocks += e.mcusX * e.mcusY * e.components[i].h * e.components[i].v
	}
	e.scans = append(e.scans, &scan{Scan: s, tokens: newTokens(blocks * (s.Last - s.First + 1)), coder: c})
}

// transform makes the blocks of a row of MCUs.
func (e *encoder) transform(row int) {
	precisions := 1
	if e.progressive {
		precisions = levels
	}
	for _, c := range e.components {
		c.transform(row, precisions)
	}
}
