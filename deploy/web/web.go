// Package web is the board page: a page on which a person uploads photos to a board and views them. It is also the
// reference client of the API. It talks to no other part of Darkroom; everything else that it can show is optional and
// listed in /config.json.
//
//	GET /              the page
//	GET /page/...      its modules, styles and icon
//	GET /config.json   {"boards"?, "signIn"?, "system"?}: see [Config]
//
// The page expects the API at its own origin. There is no build step: the browser gets the files of the folder page.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

//go:embed page
var files embed.FS

// Config configures the page. All fields are optional: the page does not show what is missing.
type Config struct {
	Boards []string `json:"boards,omitempty"` // boards to choose from
	// SignIn is the path that answers POST {"boards":["cats"]} with {"token":"...","expiresAt":"..."}, a bearer token for the
	// API. Without it, the page asks the person for a token.
	SignIn string `json:"signIn,omitempty"`
	// System is the path of the figures that the page shows about the system. Package front defines them.
	System string `json:"system,omitempty"`
	// Storage lists the origins of presigned URLs. The page may send photos to them and show images from them.
	Storage []string `json:"-"`
}

// Validate returns an error about the first setting that cannot be used.
func (c Config) Validate() error {
	for _, b := range c.Boards {
		if _, err := photo.ParseBoard(b); err != nil {
			return err
		}
	}
	for _, s := range c.Storage {
		u, err := settings.HTTPURL(s)
		if err != nil {
			return settings.Named("origin of presigned URLs", err)
		}
		// The origin becomes part of a policy, in which a space or a semicolon would begin another directive.
		if u.Scheme+"://"+u.Host != s || strings.ContainsAny(s, " ;,'\"") {
			return fmt.Errorf("origin of presigned URLs: %q has a path or a special character: want http(s)://host[:port]", s)
		}
	}
	return nil
}

// policy returns the content security policy. It lets the page run its own modules and talk to its own origin and to S3.
// See https://www.w3.org/TR/CSP3/.
func (c Config) policy() string {
	storage := strings.Join(append([]string{""}, c.Storage...), " ")
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:" + storage + "; connect-src 'self'" + storage +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Handler returns the handler that serves the page, or an error if c is not valid.
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

// types are the media types of the page's files. The table of the operating system may lack one or differ.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json",
}

// serve returns a handler that answers with b. Browsers cache it and revalidate it each time.
func serve(name string, b []byte) http.Handler {
	sum := sha256.Sum256(b)
	etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	contentType := types[path.Ext(name)] // a test checks that every file has one
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	})
}
