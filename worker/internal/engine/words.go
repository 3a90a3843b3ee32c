package engine

import (
	"darkroom/worker/internal/c2pa"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/printable"
	"darkroom/worker/photo"
)

// Words holds the texts about its picture that a file contains.
type Words struct {
	Credit             photo.Credit // the fields that are kept
	ContentCredentials bool         // the file has a store of content credentials, which is not verified
	ClaimGenerator     string       // program that wrote the store, or ""
}

// Describe adds to the picture's entry in the manifest what only rendering shows.
func (r Rendering) Describe(info *photo.Info) {
	r.Preview.Describe(info)
	info.HDRLost = r.LostHDR != nil
	if r.Motion != nil {
		info.Duration = r.Motion.Duration.Milliseconds()
	}
	if r.Lost != nil {
		info.AnimationLost = r.Lost.Reason
	}
	info.Credit, info.ContentCredentials, info.ClaimGenerator = r.Words.Credit, r.Words.ContentCredentials, r.Words.ClaimGenerator
}

// words reads the texts of a file.
func (e *Engine) words(h Header) Words {
	w := Words{Credit: h.Blocks.Read(e.keep), ContentCredentials: h.Credentials != nil}
	if w.ContentCredentials {
		w.ClaimGenerator = printable.Line(c2pa.Generator(h.Credentials...), photo.MaxClaimGenerator)
	}
	return w
}

// wordsMemory returns the memory for reading the texts of a file, and for the blocks in the files of its variants.
func (e *Engine) wordsMemory(h format.Header) int64 {
	var bytes int64
	if len(e.keep) > 0 {
		bytes = h.Blocks.Memory()
	}
	if h.Credentials != nil {
		bytes += c2pa.Memory
	}
	return bytes
}
