//go:build !(amd64 || arm64) || noasm

package hevc

// narrow stores samples of 8 bits in bytes. src is as long as dst.
func narrow(dst []byte, src []uint16) { narrowPortable(dst, src) }
