package format

import (
	"darkroom/worker/internal/c2pa"
	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/pngscan"
)

// credentials returns the parts of a store of content credentials, or nil if they do not begin as one does.
func credentials(parts ...[]byte) [][]byte {
	if len(parts) == 0 || len(parts[0]) == 0 || !c2pa.IsStore(parts[0]) {
		return nil
	}
	return parts
}

// pngBlocks returns the metadata of a PNG that may say who made the picture.
func pngBlocks(f *pngscan.File) credit.Blocks {
	b := credit.Blocks{EXIF: f.EXIF}
	for _, t := range f.Texts {
		if t.Keyword == pngscan.KeywordXMP {
			b.XMP, b.PackedXMP = t.Value, t.Deflated
		} else {
			b.Texts = append(b.Texts, credit.Text{Keyword: t.Keyword, Value: t.Value, Latin1: t.Latin1, Packed: t.Deflated})
		}
	}
	return b
}
