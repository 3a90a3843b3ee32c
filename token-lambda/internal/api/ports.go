package api

import (
	"context"
	"slices"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// Caller is who sent a request, according to their bearer token.
type Caller struct {
	Subject string   // never empty
	Boards  []string // boards that the caller may use; AnyBoard is every board
	Scopes  []string // OAuth scopes of the token
}

// AnyBoard in [Caller.Boards] stands for every board.
const AnyBoard = "*"

// May reports whether the caller may use the board.
func (c Caller) May(b photo.Board) bool {
	return slices.Contains(c.Boards, string(b)) || slices.Contains(c.Boards, AnyBoard)
}

// Authenticator checks bearer tokens.
type Authenticator interface {
	// Authenticate returns the caller that the token identifies. It returns a [*TokenError] if the token is not
	// acceptable, and an [*UnavailableError] if it cannot be checked at the moment.
	Authenticate(ctx context.Context, token string) (Caller, error)
}

// TokenError says why a token is not accepted.
type TokenError struct {
	Reason string // for the client: printable ASCII without quotes or a full stop
	Err    error  // for the log; may be nil; never holds the token
}

func (e *TokenError) Error() string {
	if e.Err == nil {
		return "token refused: " + e.Reason
	}
	return "token refused: " + e.Reason + ": " + e.Err.Error()
}

func (e *TokenError) Unwrap() error { return e.Err }

// UnavailableError says that tokens cannot be checked at the moment.
type UnavailableError struct {
	RetryAfter time.Duration // when to try again
	Err        error         // never nil
}

func (e *UnavailableError) Error() string { return "cannot check tokens: " + e.Err.Error() }
func (e *UnavailableError) Unwrap() error { return e.Err }

// OutageError says that S3, or the credentials for it, cannot be used at the moment. Another attempt may succeed.
type OutageError struct{ Err error } // never nil

func (e *OutageError) Error() string { return "storage is unavailable: " + e.Err.Error() }
func (e *OutageError) Unwrap() error { return e.Err }

// Upload is what a client wants to send. A token binds all of it.
type Upload struct {
	Ref           photo.Ref
	Owner         string        // the caller's subject
	ContentType   string        // media type without parameters, lower-case
	ContentLength int64         // bytes, more than 0
	SHA256        string        // standard base64 of the 32 bytes; empty if the client gave none
	Limits        photo.Limits  // limits of the board, which the worker enforces
	Labels        photo.Labels  // must be valid
	Traceparent   string        // W3C Trace Context, which the worker continues; empty without a trace
	Lifetime      time.Duration // how long the token is valid, 1 s to MaxTokenTTL
}

// UserMetadata returns the user metadata to store with the original.
func (u Upload) UserMetadata() map[string]string {
	m := u.Labels.UserMetadata(u.Owner)
	if limits := u.Limits.String(); limits != "" {
		m[photo.MetaLimits] = limits
	}
	if u.Traceparent != "" {
		m[photo.MetaTraceparent] = u.Traceparent
	}
	return m
}

// Form is an upload by an HTML form.
type Form struct {
	Upload          // ContentLength is the maximum size of the photo
	MinLength int64 // minimum size of the photo in bytes, more than 0
}

// Presigned is a request that a client may send exactly as it is, without credentials of its own.
type Presigned struct {
	Method  string
	URL     string            // a secret until it expires: never log it
	Headers map[string]string // every header that the client must set, names in lower case
	Fields  map[string]string // every field of a form to send before the file; nil for other requests
	Expires time.Time         // zero: never
}

// Signer presigns requests to S3. Its methods return an [*OutageError] if there are no valid credentials at the moment.
type Signer interface {
	// SignUpload presigns the one PUT that can send u.
	SignUpload(ctx context.Context, u Upload) (Presigned, error)
	// SignForm presigns a form, which can be sent more than once.
	SignForm(ctx context.Context, f Form) (Presigned, error)
	// SignVariant returns a GET of the object with this key in the variants bucket. If variants are public, its URL is
	// not presigned and does not expire.
	SignVariant(ctx context.Context, key string) (Presigned, error)
}

// Receipts signs receipts of erasures. Its methods return an [*OutageError] if another attempt may succeed.
type Receipts interface {
	// Sign returns the payload as a signed JWS in compact serialization.
	Sign(ctx context.Context, payload []byte) (string, error)
	// Keys returns the public keys by which receipts can be verified.
	Keys(ctx context.Context) (contract.KeySet, error)
}

// Store reads, lists and removes photos in S3. Its methods return an [*OutageError] if another attempt
// may succeed.
type Store interface {
	// Manifest returns the manifest of ref, or nil if there is none. Nobody may change it. The error wraps
	// [photo.ErrManifest] if there is one that cannot be used, which says nothing about other photos. If original is
	// not nil, it is the version that a listing has just shown, and the manifest about it may be up to a minute old.
	Manifest(ctx context.Context, ref photo.Ref, original *photo.Source) (*photo.Manifest, error)
	// Original describes the original of ref. It returns nil if none has arrived.
	Original(ctx context.Context, ref photo.Ref) (*photo.Source, error)
	// List returns up to limit photos of the board whose originals exist, the newest first, starting after the
	// cursor. An empty cursor is the beginning. List sends one request to S3, so a page may be short, or empty, without
	// being the last.
	List(ctx context.Context, board photo.Board, cursor string, limit int) (Page, error)
	// Remove removes the original of ref, if there is one. It leaves a manifest that makes the worker remove any
	// original that arrives later.
	Remove(ctx context.Context, ref photo.Ref) error
}

// Page is a part of the photos of a board.
type Page struct {
	Originals []Original
	Next      string // cursor of the next page, empty on the last; after a photo it is the photo's id
}

// Original is an original in a listing. A listing does not show its owner.
type Original struct {
	ID photo.ID
	photo.Source
}
