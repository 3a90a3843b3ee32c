package gainmap

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
)

// appleEXIF returns an EXIF block with a maker note of two numbers, in thousandths.
func appleEXIF(order binary.AppendByteOrder, hdr, gain int32) []byte {
	be := binary.BigEndian
	note := be.AppendUint16([]byte(applePrefix), 2)
	for i, tag := range []uint16{tagHDR, tagGain} {
		note = be.AppendUint32(be.AppendUint16(be.AppendUint16(note, tag), typeSignedRational), 1)
		note = be.AppendUint32(note, uint32(len(applePrefix)+2+2*12+8*i))
	}
	for _, v := range []int32{hdr, gain} {
		note = be.AppendUint32(be.AppendUint32(note, uint32(v)), 1000)
	}
	b := []byte("MM\x00*")
	if order.AppendUint16(nil, 1)[0] == 1 {
		b = []byte("II*\x00")
	}
	directory := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(order.AppendUint16(order.AppendUint16(b, 1), tag), kind)
		b = order.AppendUint32(order.AppendUint32(order.AppendUint32(b, count), value), 0)
	}
	b = order.AppendUint32(b, 8)
	directory(tagEXIF, 4, 1, 26)
	directory(tagMakerNote, 7, uint32(len(note)), 44)
	return append(b, note...)
}

// TestApple compares the headroom with results of Apple's formula worked out by hand, and the gain of each sample with
// Apple's.
func TestApple(t *testing.T) {
	for _, tc := range []struct {
		hdr, gain int32 // thousandths
		stops     float64
	}{{500, 0, 1.8}, {500, 10, 1.6}, {500, 1000, 1.5}, {1000, 0, 3}, {1200, 10, 2.3}, {1200, 1000, 2}, {999, 5, 1.7}} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			m, curve, err := Apple(append([]byte("Exif\x00\x00"), appleEXIF(order, tc.hdr, tc.gain)...))
			if err != nil || math.Abs(m.AlternateHeadroom.Float()-tc.stops) > 1e-6 || m.Channels[0].Max != m.AlternateHeadroom || len(m.Channels) != 1 {
				t.Fatalf("%+v: %+v, %v", tc, m, err)
			}
			for v, c := range curve {
				want := 1 + (math.Exp2(tc.stops)-1)*linear709(float64(v)/255)
				if got := math.Exp2(tc.stops * float64(c) / 255); math.Abs(math.Log2(got/want)) > tc.stops/255/2+1e-6 {
					t.Fatalf("%+v: sample %d multiplies by %.3f, want %.3f", tc, v, got, want)
				}
			}
			if curve[0] != 0 || curve[255] != 255 {
				t.Errorf("%+v: curve from %d to %d", tc, curve[0], curve[255])
			}
		}
	}
	if _, _, err := Apple(appleEXIF(binary.BigEndian, 1200, 8000)); !errors.Is(err, ErrNone) {
		t.Errorf("no headroom: %v", err)
	}
	whole := appleEXIF(binary.LittleEndian, 1200, 1000)
	for n := range whole {
		if _, _, err := Apple(whole[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

// TestFindApple finds the gain map of an iPhone's JPEG, which has the headroom in the first picture and the type in the
// second.
func TestFindApple(t *testing.T) {
	typed := second(xmpSegment(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><apdi:AuxiliaryImageType>` + AppleType + `</apdi:AuxiliaryImageType></x:xmpmeta>`))
	exif := appendSegment(nil, markerAPP1, []byte("Exif\x00\x00"), appleEXIF(binary.BigEndian, 1200, 1000))
	for name, tc := range map[string]struct {
		second []byte
		exif   []byte
		want   error
	}{"iPhone": {typed, exif, nil}, "no maker note": {typed, nil, ErrDamaged}, "depth": {second(), exif, ErrNone}} {
		size := len(second(tc.exif)) + 4 + mpfBytes
		mpf := appendSegment(nil, markerAPP2, appendMPF(nil, size, len(tc.second), size-2-18-len(tc.exif)-8))
		found, err := Find(append(second(tc.exif, mpf), tc.second...))
		if !errors.Is(err, tc.want) || (err == nil) != (found.Curve != nil) || err == nil && string(found.JPEG) != string(tc.second) {
			t.Errorf("%s: %+v, %v", name, found.Metadata, err)
		}
	}
}

// FuzzApple reads arbitrary EXIF blocks.
func FuzzApple(f *testing.F) {
	f.Add(appleEXIF(binary.BigEndian, 1200, 1000))
	f.Add(appleEXIF(binary.LittleEndian, 500, 0))
	f.Fuzz(func(t *testing.T, exif []byte) {
		m, curve, err := Apple(exif)
		if err != nil {
			return
		}
		if err := m.validate(); err != nil || curve[255] != 255 {
			t.Errorf("%+v, %v", m, err)
		}
	})
}
