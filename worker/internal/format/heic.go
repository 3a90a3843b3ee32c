package format

import (
	"darkroom/worker/internal/heif"
	"darkroom/worker/photo"
)

var heicFormat = Format{
	Name: photo.HEIC, Loss: Lossy, Alpha: true,
	sniff:   func(data []byte) bool { return heif.Brand(data) == heif.HEVC },
	inspect: inspectHEIF, decode: decodeHEIF, decodeMemory: heifDecodeMemory,
}
