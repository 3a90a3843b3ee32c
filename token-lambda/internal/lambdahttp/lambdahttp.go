// Package lambdahttp serves an http.Handler on AWS Lambda, behind an API Gateway HTTP API or a function URL: both
// send events of payload format 2.0 and take buffered answers of the same.
// See https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
//
// The handler sees the request as the client sent it, with https as its scheme (r.TLS is set) and the host that the
// client called. A stage that is not $default is a prefix of the event's path and is stripped from r.URL; r.RequestURI
// keeps it, as with http.StripPrefix. The context ends a little before Lambda's deadline, so that there is time to
// say so, and carries the invocation's id as the request id.
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
// the process, and the client gets an answer that is not ours.
const deadlineMargin = 500 * time.Millisecond

// Function is what lambda.Start wants of a payload 2.0 handler.
type Function func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// New returns the function that answers each event with h. Its error is always nil: an event that is not an HTTP
// request gets 400, and a panic of h, which is logged, 500. Otherwise Lambda would answer 502 and start anew.
func New(h http.Handler, log *slog.Logger) Function {
	return func(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (resp events.APIGatewayV2HTTPResponse, err error) {
		id := ""
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			id = lc.AwsRequestID
			ctx = api.WithRequestID(ctx, id)
		}
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler { // which says that it is in the log already
					log.ErrorContext(ctx, "panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				}
				resp = problem(http.StatusInternalServerError, contract.TypeInternal, id)
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
			return problem(http.StatusBadRequest, contract.TypeRequestInvalid, id), nil
		}
		w := &response{header: make(http.Header)}
		h.ServeHTTP(w, r)
		return w.result(r.Method == http.MethodHead), nil
	}
}

// request returns the HTTP request that the event stands for.
func request(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	rc := ev.RequestContext
	if rc.HTTP.Method == "" { // such as the event of a schedule, or of the console's test button
		return nil, fmt.Errorf("it has no method; its version is %.20q", ev.Version)
	}
	body := ev.Body
	if ev.IsBase64Encoded {
		b, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("decode its body: %w", err)
		}
		body = string(b)
	}
	r, err := http.NewRequestWithContext(ctx, rc.HTTP.Method, "/", strings.NewReader(body)) // checks the method
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(strings.NewReader(body)) // a server's request always has one
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
	r.Header.Del("Host") // as net/http's server has it
	r.TLS = &tls.ConnectionState{HandshakeComplete: true, ServerName: rc.DomainName}
	if rc.HTTP.SourceIP != "" {
		r.RemoteAddr = net.JoinHostPort(rc.HTTP.SourceIP, "0") // the port is not told
	}
	return r, nil
}

// target returns the URL of a raw path without the stage. A raw path is percent-encoded; one that does not decode is
// taken as it stands.
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
