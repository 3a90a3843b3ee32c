// Package lambdahttp serves an http.Handler on AWS Lambda behind an API Gateway HTTP API or a function URL. Both send
// events of payload format 2.0 and accept buffered answers of the same format.
// See https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
//
// The handler sees the request as the client sent it, over https (r.TLS is set) and with the host that the client
// called. A stage other than $default is a prefix of the event's path. It is stripped from r.URL but not from
// r.RequestURI, as http.StripPrefix does. The context ends shortly before Lambda's deadline, to leave time for an
// answer, and carries the invocation's id as the request id.
package lambdahttp

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"darkroom/token-lambda/contract"
	"darkroom/token-lambda/internal/api"
)

// deadlineMargin is how long before Lambda's deadline the request's context ends. At the deadline itself Lambda stops
// the process and answers the client with an error of its own.
const deadlineMargin = 500 * time.Millisecond

// Function is the handler type that lambda.Start expects for payload format 2.0.
type Function func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// New returns a function that answers each event with h. Its error is always nil, because after an error Lambda would
// answer 502 and restart the process. An event that is not an HTTP request gets 400. A panic of h is logged and gets
// 500.
func New(h http.Handler, log *slog.Logger) Function {
	return func(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (resp events.APIGatewayV2HTTPResponse, err error) {
		id := ""
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			id = lc.AwsRequestID
			ctx = api.WithRequestID(ctx, id)
		}
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler { // already logged
					log.ErrorContext(ctx, "panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				}
				resp = problem(http.StatusInternalServerError, contract.InternalDetail, id)
			}
		}()
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-deadlineMargin))
			defer cancel()
		}
		r, err := request(ctx, ev)
		if err != nil {
			log.WarnContext(ctx, "event is not an HTTP request", "error", err)
			return problem(http.StatusBadRequest, "The event is not an HTTP request: send one of payload format 2.0.", id), nil
		}
		w := &response{header: make(http.Header)}
		h.ServeHTTP(w, r)
		return w.result(r.Method == http.MethodHead), nil
	}
}

// request returns the HTTP request that the event describes.
func request(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	rc := ev.RequestContext
	if rc.HTTP.Method == "" { // such as an event from a schedule or from the console's test button
		return nil, fmt.Errorf("no method; version is %.20q", ev.Version)
	}
	body := ev.Body
	if ev.IsBase64Encoded {
		b, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("decode the body: %w", err)
		}
		body = string(b)
	}
	r, err := http.NewRequestWithContext(ctx, rc.HTTP.Method, "/", strings.NewReader(body)) // checks the method
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(strings.NewReader(body)) // a server's request always has a body
	r.GetBody = nil
	for name, value := range ev.Headers {
		r.Header.Add(name, value)
	}
	if len(ev.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(ev.Cookies, "; "))
	}
	r.URL = target(ev.RawPath, rc.Stage)
	r.URL.RawQuery = ev.RawQueryString
	full := target(ev.RawPath, "")
	full.RawQuery = ev.RawQueryString
	r.RequestURI = full.RequestURI()
	if r.Host = rc.DomainName; r.Host == "" {
		r.Host = r.Header.Get("Host")
	}
	r.Header.Del("Host") // net/http's server does the same
	r.TLS = &tls.ConnectionState{HandshakeComplete: true, ServerName: rc.DomainName}
	if rc.HTTP.SourceIP != "" {
		r.RemoteAddr = net.JoinHostPort(rc.HTTP.SourceIP, "0") // the event does not hold the port
	}
	return r, nil
}

// target returns the URL of a percent-encoded path without the stage. It uses a path that does not decode unchanged.
func target(raw, stage string) *url.URL {
	if stage != "" && stage != "$default" {
		if rest, ok := strings.CutPrefix(raw, "/"+stage); ok && (rest == "" || rest[0] == '/') {
			raw = rest
		}
	}
	if !strings.HasPrefix(raw, "/") {
		raw = "/" + raw
	}
	path, err := url.PathUnescape(raw)
	if err != nil {
		return &url.URL{Path: raw}
	}
	return &url.URL{Path: path, RawPath: raw}
}
