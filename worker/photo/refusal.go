package photo

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Refusal says why a photo is rejected: the [Reason], and a sentence for the uploader that says what is wrong with the
// file and what would help. Only the functions below make one, from the sentences of this file, so no word of a decoder
// reaches an uploader.
type Refusal struct {
	reason Reason
	detail string
}

// Reason returns the reason, or "" for a Refusal that is zero.
func (r Refusal) Reason() Reason { return r.reason }

// Detail returns the sentence for the uploader.
func (r Refusal) Detail() string { return r.detail }

// sentence is a text with places for {values}. Each value must match the pattern of its place.
type sentence struct {
	reason Reason
	text   string
}

// Every sentence that an uploader may read.
var (
	truncatedPicture  = sentence{ReasonTruncated, "The {format} is incomplete, its end is missing: upload it again."}
	corruptPicture    = sentence{ReasonCorrupt, "The {format} is damaged and cannot be read: open it in a photo program, save it again, and upload the copy."}
	emptyFile         = sentence{ReasonUnsupported, "The file is empty: choose the photo again, and upload it once more."}
	unknownFile       = sentence{ReasonUnsupported, "The file is not a picture of a known type: save the photo as {formats}, and upload that."}
	knownFile         = sentence{ReasonUnsupported, "The file looks like {lookalike}: save the photo as {formats}, and upload that."}
	unsupportedKind   = sentence{ReasonUnsupported, "The picture is {format} of a kind that Darkroom does not read: save it as an ordinary JPEG or PNG, and upload that."}
	namedKind         = sentence{ReasonUnsupported, "The picture is {kind}, which Darkroom does not read: save it as an ordinary JPEG or PNG, and upload that."}
	formatNotAccepted = sentence{ReasonUnsupported, "The picture is {format}, which this board does not accept: save it as {formats}, and upload that."}
	tooManyBytes      = sentence{ReasonTooLarge, "The file has more than {number} bytes, the most that are accepted: save the photo at a smaller size or a lower quality, and upload that."}
	tooManyPixels     = sentence{ReasonTooManyPixels, "The picture has {number} x {number} pixels, and at most {millions} million are accepted: make it smaller, and upload that."}
	tooMuchMemory     = sentence{ReasonTooManyPixels, "The picture has {number} x {number} pixels, more than Darkroom can read of {format} of its kind: make it smaller, and upload that."}
	tooLongSide       = sentence{ReasonTooExpensive, "The picture has {number} x {number} pixels, and no side may have more than {number}: cut it into shorter pictures, and upload those."}
	tooManyParts      = sentence{ReasonTooExpensive, "The {format} has more than {number} {part}, the most that are accepted: open it in a photo program, save it again, and upload the copy."}
	tooSlow           = sentence{ReasonTooExpensive, "Reading the {format} takes longer than is accepted: open it in a photo program, save it again, and upload the copy."}
)

// generalSentences are for photos that older releases rejected with other words.
var generalSentences = []sentence{
	{ReasonUnsupported, "The file is not a picture that Darkroom reads: save the photo as {formats}, and upload that."},
	{ReasonCorrupt, "The picture is damaged and cannot be read: open it in a photo program, save it again, and upload the copy."},
	{ReasonTruncated, "The picture is incomplete, its end is missing: upload it again."},
	{ReasonTooLarge, "The file has more bytes than are accepted: save the photo at a smaller size or a lower quality, and upload that."},
	{ReasonTooManyPixels, "The picture has more pixels than are accepted: make it smaller, and upload that."},
	{ReasonTooExpensive, "Reading the picture takes more work than is accepted: save it as an ordinary JPEG or PNG, and upload that."},
}

var sentences = append([]sentence{truncatedPicture, corruptPicture, emptyFile, unknownFile, knownFile, unsupportedKind, namedKind,
	formatNotAccepted, tooManyBytes, tooManyPixels, tooMuchMemory, tooLongSide, tooManyParts, tooSlow}, generalSentences...)

// A Kind is a kind of picture that Darkroom does not read, although it reads the format.
type Kind string

