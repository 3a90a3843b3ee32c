package auth

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/settings"
)

const (
	// maxKeys is the maximum size of a JWK Set: 1 MiB. A set of ten keys is smaller than 10 KiB.
	maxKeys = 1 << 20
	// keysMaxAge is how old the keys may be before a request fetches them again. As long as the issuer answers, a key
	// that it has withdrawn is trusted for no longer than this.
	keysMaxAge = 15 * time.Minute
	// keysMinInterval is the shortest time between two fetches once there are keys. It keeps tokens with made-up key
	// ids from flooding the issuer. A new key of the issuer is known after that time at the latest.
	keysMinInterval = 10 * time.Second
	// keysRetry is the shortest time between two fetches while there are no keys and every request fails.
	keysRetry = time.Second
	// keysTimeout bounds one fetch.
	keysTimeout = 3 * time.Second
)

// KeysConfig says where the issuer's keys are.
type KeysConfig struct {
	URL    string            // AUTH_JWKS_URL: URL of the JWK Set; default as the issuer's discovery document says
	Client http.RoundTripper // default http.DefaultTransport
}

// Validate returns an error about the first setting that cannot be used, by its name.
func (c KeysConfig) Validate() error {
	if c.URL == "" {
		return nil
	}
	return settings.Named("AUTH_JWKS_URL", checkKeysURL(c.URL))
}

// checkKeysURL checks the URL of a JWK Set. Unlike other URLs it may have a query, as some issuers' do.
func checkKeysURL(s string) error {
	base, _, _ := strings.Cut(s, "?")
	_, err := settings.HTTPURL(base)
	return err
}

// keySet is the part of the issuer's JWK Set that verifies signatures. It is the jwkset.Storage that keyfunc reads. The
// requests that need keys fetch them; nothing runs in the background, because AWS Lambda freezes the process between
// two requests and a timer would fire late or during the next one. Once there are keys, they are used until newer ones
// have been fetched, however long the issuer is down.
type keySet struct {
	*jwkset.MemoryJWKSet
	issuer     string
	url        string // URL of the set; empty: see discover
	mayLackTLS func(url string) bool
	client     http.Client
	log        *slog.Logger

	fetched  atomic.Int64  // when the keys were fetched, in Unix nanoseconds; 0: not yet
	fetching chan struct{} // holds one element during a fetch, which owns tried and failure
	tried    time.Time     // end of the last fetch
	failure  error         // error of the last fetch
}

var errUnknownKey = errors.New("unknown key")

func newKeySet(cfg Config, log *slog.Logger) *keySet {
	return &keySet{MemoryJWKSet: jwkset.NewMemoryStorage(), issuer: cfg.Issuer, url: cfg.Keys.URL,
		mayLackTLS: cfg.mayLackTLS, client: http.Client{Transport: cfg.Keys.Client, CheckRedirect: sameHost},
		log: log, fetching: make(chan struct{}, 1)}
}

// KeyRead returns the key with this id. If the key is unknown, KeyRead fetches the keys first.
func (s *keySet) KeyRead(ctx context.Context, kid string) (jwkset.JWK, error) {
	s.refreshIfOld(ctx)
	if key, err := s.MemoryJWKSet.KeyRead(ctx, kid); err == nil {
		return key, nil
	}
	if err := s.refresh(ctx); err != nil {
		return jwkset.JWK{}, err
	}
	key, err := s.MemoryJWKSet.KeyRead(ctx, kid)
	if err != nil {
		return jwkset.JWK{}, fmt.Errorf("%w: kid %.80q", errUnknownKey, kid)
	}
	return key, nil
}

// KeyReadAll returns every key, for a token that does not name its key.
func (s *keySet) KeyReadAll(ctx context.Context) ([]jwkset.JWK, error) {
	s.refreshIfOld(ctx)
	if s.fetched.Load() == 0 {
		if err := s.refresh(ctx); err != nil {
			return nil, err
		}
	}
	return s.MemoryJWKSet.KeyReadAll(ctx)
}

