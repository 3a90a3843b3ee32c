package contract

import "darkroom/worker/photo"

// Upload is the state of a photo.
type Upload struct {
	ID             photo.ID            `json:"id"`
	State          photo.State         `json:"state"`
	Reason         photo.Reason        `json:"reason,omitempty"`         // when rejected
	Detail         string              `json:"detail,omitempty"`         // when rejected: the reason in words
	Width          int                 `json:"width,omitempty"`          // width of the upright original in pixels, if it could be read
	Height         int                 `json:"height,omitempty"`         // height of the upright original in pixels, if it could be read
	Animated       bool                `json:"animated,omitempty"`       // the original is animated; the variants show its first frame, except for those that are animated too
	Duration       int64               `json:"duration,omitempty"`       // milliseconds of the animation, played once; only if the operator's specs have animated variants
	AnimationLost  photo.AnimationLost `json:"animationLost,omitempty"`  // why no variant is animated although a spec asks for it
	Damaged        bool                `json:"damaged,omitempty"`        // the original is damaged; the variants show what could be read of it
	ThumbHash      string              `json:"thumbHash,omitempty"`      // placeholder to show until a variant has loaded, base64
	Colour         string              `json:"colour,omitempty"`         // most common colour, #rrggbb
	PerceptualHash string              `json:"perceptualHash,omitempty"` // fingerprint of what the picture shows, 16 hexadecimal digits: see [photo.Info]
	Credit         photo.Credit        `json:"credit,omitzero"`          // who made the picture and what it shows, as far as the operator keeps it: untrusted text

	ContentCredentials bool   `json:"contentCredentials,omitempty"` // the original carries a C2PA manifest, which nobody has verified
	ClaimGenerator     string `json:"claimGenerator,omitempty"`     // the program that made the C2PA manifest: untrusted text

	Name     string            `json:"name,omitempty"`     // file name that the uploader gave: untrusted text
	Metadata map[string]string `json:"metadata,omitempty"` // what the uploader added: untrusted text
	Uploaded Time              `json:"uploaded,omitzero"`  // when the original arrived, to the second; absent if there is none, or if it was not looked at
	Updated  Time              `json:"updated,omitzero"`   // when the outcome was written; a photo that is rendered again is updated
	Variants []Variant         `json:"variants,omitempty"` // when ready
}

// Variant is a rendered copy of a photo.
type Variant struct {
	Name        string `json:"name"`
	URL         string `json:"url"` // a presigned GET, or a permanent URL if variants are public
	ContentType string `json:"contentType"`
	Width       int    `json:"width"`  // pixels
	Height      int    `json:"height"` // pixels
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"`        // lower-case hexadecimal
	HDR         bool   `json:"hdr,omitempty"` // has a gain map: brighter on a display with headroom

	Animated bool  `json:"animated,omitempty"` // an animation; a still variant of the same name is its poster
	Duration int64 `json:"duration,omitempty"` // if animated: milliseconds that it takes to play once
	Loops    int   `json:"loops,omitempty"`    // if animated: how often it plays; absent means for ever
}

// Page is a part of the photos of a board, the newest first.
type Page struct {
	Uploads []Upload `json:"uploads"`
	Next    string   `json:"next,omitempty"` // cursor of the next page; absent on the last one
}

// Health answers a health check.
type Health struct {
	Status string `json:"status"` // ok
}