const (
	LosslessJPEG     Kind = "a lossless JPEG"
	ArithmeticJPEG   Kind = "a JPEG with arithmetic coding"
	HierarchicalJPEG Kind = "a hierarchical JPEG"
	OddColourJPEG    Kind = "a JPEG with an unusual number of colours"
	NoHeightJPEG     Kind = "a JPEG that does not say its height at its beginning"
)

var kinds = []Kind{LosslessJPEG, ArithmeticJPEG, HierarchicalJPEG, OddColourJPEG, NoHeightJPEG}

// A Lookalike is the type of a file that is not in a format that Darkroom reads, as its contents suggest.
type Lookalike string

const (
	TIFF      Lookalike = "a TIFF or camera raw picture"
	BMP       Lookalike = "a BMP picture"
	PDF       Lookalike = "a PDF document"
	Photoshop Lookalike = "a Photoshop document"
	JPEGXL    Lookalike = "a JPEG XL picture"
	JPEG2000  Lookalike = "a JPEG 2000 picture"
	Icon      Lookalike = "an icon"
	ZIP       Lookalike = "a ZIP archive"
	Matroska  Lookalike = "a Matroska or WebM video"
	MP4       Lookalike = "an MP4 or QuickTime video"
	SVG       Lookalike = "an SVG drawing"
	WebPage   Lookalike = "a web page"
	Text      Lookalike = "text"
)

var lookalikes = []Lookalike{TIFF, BMP, PDF, Photoshop, JPEGXL, JPEG2000, Icon, ZIP, Matroska, MP4, SVG, WebPage, Text}

// A Part is a part of a file whose number or size is limited.
type Part string

// fileParts are the limited parts, as an uploader reads them. Most belong to HEIC and AVIF.
var fileParts = []Part{"scans", "chunks", "boxes", "items", "properties", "pieces of coded data", "references", "tiles",
	"images that it is derived from", "levels of images derived from each other", "pixels in the pictures that it is made of",
	"bytes in the pictures that it is made of", "uses of one picture that it is made of", "parameter sets",
	"bytes of parameter sets", "slices", "units of coded data"}

// patterns returns the patterns of the values in a sentence, by the name of the place.
func patterns() map[string]string {
	format := oneOf(displayNames(Readable))
	return map[string]string{
		"format": format, "formats": format + `(?:, ` + format + `)*(?: or ` + format + `)?`, "number": `\d{1,19}`, "millions": `\d{1,10}(?:\.\d{1,6})?`,
		"kind": oneOf(kinds), "lookalike": oneOf(lookalikes), "part": oneOf(fileParts),
	}
}

func oneOf[T ~string](words []T) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = regexp.QuoteMeta(string(w))
	}
	return "(?:" + strings.Join(quoted, "|") + ")"
}

func displayNames(formats []Format) []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.DisplayName()
	}
	return names
}

var place = regexp.MustCompile(`\{([a-z]+)\}`)

// fill returns the sentence with its places filled in, in their order. If a value does not match the pattern of its
// place, fill returns the general sentence of the reason.
func (s sentence) fill(values ...any) Refusal {
	detail := place.ReplaceAllStringFunc(s.text, func(string) string {
		v := fmt.Sprint(values[0])
		values = values[1:]
		return v
	})
	if !isSentence(s.reason, detail) {
		detail = generalSentence(s.reason)
	}
	return Refusal{s.reason, detail}
}

// matchers returns, for each reason, a pattern of all its sentences. Most starts of a program need none of them, so
// they are compiled when the first one does.
var matchers = sync.OnceValue(func() map[Reason]*regexp.Regexp {
	values := patterns()
	texts := map[Reason][]string{}
	for _, s := range sentences {
		pattern := regexp.QuoteMeta(s.text)
		for name, p := range values {
			pattern = strings.ReplaceAll(pattern, `\{`+name+`\}`, p)
		}
		texts[s.reason] = append(texts[s.reason], pattern)
	}
	all := map[Reason]*regexp.Regexp{}
	for reason, t := range texts {
		all[reason] = regexp.MustCompile(`^(?:` + strings.Join(t, "|") + `)$`)
	}
	return all
})

