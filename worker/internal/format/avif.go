package format

import (
	"context"
	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// avifFormat is read like HEIC, see inspectHEIF. It is written in sRGB only, without a profile.
var avifFormat = Format{
	Name: photo.AVIF, Loss: Lossy, Alpha: true,
	sniff:   func(data []byte) bool { return heif.Brand(data) == heif.AV1 },
	inspect: inspectHEIF, decode: decodeHEIF, decodeMemory: heifDecodeMemory,
	encode: encodeAVIF, encodeMemory: avifEncodeMemory, rereadMemory: avifRereadMemory,
	animation: avifAnimation, frames: openAVIFFrames, framesMemory: avifFramesMemory,
	checkSandbox: heif.Check,
}

func encodeAVIF(ctx context.Context, p raster.Picture, o Options) ([]byte, error) {
	m, err := p.PackedNRGBA(ctx)
	if err != nil {
		return nil, err
	}
	file, err := heif.EncodeAVIF(ctx, m, o.Quality)
	if err != nil {
		return nil, err
	}
	return heif.AddMetadata(file, o.EXIF, o.XMP)
}

// avifRereadMemory counts the linear memory of the codec, and two copies of the file.
func avifRereadMemory(s raster.Size, _ Options) int64 { return s.Pixels()*30 + 8<<20 }

func avifEncodeMemory(s raster.Size, _ bool, _ Options) int64 {
	return heif.EncodeMemory(s.Width, s.Height)
}
