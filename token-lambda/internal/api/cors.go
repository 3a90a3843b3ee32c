package api

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// allowOrigin adds the CORS headers that let the page which sent r read the answer, if its origin is configured.
// See https://fetch.spec.whatwg.org/#http-cors-protocol. Credentials are never allowed: the API knows no cookies, and
// a bearer token is a header that the page sets itself.
func (a *API) allowOrigin(h http.Header, r *http.Request) {
	if len(a.cfg.CORSOrigins) == 0 {
		return
	}
	origin := r.Header.Get("Origin")
	switch {
	case slices.Contains(a.cfg.CORSOrigins, "*"):
		origin = "*"
	case slices.Contains(a.cfg.CORSOrigins, origin):
		h.Add("Vary", "Origin")
	default:
		h.Add("Vary", "Origin")
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "ETag, Location, Retry-After, X-Request-Id")
}

// preflight answers OPTIONS. Without the origin that [API.allowOrigin] adds, a browser takes the answer as a no.
func (a *API) preflight(w http.ResponseWriter, _ *http.Request, allow string) {
	h := w.Header()
	h.Set("Allow", allow)
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", allow)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, Traceparent, X-Request-Id")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

// checkOrigin accepts "*" and what a browser sends as Origin: scheme, host and port in lower case, nothing after.
func checkOrigin(s string) error {
	if s == "*" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != s || s != strings.ToLower(s) {
		return errors.New(`want "*" or scheme://host[:port] in lower case without a path`)
	}
	return nil
}
