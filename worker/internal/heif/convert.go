package heif

import (
	"image"

	"darkroom/worker/internal/h273"
)

// span is a row of a tile: pixel from goes to index at of pix, and each one after it step further, up to pixel to.
type span struct {
	pix      []byte
	at, step int
	from, to int
}

// matrix turns luma and chroma into RGB (ITU-T H.273, 8.3), in integers with 16 bits after the point.
type matrix struct {
	identity       bool // the planes are green, blue and red already
	ycgco          bool // the planes are Y, Cg and Co (equations 45 to 50)
	luma           [256]int32
	chroma         [256]int32 // of Cg and Co
	rv, gu, gv, bu [256]int32
}

const one = 1 << 16

func newMatrix(c coded) *matrix {
	kr, kb := h273.LumaWeights(c.matrix, c.primaries)
	kg := 1 - kr - kb
	m := &matrix{identity: c.matrix == h273.Identity, ycgco: c.matrix == h273.YCgCo}
	black, lumaScale, chromaScale := 0, 1.0, 1.0
	if !c.full {
		black, lumaScale, chromaScale = 16, 255.0/219, 255.0/224
	}
	for v := range 256 {
		m.luma[v] = round(float64(float64(v-black) * lumaScale))
		chroma := float64(float64(v-128) * chromaScale)
		m.chroma[v] = round(chroma)
		m.rv[v] = round(float64(chroma * 2 * (1 - kr)))
		m.bu[v] = round(float64(chroma * 2 * (1 - kb)))
		m.gv[v] = round(float64(-chroma * 2 * (1 - kr) * kr / kg))
		m.gu[v] = round(float64(-chroma * 2 * (1 - kb) * kb / kg))
	}
	return m
}

// round returns x with 16 bits after the point.
func round(x float64) int32 {
	if x < 0 {
		return -int32(float64(-x*one) + 0.5)
	}
	return int32(float64(x*one) + 0.5)
}

// clamp rounds a value with 16 bits after the point to 0..255.
func clamp(v int32) byte {
	v = (v + one/2) >> 16
	if uint32(v) > 255 {
		return byte(^(v >> 31))
	}
	return byte(v)
}

func drawYCbCr(r span, img *image.YCbCr, y int, m *matrix, alpha bool) {
	luma := img.Y[y*img.YStride:]
	if alpha {
		for x := r.from; x < r.to; x++ {
			r.pix[r.at+3] = clamp(m.luma[luma[x]])
			r.at += r.step
		}
		return
	}
	shiftX, shiftY := 1, 0
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		shiftY = 1
	case image.YCbCrSubsampleRatio444:
		shiftX = 0
	}
	cb, cr := img.Cb[y>>shiftY*img.CStride:], img.Cr[y>>shiftY*img.CStride:]
	for x := r.from; x < r.to; x++ {
		l, u, v := m.luma[luma[x]], cb[x>>shiftX], cr[x>>shiftX]
		d := r.pix[r.at : r.at+4 : r.at+4]
		switch {
		case m.identity:
			d[0], d[1], d[2] = clamp(m.luma[v]), clamp(l), clamp(m.luma[u])
		case m.ycgco:
			green, orange := m.chroma[u], m.chroma[v]
			d[0], d[1], d[2] = clamp(l-green+orange), clamp(l+green), clamp(l-green-orange)
		default:
			d[0], d[1], d[2] = clamp(l+m.rv[v]), clamp(l+m.gu[u]+m.gv[v]), clamp(l+m.bu[u])
		}
		d[3] = 255
		r.at += r.step
	}
}

func drawGray(r span, row []byte, m *matrix, alpha bool) {
	for x := r.from; x < r.to; x++ {
		v := clamp(m.luma[row[x]])
		d := r.pix[r.at : r.at+4 : r.at+4]
		if alpha {
			d[3] = v
		} else {
			d[0], d[1], d[2], d[3] = v, v, v, 255
		}
		r.at += r.step
	}
}

// drawRGBA reports false for a pixel that is not opaque. Every tile is decoded without alpha, so such pixels are those
// that the decoder left as they were because the data failed it: it does not say so itself.
func drawRGBA(r span, row []byte, alpha bool) bool {
	for x := r.from; x < r.to; x++ {
		s := row[4*x : 4*x+4 : 4*x+4]
		if s[3] != 255 {
			return false
		}
		d := r.pix[r.at : r.at+4 : r.at+4]
		if alpha {
			d[3] = s[1]
		} else {
			d[0], d[1], d[2], d[3] = s[0], s[1], s[2], 255
		}
		r.at += r.step
	}
	return true
}

// drawDeep is drawRGBA for 16 bits a sample, little-endian, which it rounds to 8.
func drawDeep(r span, row []byte, alpha bool) bool {
	for x := r.from; x < r.to; x++ {
		s := row[8*x : 8*x+8 : 8*x+8]
		if s[6] != 255 || s[7] != 255 {
			return false
		}
		d := r.pix[r.at : r.at+4 : r.at+4]
		if alpha {
			d[3] = deep(s[2:])
		} else {
			d[0], d[1], d[2], d[3] = deep(s), deep(s[2:]), deep(s[4:]), 255
		}
		r.at += r.step
	}
	return true
}

func deep(s []byte) byte { return byte(((uint32(s[1])<<8+uint32(s[0]))*255 + 32767) / 65535) }
