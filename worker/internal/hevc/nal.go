package hevc

import "bytes"

// Types of NAL units (table 7-1).
const (
	nalFirstIRAP   = 16 // BLA_W_LP
	nalIDRWithLP   = 19 // IDR_W_RADL
	nalIDR         = 20 // IDR_N_LP
	nalLastIRAP    = 23
	nalFirstNotVCL = 32
	nalVPS         = 32
	nalSPS         = 33
	nalPPS         = 34
)

// unit is a NAL unit without its header and emulation prevention bytes (7.3.1).
type unit struct {
	kind  int
	layer int    // nuh_layer_id
	data  []byte // raw byte sequence payload
}

// parseUnit reads a NAL unit without a start code or length in front.
func parseUnit(nal []byte) (unit, error) {
	if len(nal) < 2 || nal[0]&0x80 != 0 || nal[1]&7 == 0 {
		return unit{}, corrupt("NAL unit of %d bytes", len(nal))
	}
	u := unit{kind: int(nal[0] >> 1), layer: int(nal[0]&1)<<5 | int(nal[1]>>3)}
	u.data = unescape(nal[2:])
	return u, nil
}

// unescape removes emulation prevention bytes (7.3.1.1): a 3 after two zeros. It returns src itself if there are none.
func unescape(src []byte) []byte {
	var data []byte
	from := 0
	for i := 0; ; i++ {
		next := bytes.IndexByte(src[i:], 3)
		if next < 0 {
			break
		}
		if i += next; i >= from+2 && src[i-1] == 0 && src[i-2] == 0 {
			if data == nil {
				data = make([]byte, 0, len(src))
			}
			data = append(data, src[from:i]...)
			from = i + 1
		}
	}
	if data == nil {
		return src
	}
	return append(data, src[from:]...)
}
