package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/internal/api"
)

var (
	rsaKey, _    = rsa.GenerateKey(rand.Reader, 2048)
	ecKey, _     = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, _  = ed25519.GenerateKey(rand.Reader)
	otherKey, _  = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384Key, _   = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	encryptKey   = otherKey // published, but for encryption
	weakKey, _   = rsa.GenerateKey(rand.Reader, minRSABits-8)
	symmetricKey = []byte("0123456789abcdef0123456789abcdef")
)

func jwk(t testing.TB, key any, kid string, use jwkset.USE) jwkset.JWKMarshal {
	t.Helper()
	k, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid, USE: use},
		Marshal: jwkset.JWKMarshalOptions{Private: true}})
	if err != nil {
		t.Fatal(err)
	}
	return k.Marshal()
}

func keySetJSON(t testing.TB, keys ...jwkset.JWKMarshal) []byte {
	t.Helper()
	b, err := json.Marshal(jwkset.JWKSMarshal{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withOperations returns a key that is for these operations only.
func withOperations(m jwkset.JWKMarshal, operations ...jwkset.KEYOPS) jwkset.JWKMarshal {
	m.KEYOPS = append([]jwkset.KEYOPS{}, operations...)
	return m
}

// publish serves a JWK Set with every kind of key that an issuer may have.
func publish(t testing.TB) string {
	set := keySetJSON(t, jwk(t, rsaKey.Public(), "rsa", jwkset.UseSig), jwk(t, ecKey.Public(), "ec", ""), jwk(t, edKey.Public(), "ed", jwkset.UseSig),
		jwk(t, weakKey.Public(), "weak", jwkset.UseSig), withOperations(jwk(t, otherKey.Public(), "encrypts", ""), jwkset.KeyOpsEncrypt, jwkset.KeyOpsWrapKey),
		withOperations(jwk(t, ecKey.Public(), "verifies", ""), jwkset.KeyOpsVerify),
		jwk(t, encryptKey.Public(), "enc", jwkset.UseEnc), jwk(t, symmetricKey, "oct", ""), jwk(t, p384Key.Public(), "p384", ""),
		jwkset.JWKMarshal{KTY: "EC", CRV: "P-256", KID: "broken"}, jwkset.JWKMarshal{KTY: "future", KID: "future"})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(set) }))
	t.Cleanup(srv.Close)
	return srv.URL
}

const (
	issuer   = "https://issuer.example"
	audience = "darkroom"
)

