package hevc

import (
	"math/rand/v2"
	"testing"
)

// levelStream returns data with long runs of ones, which make large values frequent.
func levelStream(r *rand.Rand, n int) []byte {
	data := make([]byte, n)
	ones := 0
	for i := range data {
		data[i] = uint8(r.Uint32())
		if r.IntN(8) == 0 {
			ones = r.IntN(7)
		}
		if ones--; ones > 0 {
			data[i] = 0xff
		}
	}
	return data
}

// TestBypasses compares runs of bins without a context with the same bins decoded one by one, for every range.
func TestBypasses(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for width := uint32(256); width <= 510; width++ {
		for n := 0; n <= 32; n++ {
			fast := cabac{data: levelStream(r, 24), width: width, ahead: -9}
			fast.fill()
			fast.value = fast.value % (uint64(width) << fast.ahead) // below the range, as the engine keeps it
			if n%4 == 0 {
				fast.value = uint64(width)<<fast.ahead - 1 // all bins are 1
			}
			slow := fast
			for range 5 {
				var want uint32
				for range n {
					want = want<<1 | slow.bypass()
				}
				if got := fast.bypasses(n); got != want {
					t.Fatalf("range %d: %d bins are %#x, want %#x", width, n, got, want)
				}
			}
			if got, want := fast.bypass(), slow.bypass(); got != want || fast.nextByte() != slow.nextByte() {
				t.Fatalf("range %d: %d bins leave the engine elsewhere", width, n)
			}
		}
	}
}

// plainLevels reads and scales coefficients as 7.3.8.11, 9.3.3.11, 9.3.4.2.6 and 8.6.3 describe: one bin after another.
func plainLevels(c *coder, s *residualScan, i int, found []uint8, set int) (values []int, ok bool) {
	chroma := min(s.block.component, 1)
	base := make([]int, len(found))
	greater1Ctx, firstGreater := 1, -1
	for k := range found {
		base[k] = 1
		if k >= 8 {
			continue
		}
		flag := c.bin(&c.states[ctxGreater1+16*chroma+4*set+greater1Ctx])
		base[k] += int(flag)
		switch {
		case flag != 0:
			greater1Ctx = 0
			if firstGreater < 0 {
				firstGreater = k
			}
		case greater1Ctx > 0:
			greater1Ctx = min(greater1Ctx+1, 3)
		}
	}
	s.greater1 = uint8(greater1Ctx)
	if firstGreater >= 0 {
		base[firstGreater] += int(c.bin(&c.states[ctxGreater2+4*chroma+set]))
	}
	hidden := s.hiding && found[0]-found[len(found)-1] > 3
	negative := make([]bool, len(found))
	for k := range found {
		if !hidden || k < len(found)-1 {
			negative[k] = c.bypass() != 0
		}
	}
	stat, rice, first, sum := &c.stat[s.statAt], 0, true, 0
	if c.sps.persistentRice {
		rice = int(*stat) / 4
	}
	for k := range found {
		complete := 1
		if k < 8 {
			complete = 2
			if k == firstGreater || firstGreater < 0 {
				complete = 3
			}
		}
		if base[k] == complete {
			prefix := 0
			for c.bypass() != 0 {
				if prefix++; prefix > 31 {
					return nil, false
				}
			}
			bits, v := rice, prefix<<rice
			if prefix > 3 {
				bits, v = prefix-3+rice, (1<<(prefix-3)+2)<<rice
			}
			if bits > 32 {
				return nil, false
			}
			suffix := 0
			for range bits {
				suffix = suffix<<1 | int(c.bypass())
			}
			v += suffix
			base[k] += v
			if base[k] > 3<<rice {
				rice++
				if !c.sps.persistentRice {
					rice = min(rice, 4)
				}
			}
			if first && c.sps.persistentRice {
				if v >= 3<<(*stat/4) {
					*stat++
				} else if 2*v < 1<<(*stat/4) && *stat > 0 {
					*stat--
				}
			}
			first = false
		}
		sum += base[k]
		v := base[k]
		if negative[k] || hidden && k == len(found)-1 && sum%2 != 0 {
			v = -v
		}
		values = append(values, v)
	}
	return values, true
}

// TestParseLevels compares the coefficients that parseLevels reads with those of the plain procedure.
func TestParseLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	large, refused := 0, 0
	for range 8000 {
		sps := &SPS{persistentRice: r.IntN(3) == 0}
		b := &transformBlock{component: r.IntN(3), log2: 2 + r.IntN(4)}
		fast := &coder{frame: &frame{sps: sps}}
		for i := range fast.states {
			fast.states[i] = uint8(r.IntN(126))
		}
		fast.stat = [4]uint8{uint8(r.IntN(8)), uint8(r.IntN(20)), uint8(r.IntN(40)), uint8(r.IntN(8))}
		fast.start(levelStream(r, 8+r.IntN(120)), 0)
		fast.value %= uint64(fast.width) << fast.ahead

		last := r.IntN(16)
		found := []uint8{uint8(last)}
		for k := last - 1; k >= 0; k-- {
			if r.IntN(3) > 0 {
				found = append(found, uint8(k))
			}
		}
		side := 1 << (b.log2 - 2)
		x, y, i := r.IntN(side), r.IntN(side), r.IntN(2)
		s := residualScan{block: b, order: r.IntN(scanCount), hiding: r.IntN(2) == 0, statAt: r.IntN(4),
			first: r.IntN(2) == 0, greater1: uint8(r.IntN(4)), scale: 1}
		s.offsets = &scanOffsets[s.order][b.log2-2]
		switch r.IntN(3) {
		case 0: // neither scaled nor shifted
		case 1:
			s.scale, s.shift = 16*(40+r.IntN(2000)), 3+r.IntN(10)
		case 2:
			s.scale, s.shift, s.factors = 40+r.IntN(2000), 3+r.IntN(10), make([]uint8, 1<<(2*b.log2))
			for i := range s.factors {
				s.factors[i] = uint8(r.Uint32())
			}
		}
		set := 0
		if i > 0 && b.component == 0 {
			set = 2
		}
		if !s.first && s.greater1 == 0 {
			set++
		}
		slow, plain := *fast, s
		values, ok := plainLevels(&slow, &plain, i, found, set)

		var array [16]uint8
		copy(array[:], found)
		if err := fast.parseLevels(&s, i, x, y, &array, len(found)); (err == nil) != ok {
			t.Fatalf("got the error %v, want %v", err, !ok)
		}
		if !ok {
			refused++
			continue
		}
		var want [1024]int16
		for k, at := range found {
			p := scans[s.order][2][at]
			to := (4*y+int(p.y))<<b.log2 + 4*x + int(p.x)
			v := min(max(values[k], -32768), 32767)
			if values[k] != v {
				large++
			}
			v *= s.scale
			if s.factors != nil {
				v *= int(s.factors[to])
			}
			if s.shift > 0 {
				v = (v + 1<<(s.shift-1)) >> s.shift
			}
			want[to] = int16(min(max(v, -32768), 32767))
		}
		if fast.coefs != want {
			t.Fatalf("block of %d, %d coefficients: other values", 1<<b.log2, len(found))
		}
		if fast.states != slow.states || fast.stat != slow.stat || s.greater1 != plain.greater1 ||
			fast.width != slow.width || fast.nextByte() != slow.nextByte() || fast.bypasses(8) != slow.bypasses(8) {
			t.Fatal("the engine is in another state")
		}
	}
	if large < 10 || refused < 10 {
		t.Errorf("%d values out of range and %d refused blocks: too few for a test", large, refused)
	}
}
