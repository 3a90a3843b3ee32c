// Package fakecdn is a stand-in for a distribution of Amazon CloudFront in front of the variants bucket, with cache
// tags. It caches objects of the bucket as their Cache-Control says. Requests to the API of CloudFront remove them by
// tag or path.
//
// In doubt it makes a test fail. A purge takes effect only when it is complete, some time later, and removes only what
// was stored before it began. An object that is read from the bucket during a purge is still stored.
//
// It serves two things at one address:
//
//	GET  /{key}                             a variant, from the cache or from the bucket
//	any  /2020-05-31/distribution/{id}/...  the API, see [API]
package fakecdn

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"darkroom/worker/photo"
	"darkroom/worker/process"
)

// Answer is what the bucket holds under a key.
type Answer struct {
	Header http.Header // Content-Type, Cache-Control, ETag, Last-Modified and the cache tags
	Body   []byte
}

// ErrNoAnswer reports that the bucket holds nothing under a key.
var ErrNoAnswer = errors.New("no object")

// Origin is the bucket.
type Origin interface {
	// Fetch reads an object. The error wraps [ErrNoAnswer] if there is none.
	Fetch(ctx context.Context, key string) (Answer, error)
}

// Config configures [New].
type Config struct {
	Distribution string // id of the distribution
	Origin       Origin
	Delay        time.Duration // how long a purge takes
	MaxBytes     int64         // most bytes of bodies in the cache; default 256 MiB
	Log          *slog.Logger  // default: discards
}

const (
	defaultMaxBytes = 256 << 20
	// defaultAge is how long CloudFront's managed policy CachingOptimized keeps an answer without Cache-Control, and
	// maxAge the longest that it keeps any:
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
	defaultAge = 24 * time.Hour
	maxAge     = 365 * 24 * time.Hour
	// errorAge is how long CloudFront keeps an answer of 403 or 404:
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
	errorAge = 10 * time.Second
)

// CDN is the handler of a distribution.
type CDN struct {
	cfg Config
	api http.Handler

	mu     sync.Mutex
	cached map[string]*entry // key: object key
	bytes  int64             // size of the bodies
	purges map[string]*invalidation
	next   int // number of the next invalidation
}

// entry is an answer in the cache.
type entry struct {
	Answer
	absent          bool // there is no object
	stored, expires time.Time
}

// New returns a distribution with an empty cache.
func New(c Config) *CDN {
	if c.MaxBytes == 0 {
		c.MaxBytes = defaultMaxBytes
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d := &CDN{cfg: c, cached: map[string]*entry{}, purges: map[string]*invalidation{}}
	d.api = d.routes()
	return d
}

// ServeHTTP implements [http.Handler].
func (d *CDN) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == process.HealthPath:
	case strings.HasPrefix(r.URL.Path, "/"+apiVersion+"/"):
		d.api.ServeHTTP(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		refuse(w, http.StatusForbidden, "This distribution serves GET and HEAD.")
	default:
		d.serve(w, r)
	}
}

// serve answers from the cache or from the bucket.
func (d *CDN) serve(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/")
	e, hit := d.lookup(key)
	if !hit {
		var err error
		if e, err = d.fetch(r.Context(), key); err != nil {
			d.cfg.Log.Warn("the bucket does not answer", "key", key, "error", err)
			refuse(w, http.StatusBadGateway, "The bucket does not answer.")
			return
		}
	}
	w.Header().Set("X-Cache", map[bool]string{true: "Hit from cloudfront", false: "Miss from cloudfront"}[hit])
	// As CloudFront's managed policy CORS-and-SecurityHeadersPolicy.
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if hit {
		w.Header().Set("Age", strconv.Itoa(int(time.Since(e.stored).Seconds())))
	}
	if e.absent {
		refuse(w, http.StatusForbidden, "Access Denied")
		return
	}
	for name, values := range e.Header {
		w.Header()[name] = values
	}
	modified, _ := http.ParseTime(e.Header.Get("Last-Modified")) // zero if there is none
	http.ServeContent(w, r, "", modified, bytes.NewReader(e.Body))
}

// lookup returns what the cache holds under a key.
func (d *CDN) lookup(key string) (*entry, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.applyPurges()
	e := d.cached[key]
	if e == nil || !time.Now().Before(e.expires) {
		d.forget(key)
		return nil, false
	}
	return e, true
}

// fetch reads an object from the bucket, and caches the answer if Cache-Control allows it.
func (d *CDN) fetch(ctx context.Context, key string) (*entry, error) {
	e := &entry{}
	var err error
	// The policy of the bucket denies CloudFront the manifests.
	if path.Base(key) == photo.ManifestName {
		err = ErrNoAnswer
	} else {
		e.Answer, err = d.cfg.Origin.Fetch(ctx, key)
	}
	age := errorAge
	switch {
	case errors.Is(err, ErrNoAnswer):
		// Without the permission to list, S3 does not tell whether an object exists: 403.
		e.absent = true
	case err != nil:
		return nil, err
	default:
		age = freshness(e.Header.Get("Cache-Control"))
	}
	e.stored = time.Now()
	e.expires = e.stored.Add(age)
	if age > 0 && int64(len(e.Body)) <= d.cfg.MaxBytes {
		d.store(key, e)
	}
	return e, nil
}

// store puts an answer into the cache, and removes the oldest ones if there are too many bytes.
func (d *CDN) store(key string, e *entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.applyPurges()
	d.forget(key)
	for d.bytes+int64(len(e.Body)) > d.cfg.MaxBytes {
		oldest := ""
		for k, other := range d.cached {
			if len(other.Body) > 0 && (oldest == "" || other.stored.Before(d.cached[oldest].stored)) {
				oldest = k
			}
		}
		d.forget(oldest)
	}
	d.cached[key] = e
	d.bytes += int64(len(e.Body))
}

// forget removes an answer from the cache.
func (d *CDN) forget(key string) {
	if e := d.cached[key]; e != nil {
		d.bytes -= int64(len(e.Body))
		delete(d.cached, key)
	}
}

// freshness returns how long a shared cache may keep an answer with this Cache-Control:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
func freshness(control string) time.Duration {
	age := defaultAge
	shared := false
	for directive := range strings.SplitSeq(strings.ToLower(control), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache", "private":
			return 0
		case "max-age", "s-maxage":
			seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31)
			if err != nil || shared && name == "max-age" {
				continue
			}
			age, shared = min(time.Duration(seconds)*time.Second, maxAge), name == "s-maxage"
		}
	}
	return age
}

// refuse answers with a status and a text.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
