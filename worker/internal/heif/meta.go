package heif

// item is an entry of the meta box: a coded picture, a derived one such as a grid, or metadata.
type item struct {
	kind       string // hvc1, av01, grid and others
	media      string // media type of an item of the kind mime
	method     int    // construction_method (ISO/IEC 14496-12, 8.11.3)
	source     int    // entry of the data reference box that its data are in, or 0 for this file
	extents    []extent
	properties []property // in the order of association
}

type extent struct{ offset, length uint64 }

// property is a descriptive or a transformative one (ISO/IEC 23008-12, 6.5).
type property struct {
	kind      string
	body      []byte
	essential bool
}

// reference is a reference of one kind from an item to others, in order (ISO/IEC 14496-12, 8.11.12).
type reference struct {
	kind string
	from uint32
	to   []uint32
}

// meta holds the contents of the meta box (ISO/IEC 14496-12, 8.11). It shares memory with the file.
type meta struct {
	primary    uint32
	items      map[uint32]*item
	references []reference
	idat       []byte
	foreign    []bool // entries of the data reference box that are other files
	extents    int
	refs       int
}

// readMeta reads the body of a meta box.
func readMeta(body []byte, count *int) (*meta, error) {
	r := reader{data: body}
	r.fullBox()
	m := &meta{items: map[uint32]*item{}}
	var locations []byte // read last, like the associations: both refer to items and properties
	var associations [][]byte
	var ipco []property
	list := boxes{rest: r.data, count: count}
	for {
		kind, body, err := list.next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case "":
			if err := m.readLocations(locations); err != nil {
				return nil, err
			}
			return m, m.associate(associations, ipco)
		case "hdlr":
			if len(body) < 12 || string(body[8:12]) != "pict" {
				return nil, unsupported("no picture")
			}
		case "pitm":
			r := reader{data: body}
			m.primary = r.id(r.version())
			if r.short {
				return nil, corrupt("box %q", kind)
			}
		case "iinf":
			err = m.readItems(body, count)
		case "iloc":
			locations = body
		case "iref":
			err = m.readReferences(body, count)
		case "iprp":
			ipco, associations, err = readProperties(body, count)
		case "idat":
			m.idat = body
		case "dinf":
			err = m.readSources(body, count)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (r *reader) version() int {
	v, _ := r.fullBox()
	return v
}

// id reads the number of an item. It has 16 bits, or 32 from a given box version on.
func (r *reader) id(version int) uint32 {
	if version > 0 {
		return r.u32()
	}
	return uint32(r.u16())
}

// readItems reads an item information box (8.11.6).
func (m *meta) readItems(body []byte, count *int) error {
	r := reader{data: body}
	if r.version() == 0 {
		r.u16()
	} else {
		r.u32()
	}
	list := boxes{rest: r.data, count: count}
	for {
		kind, body, err := list.next()
		if err != nil || kind == "" {
			return err
		}
		if kind != "infe" {
			continue
		}
		r := reader{data: body}
		v := r.version()
		if v < 2 {
			continue // an entry without a type is not a picture
		}
		id := r.id(v - 2)
		protection := r.u16()
		it := &item{kind: r.fourCC()}
		if r.short {
			return corrupt("box %q", kind)
		}
		if it.kind == "mime" {
			r.text() // its name
			it.media = r.text()
		}
		if protection != 0 {
			it.kind = "protected"
		}
		if _, twice := m.items[id]; twice {
			return corrupt("item %d occurs twice", id)
		}
		m.items[id] = it
		if err := checkLimit(Items, len(m.items), maxItems); err != nil {
			return err
		}
	}
}

// readLocations reads an item location box (8.11.3). The items must have been read.
func (m *meta) readLocations(body []byte) error {
	if body == nil {
		return nil
	}
	r := reader{data: body}
	v := r.version()
	sizes := r.u16()
	offsetSize, lengthSize, baseSize, indexSize := sizes>>12, sizes>>8&15, sizes>>4&15, sizes&15
	if v == 0 {
		indexSize = 0
	}
	if v > 2 || offsetSize > 8 || lengthSize > 8 || baseSize > 8 || indexSize > 8 {
		return corrupt("box %q", "iloc")
	}
	n := uint64(r.id(v - 1))
	for range n {
		id := r.id(v - 1)
		method := 0
		if v > 0 {
			method = r.u16() & 15
		}
		source := r.u16()
		base := r.uint(baseSize)
		extents := r.u16()
		if r.short {
			return corrupt("box %q", "iloc")
		}
		it := m.items[id]
		if it == nil {
			it = new(item)
		}
		it.method, it.source, it.extents = method, source, nil
		for range extents {
			m.extents++
			if err := checkLimit(Extents, m.extents, maxExtents); err != nil {
				return err
			}
			r.uint(indexSize)
			e := extent{offset: r.uint(offsetSize), length: r.uint(lengthSize)}
			if e.offset+base < base {
				return corrupt("extent of item %d", id)
			}
			e.offset += base
			it.extents = append(it.extents, e)
		}
	}
	if r.short {
		return corrupt("box %q", "iloc")
	}
	return nil
}

// readSources reads a data information box (8.7.1) with its data references (8.7.2). A reference with its first flag
// set refers to the file itself.
func (m *meta) readSources(body []byte, count *int) error {
	list := boxes{rest: body, count: count}
	for {
		kind, body, err := list.next()
		if err != nil || kind == "" {
			return err
		}
		if kind != "dref" || len(body) < 8 {
			continue
		}
		inner := boxes{rest: body[8:], count: count}
		for {
			kind, body, err := inner.next()
			if err != nil {
				return err
			}
			if kind == "" {
				break
			}
			r := reader{data: body}
			_, flags := r.fullBox()
			m.foreign = append(m.foreign, flags&1 == 0)
		}
	}
}

// isExternal reports whether the data of an item are in another file. A reference to a missing entry counts as one to
// the file itself, as in other readers.
func (m *meta) isExternal(it *item) bool {
	return it.source > 0 && it.source <= len(m.foreign) && m.foreign[it.source-1]
}

// readReferences reads an item reference box (8.11.12).
func (m *meta) readReferences(body []byte, count *int) error {
	r := reader{data: body}
	v := r.version()
	list := boxes{rest: r.data, count: count}
	for {
		kind, body, err := list.next()
		if err != nil || kind == "" {
			return err
		}
		r := reader{data: body}
		ref := reference{kind: kind, from: r.id(v)}
		for range r.u16() {
			m.refs++
			if err := checkLimit(References, m.refs, maxReferences); err != nil {
				return err
			}
			ref.to = append(ref.to, r.id(v))
		}
		if r.short {
			return corrupt("reference %q", kind)
		}
		m.references = append(m.references, ref)
	}
}
