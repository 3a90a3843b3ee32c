// Package origin keeps other pages in a developer's browser away from the local system. Its servers listen on the
// loopback address, which every page can reach, and give a token to anyone who asks.
//
// [List.Refuse] accepts requests of pages of listed origins, and of programs, which send no Origin header. It refuses
// requests with another origin, and requests whose Host is a name that someone else may have pointed to this machine
// (DNS rebinding). [List.Allow] lets listed pages read the answers.
package origin

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"darkroom/worker/settings"
)

// List has the origins whose pages may use a server, as a browser writes them: scheme://host[:port], in lower case.
type List []string

// Validate reports the first entry that is not an origin. It ignores empty ones, as at the end of "a,".
func (l List) Validate() error {
	for _, s := range l {
		if s == "" {
			continue
		}
		u, err := settings.HTTPURL(s)
		if err != nil {
			return fmt.Errorf("origin %q: %w", s, err)
		}
		if s != normalize(u) {
			return fmt.Errorf("origin %q: browsers write it as %s", s, normalize(u))
		}
	}
	return nil
}

// PageOrigins returns the origins that a browser on this machine gives the page at a URL: one with the URL's own host
// and, if that is a loopback address, one with localhost.
func PageOrigins(page string) (List, error) {
	u, err := settings.HTTPURL(page)
	if err != nil {
		return nil, err
	}
	l := List{normalize(u)}
	if net.ParseIP(u.Hostname()).IsLoopback() {
		local := *u
		local.Host = net.JoinHostPort("localhost", u.Port())
		l = append(l, normalize(&local))
	}
	return l, nil
}

// normalize returns the origin of a URL as browsers write it: in lower case, without the port that its scheme implies.
func normalize(u *url.URL) string {
	host := strings.ToLower(u.Host)
	for _, port := range []string{":" + map[string]string{"http": "80", "https": "443"}[u.Scheme], ":"} {
		host = strings.TrimSuffix(host, port)
	}
	return u.Scheme + "://" + host
}

// Refuse answers requests of other pages with 403. A page of the server itself needs no entry in the list.
func (l List) Refuse(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := l.refusal(r.Header.Get("Origin"), r.Host); why != "" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, why+"\n")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Allow lets pages of listed origins read the answers, and answers their preflight requests:
// https://fetch.spec.whatwg.org/#http-cors-protocol
func (l List) Allow(methods string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		if from := r.Header.Get("Origin"); slices.Contains(l, from) {
			w.Header().Set("Access-Control-Allow-Origin", from)
			if r.Method == http.MethodOptions {
				w.Header().Set("Access-Control-Allow-Methods", methods)
				w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
				w.Header().Set("Access-Control-Max-Age", "600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

// refusal returns why a request is refused, or "" if it is not.
func (l List) refusal(from, host string) string {
	if !isOwnHost(host) {
		return "This system is for this machine only: use its address or localhost."
	}
	if from == "" || slices.Contains(l, from) {
		return ""
	}
	if u, err := url.Parse(from); err == nil && u.Host != "" && strings.EqualFold(u.Host, host) {
		return ""
	}
	return fmt.Sprintf("Pages of %.100s may not use this system: start it with --origin to let them.", from)
}

// isOwnHost reports whether nobody else can point the name in a Host header to this machine: an address, localhost, or
// a name without a dot, such as that of a container.
func isOwnHost(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return net.ParseIP(host) != nil || strings.HasSuffix(host, ".localhost") || !strings.Contains(host, ".")
}
