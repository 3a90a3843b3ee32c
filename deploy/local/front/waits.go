package front

import (
	"context"
	"io"
	"mime"
	"net/http"
	"path"

	"darkroom/token-lambda/contract"
)

// waits sends requests to the API. When the context draining ends, it repeats requests that wait for photos, now
// without a wait, and ends streams of events.
type waits struct {
	api      http.RoundTripper
	draining context.Context
}

// RoundTrip implements [http.RoundTripper].
func (w waits) RoundTrip(r *http.Request) (*http.Response, error) {
	query, name := r.URL.Query(), path.Base(r.URL.Path)
	// The API waits unless the request says otherwise.
	ends := name == path.Base(contract.OutcomePattern) || name == path.Base(contract.OutcomesPattern)
	if r.Method != http.MethodGet || !ends && !query.Has(contract.WaitParameter) && r.Header.Get(contract.PreferHeader) == "" {
		return w.api.RoundTrip(r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	keep := context.AfterFunc(w.draining, cancel)
	resp, err := w.api.RoundTrip(r.WithContext(ctx))
	if err == nil && isStream(resp) {
		resp.Body = streamBody{answerBody{resp.Body, func() { keep(); cancel() }}, w.draining}
		return resp, nil
	}
	if err == nil && keep() { // the answer has begun, and is read to its end
		resp.Body = answerBody{resp.Body, cancel}
		return resp, nil
	}
	cancel()
	if err == nil {
		resp.Body.Close()
	} else if w.draining.Err() == nil {
		return nil, err
	}
	now := r.Clone(r.Context())
	now.Header.Del(contract.PreferHeader)
	query.Del(contract.WaitParameter)
	if ends {
		now.Header.Del("Accept") // no stream
		query.Set(contract.WaitParameter, "0")
	}
	now.URL.RawQuery = query.Encode()
	return w.api.RoundTrip(now)
}

// answerBody is a body that ends the context of its request when it is closed.
type answerBody struct {
	io.ReadCloser
	end context.CancelFunc
}

func (b answerBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// isStream reports whether the answer is a stream of events.
func isStream(resp *http.Response) bool {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && kind == contract.EventsContentType
}

// streamBody is a stream that ends without an error when draining ends and its request is cancelled.
type streamBody struct {
	answerBody
	draining context.Context
}

func (b streamBody) Read(p []byte) (int, error) {
	n, err := b.answerBody.Read(p)
	if err != nil && b.draining.Err() != nil {
		err = io.EOF
	}
	return n, err
}
