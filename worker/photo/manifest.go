package photo

import (
	"encoding/json"
	"fmt"
	"time"
)

// State says how far a photo has come. It follows from what S3 holds. A manifest says ready, rejected or removed.
// Without a manifest, a photo is processing if there is an original. If there is none, it is awaiting, or expired where
// the id says when its token expired.
type State string

const (
	Awaiting   State = "awaiting"   // no original has arrived
	Processing State = "processing" // the original has arrived; there is no manifest yet
	Ready      State = "ready"      // every variant is stored
	Rejected   State = "rejected"   // the original cannot be rendered: see Reason
	Expired    State = "expired"    // no original has arrived, and the token has expired
	Removed    State = "removed"    // a user has removed the photo; an original that arrives later is deleted
)

// The tag of a manifest that says removed. A lifecycle rule of the bucket can expire such manifests and no others.
// Until one expires, tokens that were issued before the removal are of no use.
const (
	TagName    = "darkroom"
	TagRemoved = "removed"

	// RemovedTagging is that tag in the form that a PUT to S3 takes.
	RemovedTagging = TagName + "=" + TagRemoved
)

// Reason says why a photo was rejected. Only the uploader can help: a retry with the same bytes gives the same reason.
type Reason string

const (
	ReasonUnsupported   Reason = "unsupported"     // no format that Darkroom reads, or none that the board accepts
	ReasonCorrupt       Reason = "corrupt"         // starts like a picture but does not decode
	ReasonTruncated     Reason = "truncated"       // the file ends before the picture does
	ReasonTooLarge      Reason = "too-large"       // more bytes than a limit
	ReasonTooManyPixels Reason = "too-many-pixels" // more pixels than a limit, or more than the memory budget can hold
	ReasonTooExpensive  Reason = "too-expensive"   // more work to read than a picture of its size is worth
)

// Reasons lists every Reason.
var Reasons = []Reason{ReasonUnsupported, ReasonCorrupt, ReasonTruncated, ReasonTooLarge, ReasonTooManyPixels, ReasonTooExpensive}

// ManifestVersion is the version of the manifest format that this package writes. It grows when a reader of an older
// version would misread a newer one. Adding a field does not change it. [ParseManifest] says what every version keeps.
const ManifestVersion = 1

// ManifestName is the last part of the key of a manifest.
const ManifestName = "manifest.json"

// MaxManifestBytes is the maximum size of a stored manifest: 1 MiB. A larger one is an [ErrManifest]. A manifest of
// three variants is smaller than 2 KiB.
const MaxManifestBytes = 1 << 20

// ManifestContentType is the media type of a manifest object.
const ManifestContentType = "application/json"

// Manifest is the outcome of one original. It is the last object that is written for a photo, and the only one that a
// client reads. A manifest that says removed has no source and no recipe: it covers every original that may still
// arrive.
type Manifest struct {
	Version  int       `json:"version"`
	Board    Board     `json:"board"`
	ID       ID        `json:"id"`
	State    State     `json:"state"`            // Ready, Rejected or Removed
	Reason   Reason    `json:"reason,omitempty"` // when Rejected
	Detail   string    `json:"detail,omitempty"` // when Rejected: sentences for the uploader
	Source   Source    `json:"source"`
	Photo    *Info     `json:"photo,omitempty"`    // absent if the header could not be read
	Variants []Variant `json:"variants,omitempty"` // when Ready: by spec, and by format within a spec
	Recipe   string    `json:"recipe"`             // the Name of the Recipe it was rendered by
	Created  time.Time `json:"created"`            // when the manifest was written

	// OriginalDiscarded is when the worker decided to delete the original, because the photo was rejected long ago. Zero
	// for any other manifest.
	OriginalDiscarded time.Time `json:"originalDiscarded,omitzero"`

	// Limits are those of the worker that wrote the manifest, if one of them decided the outcome: it rejected the photo
	// for a limit, or it accepts damaged files and this is one. They are absent otherwise, and from manifests of older
	// releases.
	Limits *RecipeLimits `json:"limits,omitempty"`

	// Erasure records what was removed, when Removed. Absent from manifests of older releases.
	Erasure *Erasure `json:"erasure,omitempty"`
}

// Source identifies the version of the original that a manifest is about.
type Source struct {
	Bytes     int64     `json:"bytes"`
	ETag      string    `json:"etag"`                // with its quotes
	VersionID string    `json:"versionId,omitempty"` // absent in a bucket without versioning
	SHA256    string    `json:"sha256,omitempty"`    // lower-case hexadecimal; absent if it was uploaded without one
	Modified  time.Time `json:"modified"`            // last modification of the original
	Owner     string    `json:"owner,omitempty"`     // the subject of the token it was uploaded with
	Labels              // what the uploader said about it
}

