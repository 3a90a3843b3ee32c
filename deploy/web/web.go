// Package web is the board page: one page with which a person puts photos on a board and looks at them. It is also the
// reference client of the API, and talks to nothing else of Darkroom: what it needs beyond is optional and said in
// /config.json.
//
//	GET /              the page
//	GET /page/...      its modules, styles and icon
//	GET /config.json   {"boards"?, "signIn"?, "system"?}: see [Config]
//
// The API is expected at the same origin. There is no build step: what the browser gets is what is in the folder page.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"darkroom/worker/photo"
)

//go:embed page
var files embed.FS

// Config is what the page is told. All of it is optional: what is not there is not shown.
type Config struct {
	Boards []string `json:"boards,omitempty"` // names that it offers
	// SignIn is the path that answers POST {"boards":["cats"]} with {"token":"...","expiresAt":"..."}, a bearer token for the
	// API. Without one the page asks the person for a token.
	SignIn string `json:"signIn,omitempty"`
	// System is the path of the numbers that the page shows of the system. See package front for them.
	System string `json:"system,omitempty"`
	// Storage are the origins of presigned URLs, which the page may then send photos to and show pictures from.
	Storage []string `json:"-"`
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	for _, b := range c.Boards {
		if _, err := photo.ParseBoard(b); err != nil {
			return err
		}
	}
	for _, s := range c.Storage {
		u, err := url.Parse(s)
		if err != nil {
			return fmt.Errorf("origin %q: %w", s, err)
		}
		// It becomes part of a policy, in which a space or a semicolon would begin something else.
		if u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != s || strings.ContainsAny(s, " ;,'\"") {
			return fmt.Errorf("origin %q: %w", s, errors.New("want scheme://host[:port]"))
		}
	}
	return nil
}

// policy lets the page run its own modules, and talk to its own origin and to S3.
// See https://www.w3.org/TR/CSP3/.
func (c Config) policy() string {
	storage := strings.Join(append([]string{""}, c.Storage...), " ")
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:" + storage + "; connect-src 'self'" + storage +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Handler returns what serves the page, or an error when c is not valid.
func Handler(c Config) (http.Handler, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	config, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /config.json", serve("config.json", config))
	err = fs.WalkDir(files, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		pattern := "GET /" + name
		if name == "page/index.html" {
			pattern = "GET /{$}"
		}
		mux.Handle(pattern, serve(name, b))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	policy := c.policy()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	}), nil
}

// types are set here, since a machine's own table of them may lack one or have another.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json",
}

// serve answers with b. Browsers keep it, and ask each time whether it is still the same.
func serve(name string, b []byte) http.Handler {
	sum := sha256.Sum256(b)
	etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	contentType := types[path.Ext(name)] // a test sees that every file has one
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	})
}
