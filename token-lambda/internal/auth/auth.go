// Package auth checks the bearer tokens of Darkroom's users: JSON Web Tokens (RFC 7519) that an issuer of the
// operator's choice has signed with a key of its JWK Set (RFC 7517).
//
// A token is accepted when all of this holds, as RFC 8725 advises:
//
//   - it is signed with RS256, ES256 or EdDSA, by a key of the set that AUTH_JWKS_URL names and no other: what the
//     header says of keys (jwk, jku, x5c, x5u) is not looked at, and a critical extension (crit) is refused;
//   - iss and aud are the configured ones, exp is there and not past, nbf, if there, is past, each give or take 30 s;
//   - sub is not empty.
//
// The boards claim lists the boards that the caller may use, as an array of strings or as one string with spaces
// between, like the scopes of OAuth 2.0; "*" is every board.
package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"darkroom/token-lambda/internal/api"
)

const (
	// DefaultBoardsClaim is the claim that lists the caller's boards by default.
	DefaultBoardsClaim = "boards"
	// Leeway is how far the issuer's clock may be from ours.
	Leeway = 30 * time.Second
	// maxSubject bounds the subject, in bytes after percent-encoding: it travels as user metadata of the object, of
	// which S3 takes 2 KB in all.
	maxSubject = 1024
)

// Config says whose tokens are accepted.
type Config struct {
	Issuer      string // what iss must be
	Audience    string // what aud must be or contain
	BoardsClaim string // default DefaultBoardsClaim
	Keys        KeysConfig
}

// Validate reports the first setting that cannot work.
func (c Config) Validate() error {
	switch {
	case c.Issuer == "":
		return errors.New("issuer of the tokens: empty")
	case c.Audience == "":
		return errors.New("audience of the tokens: empty")
	}
	return c.Keys.Validate()
}

// Verifier is the api.Authenticator of this package. It is safe for concurrent use.
type Verifier struct {
	parser *jwt.Parser
	keys   *keySet
	lookup keyfunc.Keyfunc
	boards string // name of the claim
}

// New returns a Verifier that has fetched no key yet: see [Verifier.Warm].
func New(cfg Config, log *slog.Logger) (*Verifier, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.BoardsClaim == "" {
		cfg.BoardsClaim = DefaultBoardsClaim
	}
	keys := newKeySet(cfg.Keys, log)
	lookup, err := keyfunc.New(keyfunc.Options{Storage: keys})
	if err != nil {
		return nil, fmt.Errorf("look up keys: %w", err)
	}
	return &Verifier{
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{"RS256", "ES256", "EdDSA"}),
			jwt.WithIssuer(cfg.Issuer), jwt.WithAudience(cfg.Audience),
			jwt.WithExpirationRequired(), jwt.WithLeeway(Leeway)),
		keys: keys, lookup: lookup, boards: cfg.BoardsClaim,
	}, nil
}

// Warm fetches the keys, so that the first request need not. Its failure is logged and otherwise of no consequence:
// the first request will try again.
func (v *Verifier) Warm(ctx context.Context) { v.keys.refresh(ctx) }

// Authenticate implements api.Authenticator.
func (v *Verifier) Authenticate(ctx context.Context, token string) (api.Caller, error) {
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if _, ok := t.Header["crit"]; ok {
			return nil, errCritical
		}
		return v.lookup.KeyfuncCtx(ctx)(t)
	})
	var down *api.UnavailableError
	switch {
	case errors.As(err, &down):
		return api.Caller{}, down
	case err != nil && ctx.Err() != nil:
		return api.Caller{}, fmt.Errorf("verify the token: %w", ctx.Err())
	}
	if err != nil {
		return api.Caller{}, &api.TokenError{Reason: reason(err), Err: err}
	}
	sub, err := claims.GetSubject()
	if err != nil || sub == "" {
		return api.Caller{}, &api.TokenError{Reason: "it names no subject", Err: err}
	}
	if len(url.PathEscape(sub)) > maxSubject {
		return api.Caller{}, &api.TokenError{Reason: fmt.Sprintf("its subject is longer than %d bytes, percent-encoded", maxSubject)}
	}
	return api.Caller{Subject: sub, Boards: boardsOf(claims[v.boards])}, nil
}

// errCritical refuses what RFC 7515, section 4.1.11, says must be refused unless it is understood.
var errCritical = errors.New("critical header extension")

// reason tells the client which rule the token broke, in words of ours: those of err may quote the token.
func reason(err error) string {
	for _, r := range []struct {
		err    error
		reason string
	}{
		{errCritical, "it has a critical extension that is not understood"},
		{errUnknownKey, "it is signed with a key that is not known here"},
		{jwt.ErrTokenMalformed, "it is not a JSON Web Token"},
		{jwt.ErrTokenExpired, "it has expired"},
		{jwt.ErrTokenNotValidYet, "it is not valid yet"},
		{jwt.ErrTokenRequiredClaimMissing, "a claim that is required is missing"},
		{jwt.ErrTokenInvalidIssuer, "it is from another issuer"},
		{jwt.ErrTokenInvalidAudience, "it is for another audience"},
		{jwt.ErrTokenSignatureInvalid, "its signature does not hold"},
	} {
		if errors.Is(err, r.err) {
			return r.reason
		}
	}
	return "it cannot be verified"
}

// boardsOf reads the boards claim. A claim of another form gives no board.
func boardsOf(claim any) []string {
	switch c := claim.(type) {
	case string:
		return strings.Fields(c)
	case []any:
		var boards []string
		for _, b := range c {
			if s, ok := b.(string); ok {
				boards = append(boards, s)
			}
		}
		return boards
	}
	return nil
}