// refreshIfOld fetches the keys if they are too old, unless another request already does.
func (s *keySet) refreshIfOld(ctx context.Context) {
	at := s.fetched.Load()
	if at == 0 || time.Since(time.Unix(0, at)) < keysMaxAge {
		return
	}
	select {
	case s.fetching <- struct{}{}:
		s.fetchOnce(ctx)
	default:
	}
}

// refresh fetches the keys, unless that happened a moment ago: requests that wait for a fetch share its outcome. It
// returns an *api.UnavailableError if there still are no keys, and the error of ctx if that ends first.
func (s *keySet) refresh(ctx context.Context) error {
	select {
	case s.fetching <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if failure := s.fetchOnce(ctx); s.fetched.Load() == 0 {
		return &api.UnavailableError{RetryAfter: keysRetry, Err: fmt.Errorf("the issuer's keys are missing: %w", failure)}
	}
	return nil
}

// fetchOnce fetches the keys if the last fetch is long enough ago, and returns the error of the last fetch. The caller
// has put an element into s.fetching, and fetchOnce takes it out.
func (s *keySet) fetchOnce(ctx context.Context) error {
	defer func() { <-s.fetching }()
	interval := keysMinInterval
	if s.fetched.Load() == 0 {
		interval = keysRetry
	}
	if !s.tried.IsZero() && time.Since(s.tried) < interval {
		return s.failure
	}
	// Other requests wait for this fetch, so it must outlive the request that runs it. They share its failure too: the
	// interval counts from its end, and so no request that has waited for it fetches again.
	keys, err := s.fetch(context.WithoutCancel(ctx))
	s.tried = time.Now()
	if s.failure = err; err != nil {
		s.log.WarnContext(ctx, "cannot fetch the issuer's keys", "issuer", s.issuer, "error", err,
			"have_keys", s.fetched.Load() != 0)
		return err
	}
	s.MemoryJWKSet.KeyReplaceAll(ctx, keys) // only assigns in memory: the error is always nil
	s.fetched.Store(time.Now().UnixNano())
	return nil
}

// fetch returns the keys of the set that can verify a signature. It skips a key that it cannot use: issuers publish
// keys for other purposes and of future types.
func (s *keySet) fetch(ctx context.Context) ([]jwkset.JWK, error) {
	ctx, cancel := context.WithTimeout(ctx, keysTimeout)
	defer cancel()
	from := s.url
	if from == "" {
		var err error
		if from, err = s.discover(ctx); err != nil {
			return nil, fmt.Errorf("discovery document: %w", err)
		}
	}
	body, err := s.get(ctx, from, "application/jwk-set+json, application/json")
	if err != nil {
		return nil, fmt.Errorf("JWK Set: %w", err)
	}
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("decode the JWK Set: %w", err)
	}
	if set.Keys == nil {
		return nil, errors.New("not a JWK Set: the member keys is missing")
	}
	var keys []jwkset.JWK
	for _, m := range set.Keys {
		if !verifies(m) {
			continue
		}
		key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err == nil {
			err = checkStrength(key.Key())
		}
		if err != nil {
			s.log.WarnContext(ctx, "skipped a key of the issuer", "url", from, "kid", m.KID, "error", err)
			continue
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 { // an issuer may withdraw every key it has
		s.log.WarnContext(ctx, "the issuer has no key that can verify a signature", "url", from)
	}
	return keys, nil
}

// verifies reports whether a key may verify signatures. A symmetric key must not be public, and a key whose use or
// operations are others must not verify (RFC 7517, sections 4.2 and 4.3).
func verifies(m jwkset.JWKMarshal) bool {
	return m.KTY != jwkset.KtyOct && (m.USE == "" || m.USE == jwkset.UseSig) &&
		(m.KEYOPS == nil || slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify))
}

// minRSABits is the size of the smallest RSA key that may be used for a signature (RFC 7518, section 3.3).
const minRSABits = 2048

func checkStrength(key any) error {
	if rsaKey, ok := key.(*rsa.PublicKey); ok && rsaKey.N.BitLen() < minRSABits {
		return fmt.Errorf("RSA key of %d bits: want at least %d", rsaKey.N.BitLen(), minRSABits)
	}
	return nil
}
