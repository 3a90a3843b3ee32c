//go:build !amd64 && !arm64

package raster

func convertRow(luma, blue, red, pix []uint8, bytes int) {
	convertRowPortable(luma, blue, red, pix, bytes)
}
