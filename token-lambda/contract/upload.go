package contract

import (
	"time"

	"darkroom/worker/photo"
)

// UploadRequest creates an upload: it says what the client wants to send.
type UploadRequest struct {
	ContentType   string            `json:"contentType"`
	ContentLength int64             `json:"contentLength,omitempty"` // bytes; a form without it accepts any length
	SHA256        string            `json:"sha256,omitempty"`        // base64, as in the header x-amz-checksum-sha256
	Form          bool              `json:"form,omitempty"`          // ask for an HTML form instead of a PUT
	Name          string            `json:"name,omitempty"`          // name of the file, see [photo.Labels]
	Metadata      map[string]string `json:"metadata,omitempty"`      // what to keep with the photo, see [photo.Labels]
}

// BatchRequest creates several uploads: 1 to MaxBatch.
type BatchRequest struct {
	Uploads []UploadRequest `json:"uploads"`
}

// NewUpload is an upload that was created: the state of its photo, and the token to send it with.
type NewUpload struct {
	ID         photo.ID    `json:"id"`
	State      photo.State `json:"state"`      // awaiting
	StatusURL  string      `json:"statusUrl"`  // URL of the upload, where Upload is its later state
	OutcomeURL string      `json:"outcomeUrl"` // URL that waits for the outcome and answers like StatusURL
	ExpiresAt  time.Time   `json:"expiresAt"`  // when the token expires, UTC, whole seconds
	Limits     Limits      `json:"limits"`
	Upload     Token       `json:"upload"`
}

// Token is an upload token: a request to send to S3 exactly as it is. The URL, the headers and the fields are as good
// as a password. Its members are what Uppy 5 expects from getUploadParameters.
type Token struct {
	Method  string            `json:"method"` // PUT, or POST for a form
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"` // every header to set on a PUT
	Fields  map[string]string `json:"fields"`  // every field of a form to send before the file; empty for a PUT
}

// NewUploads answers a BatchRequest, in its order.
type NewUploads struct {
	Uploads []NewUpload `json:"uploads"`
}

// Limits are what a board accepts.
type Limits struct {
	ContentTypes []string `json:"contentTypes"` // media types
	MaxBytes     int64    `json:"maxBytes"`     // maximum size of a photo
	MaxPixels    int64    `json:"maxPixels"`    // maximum width times height of a photo of the declared media type
}
