package engine

import (
	"context"
	"image"
	"testing"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

type size = raster.Size

func dim(width, height int) size { return size{Width: width, Height: height} }

// The formats that variants can have.
const (
	JPEG = Output(photo.JPEG)
	PNG  = Output(photo.PNG)
	WebP = Output(photo.WebP)
	AVIF = Output(photo.AVIF)
)

// Markers of ITU-T T.81, table B.1.
const (
	markerSOF0  = 0xc0
	markerSOF2  = 0xc2
	markerDHT   = 0xc4
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
)

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	iccMarker    = "ICC_PROFILE\x00"
)

// The limits of package format.
const (
	maxEXIF    = 1 << 20
	maxChunks  = 1 << 17
	maxProfile = 65533 - 14
)

func sizeOf(m *image.NRGBA) size { return raster.FromRGBA(m).Size() }

func opaque(m *image.NRGBA) bool { return must(raster.FromRGBA(m).Opaque(context.Background())) }

func toNRGBA(m image.Image) *image.NRGBA {
	return must(raster.FromImage(m).NRGBA(context.Background()))
}

// orient turns a picture upright.
func orient(m *image.NRGBA, orientation int) *image.NRGBA {
	return must(must(raster.FromRGBA(m).ResampleUpright(context.Background(), raster.Filter{Kernels: new(raster.Kernels)}, sizeOf(m).Upright(orientation), orientation, false)).NRGBA(context.Background()))
}

// encodeJPEG encodes a picture as the engine does.
func encodeJPEG(t testing.TB, m *image.NRGBA, quality int) []byte {
	t.Helper()
	data, err := format.Lookup(photo.JPEG).Encode(t.Context(), raster.FromRGBA(m), format.Options{Quality: quality})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// detectFormat returns the format of a file by its contents.
func detectFormat(t testing.TB, file []byte) photo.Format {
	t.Helper()
	h, err := format.Inspect(file, format.Limits{Pixels: 1 << 28})
	if err != nil {
		t.Fatal(err)
	}
	return h.Format
}

func put24(dst []byte, v int) []byte { return append(dst, byte(v), byte(v>>8), byte(v>>16)) }
