//go:build !amd64 && !arm64

package pngscan

func paethRow(row, above []byte, pixel int) { paethPortable(row, above, pixel) }
