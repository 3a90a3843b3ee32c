// Package issuer is a token issuer for development only: it gives anyone a token for any board. In production the
// identity provider of the users takes its place.
//
//	GET  /.well-known/openid-configuration   location of the public key (RFC 8414)
//	GET  /jwks.json                          public key, as a JSON Web Key Set (RFC 7517)
//	GET  /oauth2/authorize                   sign-in page of the authorization code flow (RFC 6749, section 4.1)
//	POST /oauth2/token                       tokens for a code or a refresh token, with PKCE (RFC 7636)
//	POST /oauth2/revoke                      end of a refresh token (RFC 7009)
//	POST /token                              {"subject":"ann","boards":["cats"],"scope":"uploads:read","ttl":"1h"}
//	                                         -> {"token":"...","expiresAt":"..."}
//	GET  /healthz                            200
//
// The board page signs people in by the code flow, as it does with any OpenID Connect provider. Programs send
// POST /token instead. The sign-in page asks for a name and boards, and accepts any.
//
// A token is a JWT access token (RFC 9068) signed with ES256. Its claims are iss, aud, sub, iat, nbf, exp, jti, scope
// and boards, the boards that the subject may use; "*" stands for all. The issuer generates its key at the first start
// and keeps it in a file. Among pages, only those of the configured origins may call the issuer.
package issuer

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"darkroom/deploy/local/origin"
	"darkroom/worker/photo"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// Claims are the claims of a token.
type Claims struct {
	jwt.RegisteredClaims
	Boards []string `json:"boards"`
	Scope  string   `json:"scope"` // separated by spaces
}

// The scopes, and those that a token has by default.
const (
	ReadScope    = "uploads:read"
	WriteScope   = "uploads:write"
	DefaultScope = ReadScope + " " + WriteScope
)

// AllBoards in the boards claim stands for every board.
const AllBoards = "*"

// Default and maximum lifetime of a token.
const (
	DefaultTTL = time.Hour
	MaxTTL     = 30 * 24 * time.Hour
)

// Config configures the issuer.
type Config struct {
	Issuer   string // claim iss: the URL by which verifiers know the issuer
	Audience string // claim aud
	KeyFile  string // PEM file of the private key; created with mode 0600 if it does not exist
	Origins  origin.List
}

// Validate reports the first missing setting.
func (c Config) Validate() error {
	switch {
	case c.Issuer == "":
		return errors.New("issuer: no issuer URL")
	case c.Audience == "":
		return errors.New("issuer: no audience")
	case c.KeyFile == "":
		return errors.New("issuer: no key file")
	}
	return c.Origins.Validate()
}

type issuer struct {
	config Config
	key    *ecdsa.PrivateKey
	kid    string
	jwks   []byte
	grants grants
}

// metadata is the part of RFC 8414, section 2, that verifiers and the board page need. The issuer gives no id tokens.
type metadata struct {
	Issuer                string   `json:"issuer"`
	JWKS                  string   `json:"jwks_uri"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	Scopes                []string `json:"scopes_supported"`
	Algorithms            []string `json:"id_token_signing_alg_values_supported"`
	Subjects              []string `json:"subject_types_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	ClientAuth            []string `json:"token_endpoint_auth_methods_supported"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`
	NamesItself           bool     `json:"authorization_response_iss_parameter_supported"`
}

// New returns the issuer's HTTP handler. It reads the key, or generates one.
func New(c Config) (http.Handler, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	key, err := loadKey(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("issuer: public key: %w", err)
	}
	sum := sha256.Sum256(public)
	i := &issuer{config: c, key: key, kid: hex.EncodeToString(sum[:8]), grants: grants{codes: map[string]*grant{}, refresh: map[string]*grant{}}}
	jwk, err := jwkset.NewJWKFromKey(&key.PublicKey, jwkset.JWKOptions{
		Metadata: jwkset.JWKMetadataOptions{ALG: jwkset.AlgES256, KID: i.kid, USE: jwkset.UseSig},
	})
	if err != nil {
		return nil, fmt.Errorf("issuer: key set: %w", err)
	}
	i.jwks, err = json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}})
	if err != nil {
		return nil, fmt.Errorf("issuer: key set: %w", err)
	}

	discovery, err := json.Marshal(metadata{Issuer: c.Issuer, JWKS: c.Issuer + "/jwks.json",
		AuthorizationEndpoint: c.Issuer + "/oauth2/authorize", TokenEndpoint: c.Issuer + "/oauth2/token", RevocationEndpoint: c.Issuer + "/oauth2/revoke",
		Scopes: append(strings.Fields(DefaultScope), OfflineScope), Algorithms: []string{"ES256"}, Subjects: []string{"public"},
		ResponseTypes: []string{"code"}, GrantTypes: []string{"authorization_code", "refresh_token"}, ClientAuth: []string{"none"},
		ChallengeMethods: []string{"S256"}, NamesItself: true})
	if err != nil {
		return nil, fmt.Errorf("issuer: discovery document: %w", err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(discovery)
	})
	mux.HandleFunc("GET /jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Write(i.jwks)
	})
	mux.HandleFunc("GET /oauth2/authorize", i.authorize)
	mux.HandleFunc("POST /oauth2/authorize", i.authorize)
	mux.HandleFunc("POST /oauth2/token", i.accessToken)
	mux.HandleFunc("POST /oauth2/revoke", i.revoke)
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	return c.Origins.Refuse(c.Origins.Allow("GET, POST", mux)), nil
}

