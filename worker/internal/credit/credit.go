// Package credit reads the credit of an original, and writes it for the variants: its copyright notice, its creator,
// its credit line and its description. It reads no other metadata, so nothing else that a phone records can reach a
// variant: no position, no device, no time, no thumbnail. A position that the author has written into one of these
// texts is part of the text, and stays.
//
// The texts come from four kinds of blocks, which package format finds in the containers: EXIF, IPTC-IIM, XMP, and the
// text chunks of a PNG. Where they differ, [Blocks.Read] follows the Metadata Working Group (Guidelines for Handling
// Image Metadata, version 2.0, chapters 3 and 5):
//
//   - EXIF comes first.
//   - XMP comes next, unless IPTC-IIM has changed since XMP was written. A digest of the IPTC-IIM, which Photoshop
//     stores next to it, shows whether it has.
//   - IPTC-IIM comes next. A text that fills its field of IPTC-IIM, and that the text in XMP begins with, was cut off.
//     Then the text in XMP counts.
//   - The text chunks of a PNG, which the guidelines do not know, come last.
//
// If one of them lacks a text, or its text is blank, the next one counts.
//
// EXIF has no credit line. Its UserComment is not read: the guidelines do not count it among the descriptions, and
// cameras and programs leave notes of their own in it.
//
// Text is read as UTF-8 if it is valid UTF-8, or else as Latin-1.
package credit

import (
	"fmt"
	"slices"
	"strings"

	"darkroom/worker/photo"
)

// Field names a member of a [photo.Credit].
type Field string

// The fields of a credit.
const (
	Copyright   Field = "copyright"
	Creator     Field = "creator"
	Credit      Field = "credit"
	Description Field = "description"
)

// Fields lists every Field, in the order in which a recipe names them.
var Fields = []Field{Copyright, Creator, Credit, Description}

// ParseFields parses a list of fields separated by commas. The result holds each field once, in the order of Fields. It
// is nil for an empty list.
func ParseFields(list string) ([]Field, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var named []Field
	for word := range strings.SplitSeq(list, ",") {
		f := Field(strings.TrimSpace(word))
		if !slices.Contains(Fields, f) {
			return nil, fmt.Errorf("%.80q is not a field that can be kept: want a list of %s, %s, %s and %s", string(f), Copyright, Creator, Credit, Description)
		}
		named = append(named, f)
	}
	var fields []Field
	for _, f := range Fields {
		if slices.Contains(named, f) {
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// Blocks holds the metadata blocks of a file, as its container stores them. They share memory with the file. A missing
// block is nil.
type Blocks struct {
	EXIF      []byte // begins with the TIFF header, or with the prefix of a JPEG
	XMP       []byte // the packet
	PackedXMP bool   // XMP is deflated
	Resources []byte // Photoshop image resources, one of which is IPTC-IIM
	Texts     []Text // text chunks of a PNG
}

// Text is a text with a keyword.
type Text struct {
	Keyword string
	Value   []byte
	Latin1  bool // the container declares the value as Latin-1
	Packed  bool // Value is deflated
}

// Read returns the fields of the original to keep, without control characters and cut off at the limits of
// [photo.Credit]. Damaged and too large blocks count as far as they can be read.
func (b Blocks) Read(keep []Field) (c photo.Credit) {
	if len(keep) == 0 {
		return c
	}
	found := sources{exif: readEXIF(b.EXIF), xmp: readXMP(b.packet()), texts: readTexts(b.Texts)}
	found.iptc, found.iptcNewer = readResources(b.Resources)
	for _, f := range keep {
		if m := member(&c, f); m != nil {
			*m = found.pick(f)
		}
	}
	return c
}

// Memory returns how many bytes Read may take, including the blocks that are written from its result.
func (b Blocks) Memory() int64 {
	packet := min(len(b.XMP), MaxXMP)
	if b.PackedXMP {
		packet = MaxXMP
	}
	return int64(packet)*xmpCost + int64(min(len(b.Resources), MaxXMP)) + int64(len(b.Texts))*2*maxText + 16*MaxWritten
}

// packet returns the XMP packet, or a part of it if it is too large.
func (b Blocks) packet() []byte {
	if !b.PackedXMP {
		return b.XMP
	}
	return unpack(Text{Value: b.XMP, Packed: true}, MaxXMP+1)
}

// member returns the member of a Credit that a field names.
func member(c *photo.Credit, f Field) *string {
	switch f {
	case Copyright:
		return &c.Copyright
	case Creator:
		return &c.Creator
	case Credit:
		return &c.Credit
	case Description:
		return &c.Description
	}
	return nil
}

// texts holds the text of each field in a block.
type texts map[Field]string

// sources holds the texts of all blocks.
type sources struct {
	exif, xmp, iptc, texts texts
	iptcNewer              bool // IPTC-IIM has changed since XMP was written
}

// iptcLimits holds the maximum lengths of the fields of IPTC-IIM in bytes (IIM 4.2, chapter 6).
var iptcLimits = map[Field]int{Copyright: 128, Creator: 32, Credit: 32, Description: 2000}

// pick returns the text of a field from the block that counts. The package comment gives the order.
func (s sources) pick(f Field) string {
	iptc := s.iptc[f]
	if len(iptc) >= iptcLimits[f] && strings.HasPrefix(s.xmp[f], iptc) {
		iptc = ""
	}
	order := []string{s.exif[f], s.xmp[f], iptc, s.texts[f]}
	if s.iptcNewer {
		order = []string{s.exif[f], iptc, s.xmp[f], s.texts[f]}
	}
	for _, text := range order {
		if text = clean(text, f); text != "" {
			return text
		}
	}
	return ""
}
