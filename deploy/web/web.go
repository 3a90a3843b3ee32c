// Package web is the board page: a page on which a person uploads photos to a board and views them. It is also the
// reference client of the API. It talks to no other part of Darkroom; everything else that it can show is optional and
// listed in /config.json.
//
//	GET /              the page
//	GET /page/...      its modules, styles and icon
//	GET /config.json   {"boards"?, "signIn", "system"?}: see [Config]
//
// People sign in at an OpenID Connect issuer by the authorization code flow with PKCE. The issuer must send them back
// to the URL of the page without query and fragment, and must let scripts of the page's origin call its token endpoint.
// The page expects the API at its own origin. There is no build step: the browser gets the files of the folder page.
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
	"darkroom/worker/settings"
)

//go:embed page
var files embed.FS

// Config configures the page. The page does not show what is missing. Without SignIn nobody can use it.
type Config struct {
	Boards []string `json:"boards,omitempty"` // boards to choose from
	SignIn *SignIn  `json:"signIn,omitempty"`
	// System is the path of the figures that the page shows about the system. Package front defines them.
	System string `json:"system,omitempty"`
	// Storage lists the origins of presigned URLs. The page may send photos to them and show images from them.
	Storage []string `json:"-"`
}

// SignIn says how people sign in.
type SignIn struct {
	Issuer   string `json:"issuer"`             // URL of the issuer, as in its discovery document
	ClientID string `json:"clientId"`           // the page as the issuer knows it: a public client, which has no secret
	Scope    string `json:"scope,omitempty"`    // separated by spaces; offline_access asks for a refresh token
	Resource string `json:"resource,omitempty"` // the API as the issuer knows it, if it gives tokens for several
	// TokenOrigin is the origin of the issuer's token endpoint, if it differs from that of Issuer.
	TokenOrigin string `json:"-"`
}

// validate returns an error about the first setting that cannot be used.
func (s *SignIn) validate() error {
	if s == nil {
		return nil
	}
	if _, err := settings.HTTPURL(s.Issuer); err != nil {
		return settings.Named("issuer", err)
	}
	if s.ClientID == "" {
		return errors.New("client id of the page is empty: want the one that the issuer gave it")
	}
	return nil
}

// Validate returns an error about the first setting that cannot be used.
func (c Config) Validate() error {
	for _, b := range c.Boards {
		if _, err := photo.ParseBoard(b); err != nil {
			return err
		}
	}
	if err := c.SignIn.validate(); err != nil {
		return err
	}
	for _, s := range c.Storage {
		if err := checkOrigin(s); err != nil {
			return settings.Named("origin of presigned URLs", err)
		}
	}
	for _, s := range c.callable() {
		if err := checkOrigin(s); err != nil {
			return err
		}
	}
	return nil
}

// checkOrigin returns an error if s is not the origin of a URL. It becomes part of a policy, in which a space or a
// semicolon would begin another directive.
func checkOrigin(s string) error {
	u, err := settings.HTTPURL(s)
	if err != nil {
		return err
	}
	if u.Scheme+"://"+u.Host != s || strings.ContainsAny(s, " ;,'\"") {
		return fmt.Errorf("%q has a path or a special character: want http(s)://host[:port]", s)
	}
	return nil
}

// callable returns the origins that the page calls besides its own and S3: those of the issuer.
func (c Config) callable() []string {
	var origins []string
	if c.SignIn != nil {
		origins = append(origins, originOf(c.SignIn.Issuer))
		if c.SignIn.TokenOrigin != "" {
			origins = append(origins, c.SignIn.TokenOrigin)
		}
	}
	return origins
}

// originOf returns the scheme and the host of a URL. What cannot be parsed stays as it is, for [checkOrigin].
func originOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	return u.Scheme + "://" + u.Host
}

// policy returns the content security policy. It lets the page run its own modules and call its own origin, S3 and the
// issuer. See https://www.w3.org/TR/CSP3/.
func (c Config) policy() string {
	storage := strings.Join(append([]string{""}, c.Storage...), " ")
	callable := strings.Join(append([]string{""}, c.callable()...), " ")
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:" + storage + "; connect-src 'self'" + storage + callable +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Headers returns the headers that every answer with the page or one of its files must have.
func (c Config) Headers() map[string]string {
	return map[string]string{
		"Content-Security-Policy":    c.policy(),
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin",
	}
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
	headers := c.Headers()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// Types are the media types of the page's files, by extension. The table of the operating system may lack one or
// differ.
var Types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json",
}

// CacheControl is the header of every file: browsers cache it and revalidate it each time.
const CacheControl = "no-cache"

// serve returns a handler that answers with b.
func serve(name string, b []byte) http.Handler {
	sum := sha256.Sum256(b)
	etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	contentType := Types[path.Ext(name)] // a test checks that every file has one
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", CacheControl)
		h.Set("ETag", etag)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	})
}
