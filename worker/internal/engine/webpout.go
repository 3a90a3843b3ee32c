package engine

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/gen2brain/webp"

	"darkroom/worker/internal/heif"
)

// CheckSandbox returns an error if a library of the system does what the codecs in WebAssembly should: C that untrusted
// files would reach outside of a sandbox. The codec libraries load libheif, libavif and libwebp where they find them,
// unless they are built with the tag nodynamic. A program calls it first, and refuses to start on an error.
func CheckSandbox() error {
	if webp.Dynamic() == nil { // it says why there is none
		return errSystemWebP
	}
	return heif.Check()
}

var errSystemWebP = errors.New("webp: a system library is in use: libwebp; build with -tags nodynamic")

// How hard the encoder tries. At 1600x1200, method 2 takes a third of the time of libwebp's default, 4, for 3 % more
// bytes of the same quality. Without loss, method 0 at effort 20 takes a tenth of the time of method 1 for 8 % more.
const (
	webpMethod         = 2
	webpLosslessMethod = 0
	webpLosslessEffort = 20
)

// encodeWebP encodes by libwebp in WebAssembly. Colours under what is wholly transparent are not kept.
func (l look) encodeWebP(f frame, quality int, lossless bool) ([]byte, error) {
	if webp.Dynamic() == nil {
		return nil, errSystemWebP
	}
	// The encoder takes a quality of 100 for lossless.
	o := webp.Options{Quality: min(quality, 99), Method: webpMethod}
	if lossless {
		o = webp.Options{Lossless: true, Quality: webpLosslessEffort, Method: webpLosslessMethod}
	}
	m := f.nrgba()
	var out bytes.Buffer
	if err := webp.Encode(&out, m, o); err != nil {
		return nil, err
	}
	if l.profile == nil || l.grey { // WebP has no grey pixels that a profile for grey could be of
		return out.Bytes(), nil
	}
	return webpWithProfile(out.Bytes(), l.profile, sizeOf(m), !opaque(m))
}

// webpWithProfile returns an encoded WebP in the extended form (RFC 9649, 2.7), which has an ICCP chunk.
func webpWithProfile(encoded, profile []byte, s size, alpha bool) ([]byte, error) {
	const iccBit, alphaBit = 1 << 5, 1 << 4
	flags := byte(iccBit)
	if alpha {
		flags |= alphaBit
	}
	head := []byte{flags, 0, 0, 0}
	head = append(put24(head, s.w-1), put24(nil, s.h-1)...)
	body := appendChunk(appendChunk([]byte("WEBP"), "VP8X", head), "ICCP", profile)
	if err := riffChunks(encoded, func(kind string, payload []byte) bool {
		if kind != "VP8X" {
			body = appendChunk(body, kind, payload)
		}
		return true
	}); err != nil {
		return nil, err
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...), nil
}

func put24(dst []byte, v int) []byte { return append(dst, byte(v), byte(v>>8), byte(v>>16)) }

// appendChunk appends a chunk of a RIFF file, padded to an even length.
func appendChunk(dst []byte, kind string, payload []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(append(dst, kind...), uint32(len(payload)))
	dst = append(dst, payload...)
	if len(payload)%2 != 0 {
		dst = append(dst, 0)
	}
	return dst
}
