package faults

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Proxy passes requests on to the server at addr, host:port, as they came: the signature of a request covers the host
// that the client knows. Whoever no longer needs it closes the idle connections of the transport.
func Proxy(addr string) (http.Handler, *http.Transport) {
	transport := &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: addr})
			r.Out.Host = r.In.Host
		},
		// Bodies that are cut on purpose are no news.
		ErrorLog: log.New(io.Discard, "", 0),
	}, transport
}
