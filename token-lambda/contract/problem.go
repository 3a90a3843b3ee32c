package contract

// Types of problem documents. They are stable: clients may switch on them.
const (
	TypeRequestInvalid     = "urn:darkroom:problem:request-invalid"     // 400: the body is not the expected JSON
	TypeFormNotAllowed     = "urn:darkroom:problem:form-not-allowed"    // 400: this API issues no forms
	TypeRequestTooLarge    = "urn:darkroom:problem:request-too-large"   // 413: the body exceeds limit bytes
	TypeTypeNotAllowed     = "urn:darkroom:problem:type-not-allowed"    // 400: contentType is not one of allowed
	TypeLengthInvalid      = "urn:darkroom:problem:length-invalid"      // 400: contentLength is missing or not above 0
	TypeUploadTooLarge     = "urn:darkroom:problem:upload-too-large"    // 413: contentLength exceeds limit bytes
	TypeDigestInvalid      = "urn:darkroom:problem:digest-invalid"      // 400: sha256 is not the base64 encoding of 32 bytes
	TypeDigestRequired     = "urn:darkroom:problem:digest-required"     // 400: sha256 is missing, and this API requires it
	TypeNameInvalid        = "urn:darkroom:problem:name-invalid"        // 400: the board or the id in the path is malformed
	TypeQueryInvalid       = "urn:darkroom:problem:query-invalid"       // 400: a query parameter is malformed
	TypeBatchInvalid       = "urn:darkroom:problem:batch-invalid"       // 400: no token was issued; uploads lists the faults
	TypeTokenMissing       = "urn:darkroom:problem:token-missing"       // 401: there is no bearer token
	TypeTokenInvalid       = "urn:darkroom:problem:token-invalid"       // 401: expired, forged, or for another service
	TypeBoardForbidden     = "urn:darkroom:problem:board-forbidden"     // 403: the bearer token does not include this board
	TypeScopeMissing       = "urn:darkroom:problem:scope-missing"       // 403: the bearer token lacks the required scope
	TypeNotOwner           = "urn:darkroom:problem:not-owner"           // 403: only the photo's owner may remove it
	TypeUploadUnknown      = "urn:darkroom:problem:upload-unknown"      // 404: this id was never handed out for this board
	TypeNotFound           = "urn:darkroom:problem:not-found"           // 404: there is no such path
	TypeMethodNotAllowed   = "urn:darkroom:problem:method-not-allowed"  // 405: see Allow
	TypeInternal           = "urn:darkroom:problem:internal"            // 500: the log has details under the request id
	TypeAuthUnavailable    = "urn:darkroom:problem:auth-unavailable"    // 503: bearer tokens cannot be checked; see Retry-After
	TypeStorageUnavailable = "urn:darkroom:problem:storage-unavailable" // 503: S3 cannot be used at the moment; see Retry-After
	TypeTimeout            = "urn:darkroom:problem:timeout"             // 503: the request took too long; see Retry-After
)

// ProblemTypes lists every type of problem document.
var ProblemTypes = []string{
	TypeRequestInvalid, TypeFormNotAllowed, TypeRequestTooLarge, TypeTypeNotAllowed, TypeLengthInvalid, TypeUploadTooLarge,
	TypeDigestInvalid, TypeDigestRequired, TypeNameInvalid, TypeQueryInvalid, TypeBatchInvalid, TypeTokenMissing,
	TypeTokenInvalid, TypeBoardForbidden, TypeScopeMissing, TypeNotOwner, TypeUploadUnknown, TypeNotFound, TypeMethodNotAllowed, TypeInternal,
	TypeAuthUnavailable, TypeStorageUnavailable, TypeTimeout,
}

// InternalDetail is the detail of every problem of TypeInternal: the client can do nothing about it.
const InternalDetail = "The fault is the API's, not the request's. Its log has details under the request id."

// Problem is a problem document, RFC 9457.
type Problem struct {
	Type      string   `json:"type"`   // one of ProblemTypes
	Title     string   `json:"title"`  // text of the HTTP status
	Status    int      `json:"status"` // HTTP status
	Detail    string   `json:"detail,omitempty"`
	RequestID string   `json:"requestId"`         // identifies the request in the API's log
	Limit     int64    `json:"limit,omitempty"`   // bytes, when something is too large
	Allowed   []string `json:"allowed,omitempty"` // accepted values, when a value is not one of them
	Uploads   []Fault  `json:"uploads,omitempty"` // faulty uploads of a batch
}

// Fault is what is wrong with one upload of a batch. Its members are those of the problem for that upload alone.
type Fault struct {
	Index   int      `json:"index"` // position in the batch, from 0
	Type    string   `json:"type"`  // one of ProblemTypes
	Detail  string   `json:"detail"`
	Limit   int64    `json:"limit,omitempty"`
	Allowed []string `json:"allowed,omitempty"`
}
