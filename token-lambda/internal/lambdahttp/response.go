package lambdahttp

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/token-lambda/contract"
)

// response is the http.ResponseWriter of one event. It buffers the answer until the handler returns.
type response struct {
	header http.Header
	sent   http.Header // copy of the header when the status was written
	status int         // 0 until the status is written
	body   bytes.Buffer
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if w.status != 0 || status < 200 { // already written, or informational, which the format cannot express
		return
	}
	w.status = status
	w.sent = w.header.Clone()
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		if w.header.Get("Content-Type") == "" {
			w.header.Set("Content-Type", http.DetectContentType(b))
		}
		w.WriteHeader(http.StatusOK)
	}
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(b)
}

// result returns the answer in payload format 2.0. Values of one header are joined, except cookies, and a body that is
// not UTF-8 is encoded as base64.
func (w *response) result(head bool) events.APIGatewayV2HTTPResponse {
	w.WriteHeader(http.StatusOK) // no effect if the handler has written
	out := events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: make(map[string]string, len(w.sent))}
	for name, values := range w.sent {
		if http.CanonicalHeaderKey(name) == "Set-Cookie" { // a cookie may contain commas
			out.Cookies = append(out.Cookies, values...)
			continue
		}
		out.Headers[name] = strings.Join(values, ", ")
	}
	switch b := w.body.Bytes(); {
	case head:
	case utf8.Valid(b):
		out.Body = string(b)
	default:
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(b), true
	}
	return out
}

// problem returns the answer to an event that the handler did not answer. No page describes it: the address of the
// pages is that of a request, and there may be none.
func problem(status int, detail, id string) events.APIGatewayV2HTTPResponse {
	body, err := json.Marshal(contract.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: detail, RequestID: id})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers: map[string]string{"Content-Type": contract.ProblemContentType, "Cache-Control": "no-store",
			contract.RequestIDHeader: id},
		Body: string(body) + "\n",
	}
}