// SameVersion reports whether s and o are the same version of an original. A listing does not give the VersionID: if either of
// them lacks it, the ETag and the size decide.
func (s Source) SameVersion(o Source) bool {
	sameVersion := s.VersionID == o.VersionID || s.VersionID == "" || o.VersionID == ""
	return s.ETag == o.ETag && s.Bytes == o.Bytes && sameVersion
}

// Info describes the picture in an original.
type Info struct {
	Format Format `json:"format"`
	Width  int    `json:"width"`  // pixels, upright
	Height int    `json:"height"` // pixels, upright

	Animated bool `json:"animated,omitempty"` // the variants show the first frame, except for those that are animated too
	Damaged  bool `json:"damaged,omitempty"`  // the file is damaged, and the variants show what could be read of it

	// Duration is how long the animation plays once, in milliseconds. Absent unless a spec asks for animated variants,
	// if the photo was rejected, and from manifests of older releases.
	Duration int64 `json:"duration,omitempty"`
	// AnimationLost says why no variant is animated although a spec asks for it and the original is. Empty otherwise.
	AnimationLost AnimationLost `json:"animationLost,omitempty"`

	// HDRLost says that the original has a gain map which cannot be used, so that no variant keeps it. Absent unless a
	// spec asks for it, if the photo was rejected, and from manifests of older releases.
	HDRLost bool `json:"hdrLost,omitempty"`

	// Preview for a page that has not yet loaded a variant. Absent if the photo was rejected.
	ThumbHash string `json:"thumbHash,omitempty"` // placeholder in base64: https://evanw.github.io/thumbhash/
	Colour    string `json:"colour,omitempty"`    // most common colour, as #rrggbb

	// PerceptualHash is a fingerprint of what the picture shows: 16 hexadecimal digits that differ in few bits for
	// copies of one picture. It is the DCT hash pHash, in the form of the library ImageHash. Absent if the photo was
	// rejected, and from manifests of older releases.
	PerceptualHash string `json:"perceptualHash,omitempty"`

	// Credit is what the worker keeps of the words in the original. Absent if it keeps none, or if there are none.
	Credit Credit `json:"credit,omitzero"`

	// ContentCredentials says that the original carries a C2PA manifest. Nobody has checked its signature, and no
	// variant carries one. Absent if the photo was rejected, and from manifests of older releases.
	ContentCredentials bool `json:"contentCredentials,omitempty"`
	// ClaimGenerator is the program that made the content credentials, if they name it: untrusted text of at most
	// MaxClaimGenerator characters.
	ClaimGenerator string `json:"claimGenerator,omitempty"`
}

// Variant describes one resized copy. A spec with several formats gives one Variant for each, all with its name.
type Variant struct {
	Name        string `json:"name"`        // name of its spec
	Key         string `json:"key"`         // key in the variants bucket
	ContentType string `json:"contentType"` // a media type
	Width       int    `json:"width"`       // pixels
	Height      int    `json:"height"`      // pixels
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"` // lower-case hexadecimal

	// Spec is the [SpecRecipe.ID] of the spec that it was rendered by. A variant is kept until that changes, whatever
	// becomes of other specs. Absent from manifests of older releases.
	Spec string `json:"spec,omitempty"`

	// HDR says that the file has a gain map, as the original does. It looks brighter on a display with headroom.
	HDR bool `json:"hdr,omitempty"`

	// Animated says that the file is an animation. A still file of the same name, its poster, is always among the
	// variants.
	Animated bool  `json:"animated,omitempty"`
	Duration int64 `json:"duration,omitempty"` // when Animated: milliseconds that it takes to play once
	Loops    int   `json:"loops,omitempty"`    // when Animated: how often it plays; absent means for ever

	// The fields below are set only for a lossy file whose spec has a score.
	Quality     int     `json:"quality,omitempty"`     // quality setting of the encoder that the search found
	Score       float64 `json:"score,omitempty"`       // SSIMULACRA2 against the variant before it was encoded, rounded down to hundredths
	ScoreMissed bool    `json:"scoreMissed,omitempty"` // no quality reaches the score of the spec, and this is the best
}

// Tombstone returns the manifest of a photo that a user removed at this time.
func Tombstone(ref Ref, at time.Time) *Manifest {
	return &Manifest{Version: ManifestVersion, Board: ref.Board, ID: ref.ID, State: Removed, Created: at.UTC()}
}

// Discarded reports whether the manifest outlives its original: the photo was rejected long ago, and the original has
// been deleted.
func (m *Manifest) Discarded() bool { return m.State == Rejected && !m.OriginalDiscarded.IsZero() }

// Ref returns the photo that the manifest is about.
func (m *Manifest) Ref() Ref { return Ref{Board: m.Board, ID: m.ID} }

// MarshalIndented returns the manifest as the JSON that is stored.
func (m *Manifest) MarshalIndented() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("manifest of %s: %w", m.Ref(), err)
	}
	return append(b, '\n'), nil
}
