package heif

import "fmt"

// readProperties reads an item properties box (ISO/IEC 23008-12, 9.3). It may have several associations, of different
// versions or flags.
func readProperties(body []byte, count *int) (ipco []property, ipma [][]byte, err error) {
	list := boxes{rest: body, count: count}
	for {
		kind, body, err := list.next()
		if err != nil || kind == "" {
			return ipco, ipma, err
		}
		switch kind {
		case "ipma":
			ipma = append(ipma, body)
		case "ipco":
			inner := boxes{rest: body, count: count}
			for {
				kind, body, err := inner.next()
				if err != nil {
					return nil, nil, err
				}
				if kind == "" {
					break
				}
				ipco = append(ipco, property{kind: kind, body: body})
				if err := checkLimit(Properties, len(ipco), maxProperties); err != nil {
					return nil, nil, err
				}
			}
		}
	}
}

// associate gives the items their properties (ISO/IEC 23008-12, 9.3.1). An item should have only one entry in all
// boxes. If it has several, the first counts.
func (m *meta) associate(boxes [][]byte, ipco []property) error {
	seen, entries := map[uint32]bool{}, 0
	for _, ipma := range boxes {
		r := reader{data: ipma}
		v, flags := r.fullBox()
		for range r.u32() {
			entries++
			if err := checkLimit(Properties, entries, maxAssociated); err != nil {
				return err
			}
			id := r.id(v)
			it := m.items[id]
			if seen[id] {
				it = nil
			}
			if err := r.associations(it, flags&1 != 0, ipco); err != nil {
				return fmt.Errorf("item %d: %w", id, err)
			}
			if r.short {
				return corrupt("box %q", "ipma")
			}
			if it != nil {
				seen[id] = true
			}
		}
		if r.short {
			return corrupt("box %q", "ipma")
		}
	}
	return nil
}

// associations reads the properties of an item. Properties are numbered from 1. The item may be nil.
func (r *reader) associations(it *item, long bool, ipco []property) error {
	for range r.u8() {
		size, top := 1, 0x80
		if long {
			size, top = 2, 0x8000
		}
		n := int(r.uint(size))
		index, essential := n&^top, n&top != 0
		if it == nil || index == 0 {
			continue
		}
		if index > len(ipco) {
			return corrupt("property %d of %d", index, len(ipco))
		}
		p := ipco[index-1]
		p.essential = essential
		it.properties = append(it.properties, p)
		if err := checkLimit(Properties, len(it.properties), maxAssociations); err != nil {
			return err
		}
	}
	return nil
}
