package contract

import "darkroom/worker/photo"

// Upload is the state of a photo.
type Upload struct {
	ID     photo.ID     `json:"id"`
	State  photo.State  `json:"state"`
	Reason photo.Reason `json:"reason,omitempty"` // when rejected
	Detail string       `json:"detail,omitempty"` // when rejected: the reason in words
	// Width and Height are those of the upright original in pixels, if they could be read.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Animated says that the original is animated. The variants show its first frame, except for those that are
	// animated too.
	Animated bool `json:"animated,omitempty"`
	// Duration is how long the animation takes to play once, in milliseconds. It is there only if the operator's specs
	// have animated variants.
	Duration int64 `json:"duration,omitempty"`
	// AnimationLost says why no variant is animated although a spec asks for it.
	AnimationLost photo.AnimationLost `json:"animationLost,omitempty"`
	// Damaged says that the original is damaged. The variants show what could be read of it.
	Damaged bool `json:"damaged,omitempty"`
	// ThumbHash is a placeholder to show until a variant has loaded, in base64.
	ThumbHash string `json:"thumbHash,omitempty"`
	Colour    string `json:"colour,omitempty"` // most common colour, #rrggbb
	// PerceptualHash is a fingerprint of what the picture shows, 16 hexadecimal digits: see [photo.Info].
	PerceptualHash string `json:"perceptualHash,omitempty"`
	// Credit says who made the picture and what it shows, as far as the operator keeps it. It is untrusted text.
	Credit photo.Credit `json:"credit,omitzero"`

	// ContentCredentials says that the original carries a C2PA manifest, which nobody has verified.
	ContentCredentials bool `json:"contentCredentials,omitempty"`
	// ClaimGenerator is the program that made the C2PA manifest. It is untrusted text.
	ClaimGenerator string `json:"claimGenerator,omitempty"`

	Name     string            `json:"name,omitempty"`     // file name that the uploader gave: untrusted text
	Metadata map[string]string `json:"metadata,omitempty"` // what the uploader added: untrusted text
	// Uploaded is when the original arrived, to the second. It is absent if there is none, or if it was not looked at.
	Uploaded Time `json:"uploaded,omitzero"`
	// Updated is when the outcome was written. It changes when the photo is rendered again.
	Updated  Time      `json:"updated,omitzero"`
	Variants []Variant `json:"variants,omitempty"` // when ready
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
