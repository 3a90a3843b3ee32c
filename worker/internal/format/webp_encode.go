package format

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	_ "unsafe" // go:linkname needs it

	"github.com/gen2brain/webp"

	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/sandbox"
)

// checkWebP returns an error if the system's libwebp is loaded.
func checkWebP() error {
	if webp.Dynamic() == nil { // Dynamic returns an error if no library is loaded
		return errSystemWebP
	}
	return nil
}

var errSystemWebP = errors.New("webp: a system library is in use: libwebp; build with -tags nodynamic")

// Effort of the encoder. At 1600x1200, method 2 takes a third of the time of libwebp's default, 4, and 3 % more bytes
// at the same quality. Without loss, method 0 at effort 20 takes a tenth of the time of method 1, and 8 % more bytes.
const (
	webpMethod         = 2
	webpFrameMethod    = 0 // frames of animations: two thirds of the time of method 2, 12 % more bytes
	webpLosslessMethod = 0
	webpLosslessEffort = 20
)

// encodeWebP encodes with libwebp in WebAssembly. It does not keep the colours of wholly transparent pixels.
func encodeWebP(ctx context.Context, p raster.Picture, o Options) ([]byte, error) {
	if err := checkWebP(); err != nil {
		return nil, err
	}
	m, err := p.PackedNRGBA(ctx)
	if err != nil {
		return nil, err
	}
	file, err := runWebPEncoder(ctx, m, o)
	if err != nil {
		return nil, err
	}
	if isGreyProfile(o.Profile) { // WebP has no grey pixels
		o.Profile = nil
	}
	if o.Profile == nil && o.EXIF == nil && o.XMP == nil {
		return file, nil
	}
	opaque, err := raster.FromRGBA(m).Opaque(ctx)
	if err != nil {
		return nil, err
	}
	return webpExtended(file, o, p.Size(), !opaque)
}

// The WebAssembly of libwebp, which package webp does not export.
//
//go:linkname libwebp github.com/gen2brain/webp.webpWasm
var libwebp []byte

var webpCodec = sandbox.NewModule(&libwebp)

// runWebPEncoder calls libwebp as package webp does. The picture must have no gaps between its rows.
func runWebPEncoder(ctx context.Context, m *image.NRGBA, o Options) ([]byte, error) {
	return runWebPEncoderIn(ctx, sandbox.NewMemory(webpCodecMemory(raster.Size{Width: m.Rect.Dx(), Height: m.Rect.Dy()}, o)), m, o, webpMethod)
}

// runWebPEncoderIn is runWebPEncoder with a linear memory that earlier calls may have used. The method is for lossy
// files.
func runWebPEncoderIn(ctx context.Context, mem *sandbox.Memory, m *image.NRGBA, o Options, method int) (file []byte, err error) {
	const rgba = 0
	quality, lossless := min(o.Quality, 99), 0 // quality 100 would mean lossless
	if o.Lossless {
		quality, method, lossless = webpLosslessEffort, webpLosslessMethod, 1
	}
	width, height := m.Rect.Dx(), m.Rect.Dy()
	err = webpCodec.Run(ctx, mem, func(i *sandbox.Instance) (err error) {
		file, err = i.Encode(m.Pix[:4*width*height], width, height, rgba, uint64(quality), uint64(method), uint64(lossless), 0)
		return err
	})
	return file, err
}

// webpCodecMemory returns the memory of the codec, which took 10.5 to 12.6 bytes a pixel with loss, and 22 to 32
// without.
func webpCodecMemory(s raster.Size, o Options) int64 {
	if o.Lossless {
		return s.Pixels()*33 + 2<<20
	}
	return s.Pixels()*14 + 1<<20
}

// webpEncodeMemory counts the memory of the codec, its input and output, and the memory for compiling it.
func webpEncodeMemory(s raster.Size, _ bool, o Options) int64 {
	return webpCodecMemory(s, o) + raster.RGBAMemory(s) + s.Pixels()*5 + 32<<20
}

// webpRereadMemory counts the planes, and alpha with the picture that holds it. The tables of files that libwebp writes
// are small.
func webpRereadMemory(s raster.Size, _ Options) int64 { return s.Pixels()*9 + 4<<20 }

// webpExtended returns an encoded WebP in the extended form (RFC 9649, 2.7), with the profile, the EXIF and the XMP of
// the options.
func webpExtended(encoded []byte, o Options, s raster.Size, alpha bool) ([]byte, error) {
	head := webpExtension(o, s, alpha, 0)
	body := make([]byte, 0, len(encoded)+len(o.Profile)+len(o.EXIF)+len(o.XMP)+64)
	body = appendChunk(append(body, "WEBP"...), "VP8X", head)
	body = appendOptional(body, "ICCP", o.Profile)
	if _, err := webpChunks(encoded[12:], false, func(kind string, payload []byte, _ int) {
		if kind != "VP8X" {
			body = appendChunk(body, kind, payload)
		}
	}); err != nil {
		return nil, err
	}
	body = appendOptional(appendOptional(body, "EXIF", o.EXIF), "XMP ", o.XMP)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...), nil
}

// webpExtension returns the payload of VP8X (RFC 9649, 2.7.1) with these flags among its own.
func webpExtension(o Options, s raster.Size, alpha bool, flags byte) []byte {
	const iccBit, alphaBit, exifBit, xmpBit = 1 << 5, 1 << 4, 1 << 3, 1 << 2
	for bit, set := range map[byte]bool{iccBit: o.Profile != nil, alphaBit: alpha, exifBit: o.EXIF != nil, xmpBit: o.XMP != nil} {
		if set {
			flags |= bit
		}
	}
	return append(put24([]byte{flags, 0, 0, 0}, s.Width-1), put24(nil, s.Height-1)...)
}

// appendOptional appends a chunk unless its payload is nil.
func appendOptional(dst []byte, kind string, payload []byte) []byte {
	if payload == nil {
		return dst
	}
	return appendChunk(dst, kind, payload)
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