func newVerifier(t testing.TB, keys KeysConfig) *Verifier {
	t.Helper()
	v, err := New(Config{Issuer: issuer, Audience: audience, BoardsClaim: "boards", Keys: keys}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func goodClaims() jwt.MapClaims {
	now := time.Now()
	return jwt.MapClaims{"iss": issuer, "aud": audience, "sub": "ann", "exp": now.Add(time.Hour).Unix(),
		"nbf": now.Unix(), "iat": now.Unix(), "boards": []string{"cats", "dogs"}}
}

func claimsWith(name string, value any) jwt.MapClaims {
	c := goodClaims()
	if c[name] = value; value == nil {
		delete(c, name)
	}
	return c
}

func sign(t testing.TB, method jwt.SigningMethod, key any, claims jwt.Claims, header ...any) string {
	t.Helper()
	tok := jwt.NewWithClaims(method, claims)
	for i := 0; i+1 < len(header); i += 2 {
		if tok.Header[header[i].(string)] = header[i+1]; header[i+1] == nil {
			delete(tok.Header, header[i].(string))
		}
	}
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func publicDER(t testing.TB, key crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func publicPEM(t testing.TB, key crypto.PublicKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER(t, key)})
}

func TestAccepts(t *testing.T) {
	v := newVerifier(t, KeysConfig{URL: publish(t)})
	for name, c := range map[string]struct {
		token string
		want  api.Caller
	}{
		"RS256":              {sign(t, jwt.SigningMethodRS256, rsaKey, goodClaims(), "kid", "rsa"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"ES256":              {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"key_ops verify":     {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "verifies"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"EdDSA":              {sign(t, jwt.SigningMethodEdDSA, edKey, goodClaims(), "kid", "ed"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"no kid":             {sign(t, jwt.SigningMethodEdDSA, edKey, goodClaims()), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"one of audiences":   {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("aud", []string{"x", audience}), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"expired 20 s ago":   {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("exp", time.Now().Add(-20*time.Second).Unix()), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"valid in 20 s":      {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("nbf", time.Now().Add(20*time.Second).Unix()), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"boards as a string": {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("boards", " cats  *"), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "*"}}},
		"no boards":          {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("boards", nil), "kid", "ec"), api.Caller{Subject: "ann"}},
		"boards an object":   {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("boards", map[string]bool{"cats": true}), "kid", "ec"), api.Caller{Subject: "ann"}},
		"typ at+jwt":         {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec", "typ", "at+jwt"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"typ in full":        {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec", "typ", "application/AT+JWT"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"no typ":             {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec", "typ", nil), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"scope":              {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("scope", "openid uploads:write"), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}, Scopes: []string{"openid", "uploads:write"}}},
		"scp an array":       {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("scp", []string{"openid", "uploads:write"}), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}, Scopes: []string{"openid", "uploads:write"}}},
		"scp a string":       {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("scp", "openid uploads:write"), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}, Scopes: []string{"openid", "uploads:write"}}},
		"scope an object":    {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("scope", map[string]bool{"uploads:write": true}), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats", "dogs"}}},
		"boards mixed":       {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("boards", []any{1, "cats"}), "kid", "ec"), api.Caller{Subject: "ann", Boards: []string{"cats"}}},
	} {
		got, err := v.Authenticate(t.Context(), c.token)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestRefuses(t *testing.T) {
	v := newVerifier(t, KeysConfig{URL: publish(t)})
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the verifier followed the header of a token") }))
	defer evil.Close()
	good := sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec")
	parts := strings.Split(good, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(string(decode(t, parts[1])), "cats", "bats")))
	noneHeader := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"ec"}`))
	ours := jwk(t, otherKey.Public(), "ours", jwkset.UseSig)
	const badKey = "it is signed with an unknown key"
	const badSignature = "its signature is invalid"
	for name, c := range map[string]struct{ token, reason string }{
		"alg none":             {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, goodClaims(), "kid", "ec"), badSignature},
		"alg none by hand":     {noneHeader + "." + parts[1] + ".", badSignature},
		"alg None":             {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "alg", "None"), "it cannot be verified"},
		"HS256 by public PEM":  {sign(t, jwt.SigningMethodHS256, publicPEM(t, rsaKey.Public()), goodClaims(), "kid", "rsa"), badSignature},
		"HS256 by oct key":     {sign(t, jwt.SigningMethodHS256, symmetricKey, goodClaims(), "kid", "oct"), badSignature},
		"RS512":                {sign(t, jwt.SigningMethodRS512, rsaKey, goodClaims(), "kid", "rsa"), badSignature},
		"PS256":                {sign(t, jwt.SigningMethodPS256, rsaKey, goodClaims(), "kid", "rsa"), badSignature},
		"ES384":                {sign(t, jwt.SigningMethodES384, p384Key, goodClaims(), "kid", "p384"), badSignature},
		"key for encryption":   {sign(t, jwt.SigningMethodES256, encryptKey, goodClaims(), "kid", "enc"), badKey},
		"RSA key too small":    {sign(t, jwt.SigningMethodRS256, weakKey, goodClaims(), "kid", "weak"), badKey},
		"key_ops encrypt":      {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "encrypts"), badKey},
		"key of another type":  {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "rsa"), badSignature},
		"another key":          {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "ec"), badSignature},
		"another key, no kid":  {sign(t, jwt.SigningMethodES256, otherKey, goodClaims()), badSignature},
		"unknown kid":          {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "ours"), badKey},
		"kid a path":           {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "../../../dev/null"), badKey},
		"kid a statement":      {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "x' UNION SELECT 'key"), badKey},
		"kid a URL":            {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", evil.URL), badKey},
		"kid empty":            {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", ""), badKey},
		"kid a number":         {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", 1), "it cannot be verified"},
		"jwk in the header":    {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "ours", "jwk", ours), badKey},
		"jwk, known kid":       {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "ec", "jwk", ours), badSignature},
		"jku in the header":    {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "ours", "jku", evil.URL), badKey},
		"x5u in the header":    {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "ours", "x5u", evil.URL), badKey},
		"critical extension":   {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec", "crit", []string{"b64"}, "b64", false), "it has an unknown critical extension"},
		"typ of a logout":      {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec", "typ", "logout+jwt"), "it is another kind of token: its typ is neither JWT nor at+jwt"},
		"typ a number":         {sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec", "typ", 1), "it is another kind of token: its typ is neither JWT nor at+jwt"},
		"x5c in the header":    {sign(t, jwt.SigningMethodES256, otherKey, goodClaims(), "kid", "ec", "x5c", []string{"MIIB"}), badSignature},
		"HS256 by public DER":  {sign(t, jwt.SigningMethodHS256, publicDER(t, rsaKey.Public()), goodClaims(), "kid", "rsa"), badSignature},
		"claims changed":       {parts[0] + "." + forged + "." + parts[2], badSignature},
		"no signature":         {parts[0] + "." + parts[1] + ".", badSignature},
		"expired":              {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("exp", time.Now().Add(-31*time.Second).Unix()), "kid", "ec"), "it has expired"},
		"not valid yet":        {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("nbf", time.Now().Add(40*time.Second).Unix()), "kid", "ec"), "it is not valid yet"},
		"no exp":               {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("exp", nil), "kid", "ec"), "it lacks a required claim"},
		"exp a word":           {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("exp", "never"), "kid", "ec"), "it cannot be verified"},
		"other issuer":         {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("iss", issuer+"/"), "kid", "ec"), "it is from another issuer"},
		"no issuer":            {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("iss", nil), "kid", "ec"), "it lacks a required claim"},
		"other audience":       {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("aud", "lightroom"), "kid", "ec"), "it is for another audience"},
		"no audience":          {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("aud", nil), "kid", "ec"), "it lacks a required claim"},
		"no subject":           {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("sub", nil), "kid", "ec"), "it has no subject"},
		"empty subject":        {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("sub", ""), "kid", "ec"), "it has no subject"},
		"subject a number":     {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("sub", 7), "kid", "ec"), "it has no subject"},
		"subject too long":     {sign(t, jwt.SigningMethodES256, ecKey, claimsWith("sub", strings.Repeat("%", 400)), "kid", "ec"), "its subject exceeds 1024 bytes in percent-encoding"},
		"not a token":          {"SECRET", "it is not a JSON Web Token"},
		"not base64":           {"SECRET.SECRET.SECRET%", "it is not a JSON Web Token"},
		"five parts, as a JWE": {"a.b.c.d.e", "it is not a JSON Web Token"},
		"empty":                {"", "it is not a JSON Web Token"},
	} {
		got, err := v.Authenticate(t.Context(), c.token)
		var refused *api.TokenError
		if !errors.As(err, &refused) || refused.Reason != c.reason {
			t.Errorf("%s: %+v, %v, want the reason %q", name, got, err, c.reason)
			continue
		}
		if s := err.Error(); strings.Contains(s, "SECRET") || c.token != "" && strings.Contains(s, c.token) || strings.ContainsAny(refused.Reason, "\"\\\n") {
			t.Errorf("%s: the error must not go into a log or a header: %s", name, s)
		}
	}
}

func decode(t *testing.T, s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBoardsClaimHasAnotherName(t *testing.T) {
	v, err := New(Config{Issuer: issuer, Audience: audience, BoardsClaim: "https://app.example/boards", Keys: KeysConfig{URL: publish(t)}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Authenticate(t.Context(), sign(t, jwt.SigningMethodES256, ecKey, claimsWith("https://app.example/boards", "birds"), "kid", "ec"))
	if diff := cmp.Diff(api.Caller{Subject: "ann", Boards: []string{"birds"}}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestConfigValidate(t *testing.T) {
	good := Config{Issuer: "i", Audience: "a", BoardsClaim: "b", Keys: KeysConfig{URL: "https://i/keys"}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		spoil func(*Config)
		want  string // beginning of the error: the name of the setting
	}{
		"no issuer":        {func(c *Config) { c.Issuer = "" }, "AUTH_ISSUER is not set"},
		"no audience":      {func(c *Config) { c.Audience = "" }, "AUTH_AUDIENCE is not set"},
		"no boards claim":  {func(c *Config) { c.BoardsClaim = "" }, "AUTH_BOARDS_CLAIM is not set"},
		"no URL":           {func(c *Config) { c.Keys.URL = "" }, "AUTH_ISSUER: "},
		"issuer and query": {func(c *Config) { c.Issuer, c.Keys.URL = "https://i/?tenant=1", "" }, "AUTH_ISSUER: "},
		"file URL":         {func(c *Config) { c.Keys.URL = "file:///keys" }, "AUTH_JWKS_URL: "},
		"a password":       {func(c *Config) { c.Keys.URL = "https://u:p@i/keys" }, "AUTH_JWKS_URL: "},
		"malformed":        {func(c *Config) { c.Keys.URL = "https://%zz" }, "AUTH_JWKS_URL: "},
	} {
		cfg := good
		c.spoil(&cfg)
		if _, err := New(cfg, slog.New(slog.DiscardHandler)); err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
	good.Keys.URL = "https://i/keys?appid=1" // Microsoft Entra ID publishes the keys of one application so
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	v := newVerifier(b, KeysConfig{URL: publish(b)})
	token := sign(b, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "ec")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Authenticate(context.Background(), token); err != nil {
			b.Fatal(err)
		}
	}
}
