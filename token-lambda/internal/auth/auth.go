// Package auth checks the bearer tokens of Darkroom's users: JSON Web Tokens (RFC 7519) that an issuer of the
// operator's choice has signed with a key of its JWK Set (RFC 7517).
//
// A token is accepted when all of this holds, as RFC 8725 advises:
//
//   - it is signed with RS256, ES256 or EdDSA, by a key of the set that the configuration or the issuer's discovery
//     document (OpenID Connect Discovery 1.0) names and no other: what the header says of keys (jwk, jku, x5c, x5u)
//     is not looked at, and a critical extension (crit) is refused;
//   - iss and aud are the configured ones, exp is there and not past, nbf, if there, is past, each give or take 30 s;
//   - typ, if there, is JWT or at+jwt (RFC 9068), so that a token made for another purpose is not taken for one;
//   - sub is not empty.
//
// Scopes are read from the claim scope, a string with spaces between (RFC 9068), or else scp, a string or an array.
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
	"slices"
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
	if c.Keys.URL == "" {
		if err := checkURL(c.Issuer); err != nil {
			return fmt.Errorf("issuer %q, whose discovery document is to be read: %w", c.Issuer, err)
		}
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
	keys := newKeySet(cfg.Issuer, cfg.Keys, log)
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
		if typ, ok := t.Header["typ"]; ok && !accessToken(typ) {
			return nil, errType
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
	return api.Caller{Subject: sub, Boards: wordsOf(claims[v.boards]), Scopes: scopesOf(claims)}, nil
}

// errCritical refuses what RFC 7515, section 4.1.11, says must be refused unless it is understood.
var errCritical = errors.New("critical header extension")

// errType refuses what RFC 8725, section 3.11, calls cross-JWT confusion.
var errType = errors.New("typ of another kind of token")

// accessToken reports whether a token of this typ may be an access token: it says so (RFC 9068, section 2.1), or it says
// only that it is a JWT, as those of most issuers do.
func accessToken(typ any) bool {
	s, ok := typ.(string)
	return ok && slices.Contains([]string{"jwt", "at+jwt", "application/at+jwt"}, strings.ToLower(s))
}

// reason tells the client which rule the token broke, in words of ours: those of err may quote the token.
func reason(err error) string {
	for _, r := range []struct {
		err    error
		reason string
	}{
		{errCritical, "it has a critical extension that is not understood"},
		{errType, "it is another kind of token: its typ is neither JWT nor at+jwt"},
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

// scopesOf reads the scopes: some issuers call the claim scp.
func scopesOf(claims jwt.MapClaims) []string {
	if scope, ok := claims["scope"]; ok {
		return wordsOf(scope)
	}
	return wordsOf(claims["scp"])
}

// wordsOf reads a claim that is a list of words. A claim of another form gives none.
func wordsOf(claim any) []string {
	switch c := claim.(type) {
	case string:
		return strings.Fields(c)
	case []any:
		var words []string
		for _, w := range c {
			if s, ok := w.(string); ok {
				words = append(words, s)
			}
		}
		return words
	}
	return nil
}
