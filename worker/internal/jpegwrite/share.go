package jpegwrite

// codeTable is a Huffman table of the file, which one or several scans use.
type codeTable struct {
	huffman
	counts [256]uint32 // count of each symbol in these scans
	cost   int         // bits of the table itself and of its codes
	number int         // number among the tables of its class in the file
	sent   bool        // is in the file
}

// tableBytes is the size of a table without its symbols (B.2.4.2).
const tableBytes = 1 + maxCodeBits

func newCodeTable(counts *[256]uint32) codeTable {
	t := codeTable{huffman: newHuffman(counts), counts: *counts}
	t.cost = 8 * (tableBytes + len(t.symbols))
	at := 0
	for length, n := range t.lengths {
		for _, symbol := range t.symbols[at : at+n] {
			t.cost += length * int(counts[symbol])
		}
		at += n
	}
	return t
}

// codeTables has the tables of a class that a decoder holds at some point of the file.
type codeTables struct {
	held []*codeTable
	most int // number of tables that a decoder can hold
	next int // index of the table to replace next, once limit is reached
}

// add returns a table for the given counts of symbols. It shares the table of earlier scans if one table for all takes
// fewer bits than two, and otherwise makes a new one. A small picture thus has fewer tables.
func (c *codeTables) add(counts *[256]uint32) *codeTable {
	alone := newCodeTable(counts)
	least := alone.cost
	var shared *codeTable
	var joint codeTable
	for _, t := range c.held {
		sum := t.counts
		for i, n := range counts {
			sum[i] += n
		}
		if both := newCodeTable(&sum); both.cost-t.cost < least {
			least, shared, joint = both.cost-t.cost, t, both
		}
	}
	if shared != nil {
		joint.number = shared.number
		*shared = joint
		return shared
	}
	if len(c.held) < c.most {
		alone.number = len(c.held)
		c.held = append(c.held, &alone)
		return &alone
	}
	alone.number = c.next
	c.held[c.next] = &alone
	c.next = (c.next + 1) % c.most
	return &alone
}

// scanTables are the tables of a scan: one of each class for luma, and one for the colours. Tables that it does not
// need are nil.
type scanTables [2][2]*codeTable

// tableClasses says where the tokens of a class of tables begin.
var tableClasses = [2]int{dcCodes, acCodes}

// assignTables makes the tables of all scans. Their tokens must be complete.
func (e *encoder) assignTables() []scanTables {
	most := 2 // limit of a baseline file (table B.5)
	if e.progressive {
		most = 4
	}
	classes := [2]codeTables{{most: most}, {most: most}}
	tables := make([]scanTables, len(e.scans))
	for i, s := range e.scans {
		for class, first := range tableClasses {
			for colour := range 2 {
				at := first + colour<<8
				counts := (*[256]uint32)(s.tokens.counts[at : at+256])
				if *counts != [256]uint32{} {
					tables[i][class][colour] = classes[class].add(counts)
				}
			}
		}
	}
	return tables
}

// codes returns the codes of the tokens of a scan, and how many bits these take.
func (s *scan) codes(tables scanTables, progressive bool) (codes *[indexes]code, bits int) {
	codes = new([indexes]code)
	for class, first := range tableClasses {
		extra := dcExtra
		if class == 1 {
			extra = acExtra
			if progressive {
				extra = bandExtra
			}
		}
		for colour, t := range tables[class] {
			if t != nil {
				at := first + colour<<8
				t.codes(codes[at:at+256], extra)
			}
		}
	}
	for n := range indexes - bitCodes {
		codes[bitCodes+n] = code(n)
	}
	for i, n := range s.tokens.counts {
		bits += int(n) * codes[i].bits()
	}
	return codes, bits
}
