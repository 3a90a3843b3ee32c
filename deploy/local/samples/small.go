package samples

import (
	"fmt"
	"image/color"
	"math/rand/v2"

	"darkroom/worker/photo"
)

// Small returns a picture of a few thousand pixels that is cheap to draw, for tests with thousands of photos. It is a
// JPEG in any orientation, a PNG with or without a hole, a GIF or a WebP. The seed decides everything, including the
// colours of the quarters, so [Sample.Check] tells the variants of two pictures apart.
func Small(seed uint64) (Sample, error) {
	random := rand.New(rand.NewPCG(seed, 0))
	r := recipe{
		name: fmt.Sprintf("small-%d", seed), seed: uint32(seed),
		width: 40 + random.IntN(220), height: 40 + random.IntN(220),
	}
	if random.IntN(10) == 0 { // larger than the smaller variants
		r.width, r.height = 2*r.width, 2*r.height
	}
	switch kind := random.IntN(10); {
	case kind < 6:
		r.format, r.orientation, r.progressive = photo.JPEG, uint8(random.IntN(9)), kind < 2
	case kind < 8:
		r.format, r.hole = photo.PNG, kind == 6
	case kind == 8:
		r.format = photo.GIF
	default:
		r.format = photo.WebP
	}
	r.quarters = new([4]color.NRGBA)
	for i := range r.quarters {
		level := func() uint8 { return uint8(30 + random.IntN(196)) }
		r.quarters[i] = color.NRGBA{level(), level(), level(), 255}
	}
	return r.sample()
}

// SmallBad returns a file that must be rejected. The seed selects the reason. Like [Small] it is cheap to draw.
func SmallBad(seed uint64) (Sample, error) {
	name := fmt.Sprintf("bad-%d", seed)
	r := recipe{name: name, width: 160, height: 120, seed: uint32(seed), format: photo.JPEG}
	switch seed % 4 {
	case 0:
		whole, err := r.sample()
		if err != nil {
			return Sample{}, err
		}
		return truncated(name, whole.Bytes), nil
	case 1:
		r.format = photo.PNG
		whole, err := r.sample()
		if err != nil {
			return Sample{}, err
		}
		return damaged(name, whole.Bytes), nil
	case 2:
		s := Notes(name)
		s.Bytes = fmt.Appendf(s.Bytes, "%d\n", seed)
		return s, nil
	default:
		return Sample{Name: name, ContentType: photo.WebP.ContentType(),
			Bytes: plainWebP(16_383, 16_383-int(seed%64), colours[0]),
			State: photo.Rejected, Reason: photo.ReasonTooManyPixels}, nil
	}
}
