package jpegscan

// tables are the Huffman tables of a file. The scans of a progressive picture are decoded side by side, so a table that
// a scan uses stays unchanged when the file defines another table with the same index.
type tables struct {
	current [2][4]*huffman // first index: class; nil where the file has defined none
	inUse   [2][4]bool
	all     []*huffman // tables of this file, then of earlier ones; the first taken belong to this file
	taken   int
}

// keptTables is how many Huffman tables are kept for the next file. Few files have more.
const keptTables = 24

// define returns the table to read a definition into.
func (t *tables) define(class, id byte) *huffman {
	if t.current[class][id] == nil || t.inUse[class][id] {
		if t.taken == len(t.all) {
			t.all = append(t.all, new(huffman))
		}
		t.current[class][id], t.inUse[class][id] = t.all[t.taken], false
		t.taken++
	}
	return t.current[class][id]
}

// undefine forgets the definition of a table.
func (t *tables) undefine(class, id byte) { t.current[class][id] = nil }

// table returns a table that a scan uses, or nil if there is none. If typical is true, the typical tables replace those
// that the file has not defined.
func (t *tables) table(class, id byte, typical bool) *huffman {
	if t.current[class][id] == nil && typical && id < 2 {
		s := &typicalTables[class][id]
		t.define(class, id).set(s.counts, []byte(s.symbols))
	}
	h := t.current[class][id]
	if h != nil {
		h.build(class == 1)
		t.inUse[class][id] = true
	}
	return h
}

// forget makes the tables ready for another file.
func (t *tables) forget() {
	t.current, t.inUse, t.taken = [2][4]*huffman{}, [2][4]bool{}, 0
	if len(t.all) > keptTables {
		clear(t.all[keptTables:])
		t.all = t.all[:keptTables]
	}
}
