// Package contract defines what clients and the API of Darkroom send each other: requests, answers, problem documents,
// limits, paths and header names. The API, the Go client and the end-to-end tests share these types. The same contract
// for clients in other languages is openapi.json, see [OpenAPI]; a test compares the two.
//
// Clients must ignore JSON members that they do not know: members may be added.
package contract

import (
	_ "embed"
	"time"

	"darkroom/worker/photo"
)

// Paths of the API, as patterns of [net/http.ServeMux].
const (
	UploadsPattern = version + "/boards/{board}/uploads"
	BatchPattern   = UploadsPattern + batch // no id is called batch
	UploadPattern  = UploadsPattern + "/{id}"
	// The routes that wait have paths of their own, because API Gateway tells requests apart by path and not by query.
	// So they can have a function of their own, whose waits take no concurrency from the function that issues tokens.
	OutcomePattern  = UploadPattern + outcome
	OutcomesPattern = version + "/boards/{board}" + outcomes
	ErasurePattern  = UploadPattern + erasure
	ErasureKeysPath = version + "/erasure-keys"
	OpenAPIPath     = "/openapi.json"
	ProblemsPath    = "/problems/" // lists the types of problems; the path of each one is below it
	ProblemPattern  = ProblemsPath + "{slug}"

	version  = "/v1"
	batch    = "/batch"
	outcome  = "/outcome"
	outcomes = "/outcomes"
	erasure  = "/erasure"
)

// UploadsPath returns the path to create uploads on a board and to list its photos.
func UploadsPath(board photo.Board) string {
	return version + "/boards/" + string(board) + "/uploads"
}

// BatchPath returns the path to create several uploads on a board.
func BatchPath(board photo.Board) string { return UploadsPath(board) + batch }

// UploadPath returns the path of one photo.
func UploadPath(ref photo.Ref) string { return UploadsPath(ref.Board) + "/" + string(ref.ID) }

// OutcomePath returns the path to wait for the outcome of one photo.
func OutcomePath(ref photo.Ref) string { return UploadPath(ref) + outcome }

// ErasurePath returns the path of the receipt of the erasure of one photo.
func ErasurePath(ref photo.Ref) string { return UploadPath(ref) + erasure }

// OutcomesPath returns the path to wait for the outcomes of several photos of a board.
func OutcomesPath(board photo.Board) string {
	return version + "/boards/" + string(board) + outcomes
}

// Header names and media types that both sides use, in addition to those of HTTP itself.
const (
	RequestIDHeader   = "X-Request-Id" // identifies a request in the API's log
	TraceparentHeader = "Traceparent"  // W3C Trace Context, https://www.w3.org/TR/trace-context/
	PreferHeader      = "Prefer"       // preferences of a request, RFC 7240; the API knows wait
	// RateLimitHeader says what is left of the quotas: draft-ietf-httpapi-ratelimit-headers.
	RateLimitHeader         = "RateLimit"
	RateLimitPolicyHeader   = "RateLimit-Policy"         // the quotas of a board and a user, as in the same draft
	PreferenceAppliedHeader = "Preference-Applied"       // the preference that an answer follows, RFC 7240
	ContentType             = "application/json"         // media type of requests and answers
	ProblemContentType      = "application/problem+json" // media type of problem documents, RFC 9457
	EventsContentType       = "text/event-stream"        // media type of server-sent events
	// ReceiptContentType is the media type of a receipt, a JWS in compact serialization: RFC 7515.
	ReceiptContentType = "application/jose"
	KeySetContentType  = "application/jwk-set+json" // media type of a JWK Set, RFC 7517
	OutcomeEvent       = "outcome"                  // name of an event whose data is an Upload with an outcome
)

// Query parameters.
const (
	WaitParameter   = "wait"   // how long to wait for an outcome, a duration such as 20s, or seconds
	CursorParameter = "cursor" // Page.Next of the page before
	LimitParameter  = "limit"  // maximum number of photos on a page
	IDsParameter    = "ids"    // photos whose outcomes to list, separated by commas; at most MaxPage
)

const (
	// MaxBody is the maximum size of a request body: 256 KiB. An upload needs fewer than 200 bytes, or 4 KiB with a
	// name and all the metadata that S3 keeps, so MaxBatch of them fit.
	MaxBody = 256 << 10
	// MaxBatch is the maximum number of uploads in one request.
	MaxBatch = 50
	// DefaultPage and MaxPage are the default and the maximum number of photos on a page.
	DefaultPage, MaxPage = 20, 100
	// MaxCursor is the maximum length of a cursor in bytes: that of an S3 key.
	MaxCursor = 1024
	// MaxWait is the longest that a request waits for an outcome.
	MaxWait = 20 * time.Second
	// VariantTTL is how long the presigned URL of a variant is valid after it was signed.
	VariantTTL = 15 * time.Minute
	// VariantRenewal is how often the presigned URL of a variant changes. The API signs at multiples of this time, so
	// all answers in between have the same URL and caches can use it. The URL of an answer is valid for at least
	// another VariantTTL - VariantRenewal.
	VariantRenewal = 5 * time.Minute
)

// OpenAPI is the contract as an OpenAPI 3.1 document.
//
//go:embed openapi.json
var OpenAPI []byte
