package engine

import (
	"math/rand/v2"
	"testing"
)

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		fit              Fit
		box, pic         size
		wantWhole, wantK size
	}{
		{Inside, dim(1600, 1600), dim(4000, 3000), dim(1600, 1200), dim(1600, 1200)},
		{Inside, dim(1600, 1600), dim(3000, 4000), dim(1200, 1600), dim(1200, 1600)},
		{Inside, dim(800, 600), dim(800, 600), dim(800, 600), dim(800, 600)},
		{Inside, dim(800, 600), dim(799, 10), dim(799, 10), dim(799, 10)},
		{Inside, dim(100, 100), dim(1000, 1), dim(100, 1), dim(100, 1)},
		{Inside, dim(100, 100), dim(3, 65535), dim(1, 100), dim(1, 100)},
		{Inside, dim(100, 100), dim(1000, 25), dim(100, 3), dim(100, 3)}, // 2.5 goes up
		{Inside, dim(100, 100), dim(1000, 24), dim(100, 2), dim(100, 2)},
		{Inside, dim(1, 1), dim(5000, 3), dim(1, 1), dim(1, 1)},
		{Inside, dim(8192, 8192), dim(65535, 65535), dim(8192, 8192), dim(8192, 8192)},
		{Fill, dim(256, 256), dim(4000, 3000), dim(341, 256), dim(256, 256)},
		{Fill, dim(256, 256), dim(3000, 4000), dim(256, 341), dim(256, 256)},
		{Fill, dim(256, 256), dim(256, 256), dim(256, 256), dim(256, 256)},
		{Fill, dim(256, 256), dim(300, 200), dim(300, 200), dim(200, 200)},
		{Fill, dim(256, 256), dim(100, 300), dim(100, 300), dim(100, 100)},
		{Fill, dim(256, 256), dim(1, 1), dim(1, 1), dim(1, 1)},
		{Fill, dim(400, 100), dim(200, 200), dim(200, 200), dim(200, 50)},
		{Fill, dim(256, 256), dim(65535, 100), dim(65535, 100), dim(100, 100)},
	} {
		s := Spec{Width: c.box.Width, Height: c.box.Height, Fit: c.fit}
		if p := s.place(c.pic); p.whole != c.wantWhole || p.partSize() != c.wantK || p.out != c.wantK {
			t.Errorf("%v %s %v: %+v, want %v, %v", c.pic, c.fit, c.box, p, c.wantWhole, c.wantK)
		}
	}
}

func TestPlaceNeverEnlargesAndNests(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	side := func() int { return 1 + r.IntN(1<<(1+r.IntN(13))) }
	for range 100_000 {
		pic := dim(side(), side())
		var last size
		for i := range 2 {
			s := Spec{Width: side(), Height: side(), Fit: Inside}
			if r.IntN(2) == 0 {
				s.Fit = Fill
			}
			p := s.place(pic)
			whole, keep := p.whole, p.partSize()
			box := dim(s.Width, s.Height)
			if !pic.Covers(whole) || !whole.Covers(keep) || !box.Covers(keep) || !keep.Covers(dim(1, 1)) {
				t.Fatalf("%v %s %v: whole %v, keep %v", pic, s.Fit, box, whole, keep)
			}
			if i == 1 && !whole.Covers(last) && !last.Covers(whole) {
				t.Fatalf("%v: %v and %v do not nest", pic, whole, last)
			}
			last = whole
		}
	}
}
