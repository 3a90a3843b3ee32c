package heif

import "encoding/binary"

// aperture crops to a clean aperture (ISO/IEC 14496-12, 12.1.4). The property gives the size of the aperture, and the
// distance of its centre from that of the picture, as fractions. The standard does not say which pixels an aperture
// contains if its edge lies within a pixel. Like libheif, aperture rounds the size to the nearest, the left edge down,
// and the upper edge to the nearest with halves upwards. It leaves out anything beyond the picture.
func (l layout) aperture(body []byte) (layout, error) {
	if len(body) < 32 {
		return l, corrupt("property %q", "clap")
	}
	var n, d [4]int64
	for i := range n {
		n[i] = int64(int32(binary.BigEndian.Uint32(body[8*i:])))
		d[i] = int64(int32(binary.BigEndian.Uint32(body[8*i+4:])))
		if d[i] <= 0 || d[i] > 1<<16 {
			return l, corrupt("property %q", "clap")
		}
	}
	left, width, ok := apertureEdge(int64(l.width), n[0], d[0], n[2], d[2], false)
	top, height, okY := apertureEdge(int64(l.height), n[1], d[1], n[3], d[3], true)
	if !ok || !okY {
		return l, corrupt("clean aperture outside the picture")
	}
	return l.followedBy(cropLayout(int(left), int(top), int(width), int(height))), nil
}

// apertureEdge returns where an aperture of n/d pixels begins along a side of the picture, if its centre is moved by
// on/od, and how long it is. It calculates in parts of 1/(2*d*od), which is exact: within the limits of aperture and of
// the side, no term exceeds 2^50.
func apertureEdge(side, n, d, on, od int64, nearest bool) (from, length int64, ok bool) {
	if n <= 0 || n/d > 2*maxSide || on/od > 2*maxSide || -on/od > 2*maxSide {
		return 0, 0, false
	}
	begin, unit := side*d*od-n*od+2*on*d, 2*d*od
	if nearest {
		begin += d * od
	}
	from = floor(begin, unit)
	to := min(from+floor(2*n+d, 2*d), side)
	from = max(from, 0)
	return from, to - from, from < to
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
