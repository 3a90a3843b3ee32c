package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"

	"darkroom/token-lambda/internal/api"
)

const (
	// maxKeys is the most bytes of a JWK Set that are read: 1 MiB. A set of ten keys is below 10 KiB.
	maxKeys = 1 << 20
	// keysMaxAge is how old the keys may be before a request fetches them again. It is also how long a key that the
	// issuer has withdrawn is still trusted, as long as the issuer answers.
	keysMaxAge = 15 * time.Minute
	// keysMinInterval is the least time between two fetches once there are keys, so that tokens with made-up key ids
	// are no way to flood the issuer. A new key of the issuer's is known after that time at the latest.
	keysMinInterval = 10 * time.Second
	// keysRetry is the same while there are no keys at all and every request fails.
	keysRetry = time.Second
	// keysTimeout bounds one fetch.
	keysTimeout = 3 * time.Second
)

// KeysConfig says where the issuer's keys are.
type KeysConfig struct {
	URL    string            // of the JWK Set; default as the issuer's discovery document says
	Client http.RoundTripper // default http.DefaultTransport
}

// Validate reports the first setting that cannot work.
func (c KeysConfig) Validate() error {
	if c.URL == "" {
		return nil
	}
	if err := checkURL(c.URL); err != nil {
		return fmt.Errorf("URL of the JWK Set: %w", err)
	}
	return nil
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return errors.New("want http(s)://host/path without a user")
	}
	return nil
}

// keySet is the issuer's JWK Set as far as it verifies signatures: the jwkset.Storage that the lookup of keyfunc
// reads from. It is filled by the requests that need it, never in the background: between two requests AWS Lambda
// freezes the process, so a timer there fires late or in the middle of the next one. Once there are keys they are
// used until newer ones have been fetched, however long the issuer is away.
type keySet struct {
	*jwkset.MemoryJWKSet
	issuer string
	url    string // of the set; empty: see discover
	client http.Client
	log    *slog.Logger

	fetched  atomic.Int64  // when the keys came, as Unix nanoseconds; 0: there are none yet
	fetching chan struct{} // holds one element during a fetch, whose goroutine owns tried and failure
	tried    time.Time     // when the last fetch began
	failure  error         // how the last fetch failed
}

var errUnknownKey = errors.New("unknown key")

func newKeySet(issuer string, cfg KeysConfig, log *slog.Logger) *keySet {
	return &keySet{MemoryJWKSet: jwkset.NewMemoryStorage(), issuer: issuer, url: cfg.URL,
		client: http.Client{Transport: cfg.Client}, log: log, fetching: make(chan struct{}, 1)}
}

// KeyRead returns the key with this id, after a look at the issuer if it is not known.
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

// KeyReadAll returns every key, for a token that names none.
func (s *keySet) KeyReadAll(ctx context.Context) ([]jwkset.JWK, error) {
	s.refreshIfOld(ctx)
	if s.fetched.Load() == 0 {
		if err := s.refresh(ctx); err != nil {
			return nil, err
		}
	}
	return s.MemoryJWKSet.KeyReadAll(ctx)
}

// refreshIfOld fetches keys that are too old, unless another request is at it.
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

// refresh fetches the keys, unless that was done just now: requests that wait for the same fetch share it. It returns
// an *api.UnavailableError if there still are no keys at all, and the error of ctx if that ends first.
func (s *keySet) refresh(ctx context.Context) error {
	select {
	case s.fetching <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if failure := s.fetchOnce(ctx); s.fetched.Load() == 0 {
		return &api.UnavailableError{RetryAfter: keysRetry, Err: fmt.Errorf("no keys of the issuer: %w", failure)}
	}
	return nil
}

// fetchOnce fetches the keys if the last fetch is long enough ago, and returns how the last one failed. The caller has
// put the element into s.fetching; fetchOnce takes it out.
func (s *keySet) fetchOnce(ctx context.Context) error {
	defer func() { <-s.fetching }()
	interval := keysMinInterval
	if s.fetched.Load() == 0 {
		interval = keysRetry
	}
	if !s.tried.IsZero() && time.Since(s.tried) < interval {
		return s.failure
	}
	s.tried = time.Now()
	// Others wait for this fetch, so the end of the request that happens to run it must not end it.
	keys, err := s.fetch(context.WithoutCancel(ctx))
	if s.failure = err; err != nil {
		s.log.WarnContext(ctx, "cannot fetch the issuer's keys", "issuer", s.issuer, "error", err, "have_keys", s.fetched.Load() != 0)
		return err
	}
	s.MemoryJWKSet.KeyReplaceAll(ctx, keys) // an assignment in memory: its error is always nil
	s.fetched.Store(time.Now().UnixNano())
	return nil
}

// fetch returns the keys of the set that can verify a signature. One that cannot be used is passed over, not the end
// of the others: issuers publish keys for other purposes and of types to come.
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
		return nil, errors.New("not a JWK Set: it has no keys member")
	}
	var keys []jwkset.JWK
	for _, m := range set.Keys {
		// A symmetric key is nobody's to publish, and one that is for encryption must not verify (RFC 7517, 4.2).
		if m.KTY == jwkset.KtyOct || (m.USE != "" && m.USE != jwkset.UseSig) {
			continue
		}
		key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			s.log.WarnContext(ctx, "passed over a key of the issuer's", "url", from, "kid", m.KID, "error", err)
			continue
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 { // an issuer may withdraw every key it has
		s.log.WarnContext(ctx, "the issuer has no key that can verify a signature", "url", from)
	}
	return keys, nil
}
