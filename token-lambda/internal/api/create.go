package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const (
	// minLife is the shortest lifetime of a token, if the operator allows as much: a person may have to find a better
	// connection.
	minLife = 2 * time.Minute
	// slowest is the lowest rate at which a client is expected to send, in bytes a second.
	slowest = 256 << 10
)

// createUpload answers POST /v1/boards/{board}/uploads.
func (a *API) createUpload(w http.ResponseWriter, r *http.Request) error {
	caller, board, req, err := readRequest(a, w, r, parseUpload)
	if err != nil {
		return err
	}
	up, err := a.checkUpload(caller, board, req)
	if err != nil {
		return err
	}
	if err := a.takeQuota(w, r, board, up); err != nil {
		return err
	}
	up.Lifetime = a.lifetime(up)
	created, err := a.issueToken(r, board, up, time.Now())
	if err != nil {
		return err
	}
	rec := recordOf(r.Context())
	rec.id, rec.uploads, rec.bytes = created.ID, 1, totalBytes(up)
	w.Header().Set("Location", created.StatusURL)
	return writeJSON(w, http.StatusCreated, created)
}

// createBatch answers POST /v1/boards/{board}/uploads/batch. Either every upload is created, or none is: a token that
// the client does not use costs nothing, and one that is unexpectedly missing would cost a photo.
func (a *API) createBatch(w http.ResponseWriter, r *http.Request) error {
	caller, board, req, err := readRequest(a, w, r, parseBatch)
	if err != nil {
		return err
	}
	ups, err := a.checkBatch(caller, board, req.Uploads)
	if err != nil {
		return err
	}
	if err := a.takeQuota(w, r, board, ups...); err != nil {
		return err
	}
	created := contract.NewUploads{Uploads: make([]contract.NewUpload, len(ups))}
	all := a.lifetime(ups...) // clients may upload one photo after the other, and the last must not come too late
	start := time.Now()
	for i, up := range ups {
		up.Lifetime = all
		made := start.Add(time.Duration(i) * time.Millisecond) // ids of one millisecond would sort at random
		if created.Uploads[i], err = a.issueToken(r, board, up, made); err != nil {
			return err
		}
	}
	rec := recordOf(r.Context())
	rec.uploads, rec.bytes = len(ups), totalBytes(ups...)
	return writeJSON(w, http.StatusCreated, created)
}

// readRequest authorises a request that creates uploads, and returns the caller, the board and the parsed body.
func readRequest[T any](a *API, w http.ResponseWriter, r *http.Request, parse func([]byte) (T, error)) (caller Caller, board photo.Board, req T, err error) {
	if caller, board, err = a.authorise(r, a.cfg.WriteScope); err != nil {
		return caller, board, req, err
	}
	body, err := readBody(w, r)
	if err == nil {
		req, err = parse(body)
	}
	return caller, board, req, err
}

// lifetime returns the lifetime of the tokens of ups: as long as a slow client needs to send them all, within the
// limits.
func (a *API) lifetime(ups ...checkedUpload) time.Duration {
	return min(max(minLife, time.Duration(totalBytes(ups...)/slowest)*time.Second), a.cfg.TokenTTL)
}

func totalBytes(ups ...checkedUpload) (sum int64) {
	for _, up := range ups {
		sum += up.ContentLength
	}
	return sum
}

// issueToken gives the upload an id of the time made, and presigns it.
func (a *API) issueToken(r *http.Request, board photo.Board, up checkedUpload, made time.Time) (contract.NewUpload, error) {
	up.Ref = photo.Ref{Board: board, ID: a.cfg.IDKeys.NewID(board, made, up.Lifetime)}
	limits := a.limits(board)
	signed, err := a.presign(r.Context(), up)
	if err != nil {
		return contract.NewUpload{}, fmt.Errorf("presign the upload of %s: %w", up.Ref, err)
	}
	return contract.NewUpload{
		ID: up.Ref.ID, State: photo.Awaiting,
		StatusURL: a.baseURL(r) + contract.UploadPath(up.Ref), OutcomeURL: a.baseURL(r) + contract.OutcomePath(up.Ref),
		ExpiresAt: signed.Expires.UTC().Truncate(time.Second),
		Limits:    contract.Limits(a.cfg.promise(limits, up.ContentType)),
		Upload:    contract.Token{Method: signed.Method, URL: signed.URL, Headers: signed.Headers, Fields: signed.Fields},
	}, nil
}

func (a *API) presign(ctx context.Context, up checkedUpload) (Presigned, error) {
	span, traceparent := a.issueSpan(ctx, up.Ref)
	defer span.End()
	up.Traceparent = traceparent
	if up.form {
		return a.signer.SignForm(ctx, Form{Upload: up.Upload, MinLength: up.minLength})
	}
	p, err := a.signer.SignUpload(ctx, up.Upload)
	p.Fields = map[string]string{}
	return p, err
}

// baseURL returns the URL in front of this API's paths: the configured one, or the scheme and host of the request
// followed by any prefix that was stripped from its path, such as an API Gateway stage. A proxy that ends TLS or
// changes the host needs the configured URL: headers that name the outer address are not trusted.
func (a *API) baseURL(r *http.Request) string {
	if a.cfg.PublicURL != "" {
		return a.cfg.PublicURL
	}
	u := url.URL{Scheme: "http", Host: r.Host}
	switch {
	case r.Host == "": // HTTP/1.0: a path resolves against the request
		u.Scheme = ""
	case r.TLS != nil:
		u.Scheme = "https"
	}
	stripped := ""
	if full, err := url.ParseRequestURI(r.RequestURI); err == nil {
		if before, ok := strings.CutSuffix(full.EscapedPath(), r.URL.EscapedPath()); ok {
			stripped = before
		}
	}
	return u.String() + strings.TrimSuffix(stripped, "/")
}
