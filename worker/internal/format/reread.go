package format

import (
	"context"
	"fmt"
	"image"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Reread decodes a file that [Format.Encode] returned to the pixels that viewers decode. It does not apply the file's
// profile. An error is not the photo's fault, so it is no [*Rejection].
func (f Format) Reread(ctx context.Context, data []byte) (*image.NRGBA, error) {
	h, err := Inspect(data, Limits{Pixels: MaxSide * MaxSide})
	if err != nil {
		return nil, fmt.Errorf("reread %s: %v", f.Name, err)
	}
	if f.Name == photo.JPEG {
		m, err := rereadJPEG(ctx, data, h)
		if err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("reread %s: %v", f.Name, err)
		}
		return m, err
	}
	d, err := Decode(ctx, data, h, Target{Size: h.Stored()})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("reread %s: %v", f.Name, err)
	}
	return d.NRGBA(ctx)
}

// RereadMemory returns how many bytes Reread may take for a picture of this size, including the result.
func (f Format) RereadMemory(s raster.Size, o Options) int64 {
	if f.rereadMemory == nil {
		return 0
	}
	return raster.RGBAMemory(s) + f.rereadMemory(s, o)
}
