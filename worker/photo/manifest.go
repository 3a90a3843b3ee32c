package photo

import (
	"encoding/json"
	"fmt"
	"time"
)

// State says how far a photo has come. It is derived from what S3 holds: a manifest says ready, rejected or removed;
// without one an original means processing, and no original means awaiting.
type State string

const (
	Awaiting   State = "awaiting"   // no original has arrived
	Processing State = "processing" // the original is there, the manifest is not yet
	Ready      State = "ready"      // every variant is in the variants bucket
	Rejected   State = "rejected"   // the original cannot become variants: see Reason
	Removed    State = "removed"    // a user has removed the photo, and whatever else arrives for it is removed
)

// The tag of a manifest that says removed, so that a rule of the bucket's lifecycle can expire such manifests and no
// others. Until then a token that was handed out before the removal is of no use.
const (
	TagName    = "darkroom"
	TagRemoved = "removed"
)

// Reason says why a photo was rejected. A reason is the uploader's to mend, so trying again with the same bytes
// gives the same reason.
type Reason string

const (
	ReasonUnsupported   Reason = "unsupported"     // not a picture of a type that Darkroom reads, or that its board takes
	ReasonCorrupt       Reason = "corrupt"         // begins like a picture but does not decode
	ReasonTruncated     Reason = "truncated"       // the file ends before the picture does
	ReasonTooLarge      Reason = "too-large"       // more bytes than the limit
	ReasonTooManyPixels Reason = "too-many-pixels" // more pixels than the limit
)

// Reasons lists every Reason, so that a metric or a table can begin with all of them.
var Reasons = []Reason{ReasonUnsupported, ReasonCorrupt, ReasonTruncated, ReasonTooLarge, ReasonTooManyPixels}

// ManifestVersion is the version of the manifest's form that this package writes. It grows when a reader of the
// older form would misread the newer; fields may be added without it growing.
const ManifestVersion = 1

// ManifestName is the last part of a manifest's key.
const ManifestName = "manifest.json"

// MaxManifestBytes bounds the part of a stored manifest that a program reads.
const MaxManifestBytes = 1 << 20

// ManifestContentType is the media type of a manifest object.
const ManifestContentType = "application/json"

// MetaOwner is the name of the user metadata of an original (x-amz-meta-owner) that carries the percent-encoded
// subject of the token it was uploaded with.
const MetaOwner = "owner"

// MetaTraceparent is the name of the user metadata of an original (x-amz-meta-traceparent) that carries the trace context
// of the token it was uploaded with, as https://www.w3.org/TR/trace-context/#traceparent-header has it.
const MetaTraceparent = "traceparent"

// Manifest is the outcome of one original: the last object written for a photo, and the only one a client reads. One
// that says removed has neither a source nor a recipe: it stands for every original that may still come.
type Manifest struct {
	Version  int       `json:"version"`
	Board    Board     `json:"board"`
	ID       ID        `json:"id"`
	State    State     `json:"state"`            // Ready, Rejected or Removed
	Reason   Reason    `json:"reason,omitempty"` // when Rejected
	Detail   string    `json:"detail,omitempty"` // when Rejected: the reason in words
	Source   Source    `json:"source"`
	Photo    *Info     `json:"photo,omitempty"`    // absent where the original could not be read at all
	Variants []Variant `json:"variants,omitempty"` // when Ready, in the order of the specifications and of the formats of each
	Recipe   string    `json:"recipe"`             // the Name of the Recipe it was rendered by
	Created  time.Time `json:"created"`            // when the manifest was written

	// Limits are those of the worker that rejected the photo for one of them. They are absent otherwise, and from the
	// manifests of older releases.
	Limits *RecipeLimits `json:"limits,omitempty"`
}

// Source pins the version of the original that a manifest speaks of.
type Source struct {
	Bytes     int64     `json:"bytes"`
	ETag      string    `json:"etag"`                // as S3 gives it, with its quotes
	VersionID string    `json:"versionId,omitempty"` // where the bucket is versioned
	SHA256    string    `json:"sha256,omitempty"`    // lower-case hexadecimal, where it was uploaded with one
	Modified  time.Time `json:"modified"`            // the original's Last-Modified
	Owner     string    `json:"owner,omitempty"`     // the subject of the token it was uploaded with
}

// Same reports whether s and o are the same version of an original. A listing does not give the VersionID: if either of
// them lacks it, the ETag and the size decide.
func (s Source) Same(o Source) bool {
	sameVersion := s.VersionID == o.VersionID || s.VersionID == "" || o.VersionID == ""
	return s.ETag == o.ETag && s.Bytes == o.Bytes && sameVersion
}

// Info describes the picture in an original.
type Info struct {
	Format Format `json:"format"`
	Width  int    `json:"width"`  // pixels, upright
	Height int    `json:"height"` // pixels, upright

	Animated bool `json:"animated,omitempty"` // the variants show the first frame

	// What a page shows before a variant has come; absent where the photo was rejected.
	ThumbHash string `json:"thumbHash,omitempty"` // a placeholder, https://evanw.github.io/thumbhash/, in base64
	Colour    string `json:"colour,omitempty"`    // the commonest colour as #rrggbb
}

// Variant describes one resized copy. A specification with several formats gives as many, of one name.
type Variant struct {
	Name        string `json:"name"`        // of the specification it was made by
	Key         string `json:"key"`         // in the variants bucket
	ContentType string `json:"contentType"` // a media type
	Width       int    `json:"width"`       // pixels
	Height      int    `json:"height"`      // pixels
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"` // lower-case hexadecimal
}

// Tombstone returns the manifest of a photo that was removed at that time.
func Tombstone(ref Ref, at time.Time) *Manifest {
	return &Manifest{Version: ManifestVersion, Board: ref.Board, ID: ref.ID, State: Removed, Created: at.UTC()}
}

// Ref returns which photo the manifest is of.
func (m *Manifest) Ref() Ref { return Ref{Board: m.Board, ID: m.ID} }

// MarshalIndented returns the manifest as the JSON text that is stored.
func (m *Manifest) MarshalIndented() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("manifest of %s: %w", m.Ref(), err)
	}
	return append(b, '\n'), nil
}

// ParseManifest reads a stored manifest of ref. It fails on JSON that is not a manifest, on one of a newer version,
// and on one that speaks of another photo.
func ParseManifest(ref Ref, b []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("manifest of %s: %w", ref, err)
	}
	switch {
	case m.Version < 1 || m.Version > ManifestVersion:
		return nil, fmt.Errorf("manifest of %s: version %d, this program reads 1 to %d", ref, m.Version, ManifestVersion)
	case m.Ref() != ref:
		return nil, fmt.Errorf("manifest of %s: speaks of %s", ref, m.Ref())
	case m.State != Ready && m.State != Rejected && m.State != Removed:
		return nil, fmt.Errorf("manifest of %s: unknown state %q", ref, m.State)
	}
	return &m, nil
}
