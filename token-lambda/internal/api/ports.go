package api

import (
	"context"
	"slices"
	"time"

	"darkroom/worker/photo"
)

// Caller is who sent a request, as their bearer token says.
type Caller struct {
	Subject string   // never empty
	Boards  []string // names of the boards the caller may use; AnyBoard is every board
	Scopes  []string // OAuth scopes that the token was granted
}

// AnyBoard in [Caller.Boards] stands for every board.
const AnyBoard = "*"

// May reports whether the caller may use the board.
func (c Caller) May(b photo.Board) bool {
	return slices.Contains(c.Boards, string(b)) || slices.Contains(c.Boards, AnyBoard)
}

// Authenticator checks bearer tokens.
type Authenticator interface {
	// Authenticate returns whom the token speaks for. It returns a [*TokenError] when the token is not acceptable,
	// and an [*UnavailableError] when that cannot be found out just now.
	Authenticate(ctx context.Context, token string) (Caller, error)
}

// TokenError says why a token is not accepted.
type TokenError struct {
	Reason string // for the client: printable ASCII without quotes, no full stop
	Err    error  // for the log; may be nil; never holds the token
}

func (e *TokenError) Error() string {
	if e.Err == nil {
		return "token refused: " + e.Reason
	}
	return "token refused: " + e.Reason + ": " + e.Err.Error()
}

func (e *TokenError) Unwrap() error { return e.Err }

// UnavailableError says that tokens cannot be checked just now.
type UnavailableError struct {
	RetryAfter time.Duration // when trying again makes sense
	Err        error         // never nil
}

func (e *UnavailableError) Error() string { return "tokens cannot be checked: " + e.Err.Error() }
func (e *UnavailableError) Unwrap() error { return e.Err }

// Upload is what a client wants to send, and all of it is bound into the token.
type Upload struct {
	Ref           photo.Ref
	Owner         string        // the caller's subject
	ContentType   string        // a media type without parameters, lower-case
	ContentLength int64         // bytes, more than 0
	SHA256        string        // standard base64 of the 32 bytes; empty when the client gave none
	Limits        photo.Limits  // what the board takes, for the worker to hold the photo to
	Traceparent   string        // of W3C Trace Context, for the worker to go on with; empty when there is no trace
	Needs         time.Duration // how long the client takes at most; the token is good no longer
}

// Form is an upload by an HTML form.
type Form struct {
	Upload          // ContentLength is the most bytes
	MinLength int64 // the least, more than 0
}

// Presigned is a request that a client may send as it is, without credentials of its own.
type Presigned struct {
	Method  string
	URL     string            // a secret until it expires: it never goes to a log
	Headers map[string]string // every header the client must set, names in lower case
	Fields  map[string]string // every field of a form, which come before the file; nil if it is none
	Expires time.Time         // zero: never
}

// Signer makes presigned requests to S3.
type Signer interface {
	// SignUpload presigns the one PUT that can send u.
	SignUpload(ctx context.Context, u Upload) (Presigned, error)
	// SignForm presigns a form, which can be sent more than once.
	SignForm(ctx context.Context, f Form) (Presigned, error)
	// SignVariant returns a GET of the object with this key in the variants bucket: a presigned one, or where everybody
	// may have the variants a plain one that does not expire.
	SignVariant(ctx context.Context, key string) (Presigned, error)
}

// Store looks at what S3 holds, and removes originals.
type Store interface {
	// Manifest returns the manifest of ref, or nil when there is none.
	Manifest(ctx context.Context, ref photo.Ref) (*photo.Manifest, error)
	// HasOriginal reports whether the original of ref has arrived.
	HasOriginal(ctx context.Context, ref photo.Ref) (bool, error)
	// List returns up to limit photos of the board whose originals are there, in the order of their keys, from the
	// cursor on; an empty one is the beginning. It asks S3 once, so a page may be short, or empty, and not the last.
	List(ctx context.Context, board photo.Board, cursor string, limit int) (Page, error)
	// Remove removes the original of ref, and leaves a manifest that makes whoever sees another original remove that too.
	// That there is none is no error.
	Remove(ctx context.Context, ref photo.Ref) error
}

// Page is a part of the photos of a board.
type Page struct {
	IDs  []photo.ID
	Next string // the cursor of the next page; empty when this is the last. After a photo it is the photo's id
}