func isSentence(reason Reason, detail string) bool {
	m := matchers()[reason]
	return m != nil && m.MatchString(detail)
}

func generalSentence(reason Reason) string {
	i := slices.IndexFunc(generalSentences, func(s sentence) bool { return s.reason == reason })
	if i < 0 {
		return ""
	}
	return place.ReplaceAllString(generalSentences[i].text, listed(Readable))
}

// Explanation returns the sentence for the uploader of a rejected photo, or "" for any other photo. Older releases
// wrote words of their decoders into Detail. If Detail is not a sentence of this release, Explanation returns the
// general sentence of the reason.
func (m *Manifest) Explanation() string {
	if m.State != Rejected || isSentence(m.Reason, m.Detail) {
		return m.Detail
	}
	return generalSentence(m.Reason)
}

// RefusalFor returns the Refusal that says no more than its reason.
func RefusalFor(reason Reason) Refusal { return Refusal{reason, generalSentence(reason)} }

// listed returns the formats as "JPEG, PNG or GIF".
func listed(formats []Format) string {
	names := displayNames(formats)
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Truncated returns the Refusal of a picture that ends too early.
func Truncated(f Format) Refusal { return truncatedPicture.fill(f.DisplayName()) }

// Corrupt returns the Refusal of a picture that does not decode.
func Corrupt(f Format) Refusal { return corruptPicture.fill(f.DisplayName()) }

// EmptyFile returns the Refusal of a file without a byte.
func EmptyFile() Refusal { return emptyFile.fill() }

// UnknownFile returns the Refusal of a file in no format that Darkroom reads.
func UnknownFile() Refusal { return unknownFile.fill(listed(Readable)) }

// NotPicture is [UnknownFile] for a file whose type is known.
func NotPicture(what Lookalike) Refusal { return knownFile.fill(what, listed(Readable)) }

// UnsupportedKind returns the Refusal of a kind of picture that Darkroom does not read, although it reads the format.
// The kind may be empty.
func UnsupportedKind(f Format, kind Kind) Refusal {
	if kind == "" {
		return unsupportedKind.fill(f.DisplayName())
	}
	return namedKind.fill(kind)
}

// NotAccepted returns the Refusal of a picture in a format that its board does not accept. It suggests only formats
// that Darkroom reads.
func NotAccepted(f Format, accepted []Format) Refusal {
	accepted = slices.DeleteFunc(slices.Clone(accepted), func(f Format) bool { return !slices.Contains(Readable, f) })
	if len(accepted) == 0 {
		return RefusalFor(ReasonUnsupported)
	}
	return formatNotAccepted.fill(f.DisplayName(), listed(accepted))
}

// TooLarge returns the Refusal of a file with more bytes than the limit.
func TooLarge(limit int64) Refusal { return tooManyBytes.fill(limit) }

// TooManyPixels returns the Refusal of a picture with more pixels than the limit.
func TooManyPixels(width, height int, limit int64) Refusal {
	return tooManyPixels.fill(width, height, strconv.FormatFloat(float64(limit)/1e6, 'f', -1, 64))
}

// TooMuchMemory returns the Refusal of a picture that takes more memory than a worker has.
func TooMuchMemory(f Format, width, height int) Refusal {
	return tooMuchMemory.fill(width, height, f.DisplayName())
}

// TooLongSide returns the Refusal of a picture with a side of more pixels than the limit.
func TooLongSide(width, height, limit int) Refusal { return tooLongSide.fill(width, height, limit) }

// TooExpensive returns the Refusal of a file that has more of a part than the limit, so reading it takes more work than
// its picture is worth.
func TooExpensive(f Format, part Part, limit int64) Refusal {
	return tooManyParts.fill(f.DisplayName(), limit, part)
}

// TooSlow returns the Refusal of a picture that takes more processor time to render than the limit.
func TooSlow(f Format) Refusal { return tooSlow.fill(f.DisplayName()) }