// loadKey reads the key in the file at path, or generates one and stores it there.
func loadKey(path string) (*ecdsa.PrivateKey, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("key %s: no PEM block", path)
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", path, err)
	}
	if key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("key %s: curve %s, want P-256", path, key.Params().Name)
	}
	return key, nil
}

// newKey generates a key and stores it in the file at path.
func newKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate a key: %w", err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("generate a key: %w", err)
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	// The rename keeps an interrupted write from leaving half a key.
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return nil, fmt.Errorf("store the key: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, fmt.Errorf("store the key: %w", err)
	}
	return key, nil
}

// Request is the body of POST /token.
type Request struct {
	Subject string   `json:"subject"`
	Boards  []string `json:"boards"`
	Scope   string   `json:"scope,omitempty"` // separated by spaces; default [DefaultScope]
	TTL     string   `json:"ttl,omitempty"`   // such as "15m"; default [DefaultTTL], at most [MaxTTL]
}

// Response is the answer to POST /token.
type Response struct {
	Token     string    `json:"token"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// maxRequest is the largest request body in bytes, far above any sensible list of boards.
const maxRequest = 64 << 10

// token answers POST /token.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	var in Request
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		http.Error(w, `want {"subject":"ann","boards":["cats"],"ttl":"1h"}: `+err.Error(), http.StatusBadRequest)
		return
	}
	if _, err := dec.Token(); err != io.EOF {
		http.Error(w, "the body has more than one JSON value", http.StatusBadRequest)
		return
	}
	ttl, err := in.validate()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	signed, expires, err := i.sign(in, ttl)
	if err != nil {
		http.Error(w, "cannot sign the token", http.StatusInternalServerError)
		return
	}
	answerJSON(w, http.StatusOK, Response{Token: signed, ExpiresAt: expires.UTC()})
}

// sign returns the token that in asks for, and when it expires.
func (i *issuer) sign(in Request, ttl time.Duration) (signed string, expires time.Time, err error) {
	now := time.Now()
	expires = now.Add(ttl).Truncate(time.Second)
	t := jwt.NewWithClaims(jwt.SigningMethodES256, Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: i.config.Issuer, Audience: jwt.ClaimStrings{i.config.Audience}, Subject: in.Subject,
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
			ID: rand.Text(),
		},
		Boards: in.Boards, Scope: cmp.Or(in.Scope, DefaultScope),
	})
	t.Header["kid"], t.Header["typ"] = i.kid, "at+jwt"
	signed, err = t.SignedString(i.key)
	return signed, expires, err
}

// validate returns the lifetime of the token.
func (r Request) validate() (time.Duration, error) {
	if r.Subject == "" {
		return 0, errors.New("subject is empty")
	}
	if len(r.Boards) == 0 {
		return 0, errors.New(`boards is empty: name at least one board, or "*" for all`)
	}
	for _, b := range r.Boards {
		if b == AllBoards {
			continue
		}
		if _, err := photo.ParseBoard(b); err != nil {
			return 0, fmt.Errorf("boards: %w", err)
		}
	}
	if r.TTL == "" {
		return DefaultTTL, nil
	}
	ttl, err := time.ParseDuration(r.TTL)
	if err != nil {
		return 0, fmt.Errorf("ttl: %w", err)
	}
	if ttl < time.Second || ttl > MaxTTL {
		return 0, fmt.Errorf("ttl: %s is not between 1s and %s", ttl, MaxTTL)
	}
	return ttl, nil
}
