package engine

import (
	"encoding/binary"
	"image"

	"golang.org/x/image/webp"

	"darkroom/worker/photo"
)

// riffChunks calls visit with the type and the payload of every chunk of a WebP until visit returns false. It returns
// a Rejection when the file is shorter than its RIFF header says.
func riffChunks(data []byte, visit func(kind string, payload []byte) bool) error {
	end := 8 + int64(binary.LittleEndian.Uint32(data[4:]))
	if end > int64(len(data)) {
		return truncated()
	}
	if end < 12 {
		return corrupt("The WebP's header is damaged.")
	}
	return webpChunks(data[12:end], visit)
}

// webpChunks is riffChunks of the chunks that follow one another.
func webpChunks(rest []byte, visit func(kind string, payload []byte) bool) error {
	for len(rest) >= 8 {
		kind, length := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		if length > int64(len(rest)-8) {
			return corrupt("The WebP's chunks do not fit into the file.")
		}
		if !visit(kind, rest[8:8+length]) {
			return nil
		}
		rest = rest[min(8+length+length&1, int64(len(rest))):] // chunks are padded to an even length
	}
	return nil
}

// inspectWebP reads the sizes that the file claims: of the canvas in VP8X, and of the picture in VP8 (RFC 6386, 9.1)
// or VP8L (RFC 9649, 3.3). The limit holds for each. They have to agree, but in an animation, where the first frame has
// to lie on the canvas.
func inspectWebP(data []byte, limit pixelLimit) (Header, error) {
	const alphaBit, animationBit = 1 << 4, 1 << 1
	h := Header{Format: photo.WebP, Orientation: 1, Components: 3, Depth: 8}
	var canvas, picture size
	var fault error
	framed, exif := false, false
	var visit func(kind string, p []byte) bool
	visit = func(kind string, p []byte) bool {
		switch {
		case kind == "VP8X" && len(p) >= 10 && !framed:
			canvas = size{1 + int(le24(p[4:])), 1 + int(le24(p[7:]))}
			if p[0]&alphaBit != 0 {
				h.Components = 4
			}
			h.Animated = p[0]&animationBit != 0
			fault = limit.check(canvas)
		case kind == "ICCP":
			h.Profile = int64(len(p))
		case kind == "ANMF" && h.Animated && !framed:
			framed = true
			h.Components = 4 // what the frame does not cover is transparent
			var f webpFrame
			if f, fault = frameOfWebP(p); fault == nil {
				fault = webpChunks(f.chunks, visit)
			}
			if fault == nil && (picture != f.size || !canvas.covers(size{f.x + f.size.w, f.y + f.size.h})) {
				fault = corrupt("The WebP's first frame is not what it says, or does not lie on its canvas.")
			}
		case kind == "VP8 " && len(p) >= 10 && picture == size{}:
			picture = size{int(binary.LittleEndian.Uint16(p[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(p[8:]) & 0x3fff)}
			fault = limit.check(picture)
		case kind == "VP8L" && len(p) >= 5 && picture == size{}:
			bits := binary.LittleEndian.Uint32(p[1:])
			picture = size{1 + int(bits&0x3fff), 1 + int(bits>>14&0x3fff)}
			h.Lossless, h.Components = true, 4
			fault = limit.check(picture)
		case kind == "EXIF" && !exif:
			exif = true
			h.Orientation = orientation(p)
		}
		return fault == nil
	}
	err := riffChunks(data, visit)
	switch {
	case fault != nil:
		return Header{}, fault
	case err != nil:
		return Header{}, err
	case picture == size{}, h.Animated && !framed:
		return Header{}, corrupt("The WebP has no picture.")
	case !h.Animated && canvas != size{} && canvas != picture:
		return Header{}, corrupt("The WebP's picture has another size than its canvas.")
	}
	h.Width, h.Height = picture.w, picture.h
	if h.Animated {
		h.Width, h.Height = canvas.w, canvas.h
	}
	return h, nil
}

func le24(p []byte) uint32 { return uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 }

func decodeWebP(data []byte, h Header) (*image.NRGBA, error) {
	if h.Animated {
		return decodeAnimation(data, h)
	}
	return decodeStill(data)
}

func decodeStill(data []byte) (*image.NRGBA, error) {
	src := &source{data: data}
	m, err := webp.Decode(src)
	if err != nil {
		return nil, src.rejection(err)
	}
	switch m := m.(type) {
	case *image.YCbCr:
		return studioNRGBA(m, nil, 0), nil
	case *image.NYCbCrA:
		return studioNRGBA(&m.YCbCr, m.A, m.AStride), nil
	}
	return toNRGBA(m), nil
}

// studioNRGBA converts the planes of a lossy WebP. They are of ITU-R BT.601 in the studio range, where black is 16
// and white 235 (RFC 6386, 9.2), and not of the full range that image.YCbCr stands for and that its own conversion
// would give: greyish and pale. The constants are those of libwebp (src/dsp/yuv.h), so the pixels are those that
// browsers show. Alpha may be absent.
func studioNRGBA(m *image.YCbCr, alpha []byte, alphaStride int) *image.NRGBA {
	s := size{m.Rect.Dx(), m.Rect.Dy()}
	dst := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	for y := range s.h {
		luma := m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y):]
		c := m.COffset(m.Rect.Min.X, m.Rect.Min.Y+y)
		cb, cr := m.Cb[c:], m.Cr[c:]
		row := dst.Pix[y*dst.Stride : y*dst.Stride+4*s.w]
		for x := range s.w {
			l := int(luma[x]) * 19077 >> 8
			u, v := int(cb[x/2]), int(cr[x/2])
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0] = studioByte(l + v*26149>>8 - 14234)
			p[1] = studioByte(l - u*6419>>8 - v*13320>>8 + 8708)
			p[2] = studioByte(l + u*33050>>8 - 17685)
			p[3] = 0xff
			if alpha != nil {
				p[3] = alpha[y*alphaStride+x]
			}
		}
	}
	return dst
}

func studioByte(v int) byte { return byte(min(max(v>>6, 0), 255)) }
