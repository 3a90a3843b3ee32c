package faults

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Proxy returns a handler that forwards requests to the server at addr, host:port. It keeps the Host header, which the
// signature of a request covers. When the proxy is no longer needed, close the idle connections of the transport.
func Proxy(addr string) (http.Handler, *http.Transport) {
	transport := &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: addr})
			r.Out.Host = r.In.Host
		},
		// Bodies are cut on purpose, so the errors are not worth a log line.
		ErrorLog: log.New(io.Discard, "", 0),
	}, transport
}
