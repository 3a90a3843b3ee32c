package engine

import (
	"math/rand/v2"
	"testing"
)

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		fit              Fit
		box, pic         size
		wantWhole, wantK size
	}{
		{Inside, size{1600, 1600}, size{4000, 3000}, size{1600, 1200}, size{1600, 1200}},
		{Inside, size{1600, 1600}, size{3000, 4000}, size{1200, 1600}, size{1200, 1600}},
		{Inside, size{800, 600}, size{800, 600}, size{800, 600}, size{800, 600}},
		{Inside, size{800, 600}, size{799, 10}, size{799, 10}, size{799, 10}},
		{Inside, size{100, 100}, size{1000, 1}, size{100, 1}, size{100, 1}},
		{Inside, size{100, 100}, size{3, 65535}, size{1, 100}, size{1, 100}},
		{Inside, size{100, 100}, size{1000, 25}, size{100, 3}, size{100, 3}}, // 2.5 goes up
		{Inside, size{100, 100}, size{1000, 24}, size{100, 2}, size{100, 2}},
		{Inside, size{1, 1}, size{5000, 3}, size{1, 1}, size{1, 1}},
		{Inside, size{8192, 8192}, size{65535, 65535}, size{8192, 8192}, size{8192, 8192}},
		{Fill, size{256, 256}, size{4000, 3000}, size{341, 256}, size{256, 256}},
		{Fill, size{256, 256}, size{3000, 4000}, size{256, 341}, size{256, 256}},
		{Fill, size{256, 256}, size{256, 256}, size{256, 256}, size{256, 256}},
		{Fill, size{256, 256}, size{300, 200}, size{300, 200}, size{200, 200}},
		{Fill, size{256, 256}, size{100, 300}, size{100, 300}, size{100, 100}},
		{Fill, size{256, 256}, size{1, 1}, size{1, 1}, size{1, 1}},
		{Fill, size{400, 100}, size{200, 200}, size{200, 200}, size{200, 50}},
		{Fill, size{256, 256}, size{65535, 100}, size{65535, 100}, size{100, 100}},
	} {
		s := Spec{Width: c.box.w, Height: c.box.h, Fit: c.fit}
		if p := s.plan(c.pic); p.whole != c.wantWhole || p.keep != c.wantK || p.out != c.wantK {
			t.Errorf("%v %s %v: %+v, want %v, %v", c.pic, c.fit, c.box, p, c.wantWhole, c.wantK)
		}
	}
}

func TestPlanNeverEnlargesAndNests(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	side := func() int { return 1 + r.IntN(1<<(1+r.IntN(13))) }
	for range 100_000 {
		pic := size{side(), side()}
		var last size
		for i := range 2 {
			s := Spec{Width: side(), Height: side(), Fit: Inside}
			if r.IntN(2) == 0 {
				s.Fit = Fill
			}
			p := s.plan(pic)
			whole, keep := p.whole, p.keep
			box := size{s.Width, s.Height}
			if !pic.covers(whole) || !whole.covers(keep) || !box.covers(keep) || !keep.covers(size{1, 1}) {
				t.Fatalf("%v %s %v: whole %v, keep %v", pic, s.Fit, box, whole, keep)
			}
			if i == 1 && !whole.covers(last) && !last.covers(whole) {
				t.Fatalf("%v: %v and %v do not nest", pic, whole, last)
			}
			last = whole
		}
	}
}

func TestDenominator(t *testing.T) {
	for _, c := range []struct {
		pic, need size
		want      int
	}{
		{size{4000, 3000}, size{1600, 1200}, 2},
		{size{4000, 3000}, size{1777, 1333}, 2},
		{size{4000, 3000}, size{1778, 1334}, 1}, // 2000 is less than 9/8 of it
		{size{8000, 6000}, size{1333, 1000}, 4},
		{size{8000, 6000}, size{1334, 1000}, 2}, // 2000 is less than 3/2
		{size{12800, 9600}, size{800, 600}, 8},
		{size{12800, 9600}, size{801, 600}, 4}, // 1600 is less than twice as much
		{size{25600, 19200}, size{1600, 1200}, 8},
		{size{3599, 1}, size{1600, 1}, 1}, // neither side may lack any
		{size{5, 5}, size{5, 5}, 1},
	} {
		if got := denominator(c.pic, c.need); got != c.want {
			t.Errorf("%v for %v: 1/%d, want 1/%d", c.pic, c.need, got, c.want)
		}
	}
}
