// Command probe encodes a picture in the formats whose codecs run in a sandbox, and decodes the results. It exits with
// status 3 if format.CheckSandbox reports a system library. TestSystemLibrary builds it.
package main

import (
	"context"
	"fmt"
	"image"
	"os"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

func main() {
	if err := format.CheckSandbox(); err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	for _, name := range []photo.Format{photo.WebP, photo.AVIF} {
		if err := roundTrip(name); err != nil {
			fmt.Println(name, err)
			os.Exit(1)
		}
	}
	fmt.Println("decoded")
}

func roundTrip(name photo.Format) error {
	picture := raster.FromRGBA(image.NewNRGBA(image.Rect(0, 0, 16, 16)))
	data, err := format.Lookup(name).Encode(context.Background(), picture, format.Options{Quality: 80})
	if err != nil {
		return err
	}
	h, err := format.Inspect(data, format.Limits{Pixels: 16 * 16})
	if err != nil {
		return err
	}
	_, err = format.Decode(context.Background(), data, h, format.Target{Size: h.Stored()})
	return err
}
