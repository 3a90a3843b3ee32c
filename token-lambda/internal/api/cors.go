package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"darkroom/token-lambda/contract"
)

// exposedHeaders are the headers of an answer that a page may read, and allowedHeaders those that it may send.
const (
	exposedHeaders = "ETag, Location, Retry-After, " + contract.RateLimitHeader + ", " + contract.RateLimitPolicyHeader + ", " + contract.PreferenceAppliedHeader + ", " + contract.RequestIDHeader
	allowedHeaders = "Authorization, Content-Type, If-None-Match, " + contract.PreferHeader + ", " + contract.TraceparentHeader + ", " + contract.RequestIDHeader
)

// allowOrigin adds the CORS headers that let the page which sent r read the answer, if its origin is configured.
// See https://fetch.spec.whatwg.org/#http-cors-protocol. Credentials are never allowed: the API uses no cookies, and a
// page sets the bearer token itself.
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
	h.Set("Access-Control-Expose-Headers", exposedHeaders)
}

// preflight answers OPTIONS. Without the origin that [API.allowOrigin] adds, a browser takes the answer as a refusal.
func (a *API) preflight(w http.ResponseWriter, _ *http.Request, allow string) {
	h := w.Header()
	h.Set("Allow", allow)
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", allow)
		h.Set("Access-Control-Allow-Headers", allowedHeaders)
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

// checkOrigin accepts "*" and what a browser sends as Origin: scheme, host and port in lower case and nothing else. The
// scheme need not be http: apps with an embedded browser have origins such as capacitor://localhost.
func checkOrigin(s string) error {
	if s == "*" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != s || s != strings.ToLower(s) {
		return fmt.Errorf(`%.80q is not an origin: want "*", or scheme://host[:port] in lower case without a path`, s)
	}
	return nil
}
