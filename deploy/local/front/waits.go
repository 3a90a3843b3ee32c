package front

import (
	"context"
	"io"
	"net/http"

	"darkroom/token-lambda/contract"
)

// waits sends requests to the API. When draining ends, it sends a request that waits for a photo again, without its wait.
type waits struct {
	api      http.RoundTripper
	draining context.Context
}

// RoundTrip implements [http.RoundTripper].
func (w waits) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	if r.Method != http.MethodGet || !query.Has(contract.WaitParameter) {
		return w.api.RoundTrip(r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	keep := context.AfterFunc(w.draining, cancel)
	resp, err := w.api.RoundTrip(r.WithContext(ctx))
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
	query.Del(contract.WaitParameter)
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
