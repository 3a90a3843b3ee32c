package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"darkroom/worker/photo"
)

const (
	// maxBody is the most bytes of a request body. An upload needs below 200, so MaxBatch of them fit.
	maxBody = 16 << 10
	// MaxBatch is the most uploads of one request.
	MaxBatch = 50
	// minLife is the least that a token is good for, if the operator allows as much: a person may have to look for a
	// better connection. slowest is how many bytes a second a client sends at least.
	minLife = 2 * time.Minute
	slowest = 256 << 10
)

// needs is how long a client takes at most to send all of this.
func needs(ups ...order) time.Duration {
	var bytes int64
	for _, up := range ups {
		bytes += up.ContentLength
	}
	return max(minLife, time.Duration(bytes/slowest)*time.Second)
}

// uploadRequest asks for a token.
type uploadRequest struct {
	ContentType   string `json:"contentType"`
	ContentLength int64  `json:"contentLength"` // bytes
	SHA256        string `json:"sha256"`        // as the header x-amz-checksum-sha256 has it
	Form          bool   `json:"form"`          // for an HTML form; without a contentLength it takes a photo of any
}

// uploadsRequest is the body of a POST: one upload, or a list of them.
type uploadsRequest struct {
	uploadRequest
	Uploads []uploadRequest `json:"uploads"`
}

// uploadAnswer is the token: a request to send as it is. Method, URL, fields and headers are the parameters that Uppy
// 5 wants of getUploadParameters; an end-to-end test uploads with it.
type uploadAnswer struct {
	ID        photo.ID          `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Fields    map[string]string `json:"fields"`    // of a form, to come before the file
	ExpiresAt string            `json:"expiresAt"` // RFC 3339, UTC
	StatusURL string            `json:"statusUrl"`
	Limits    Limits            `json:"limits"` // that the photo is held to
}

// uploadsAnswer answers a list, in its order.
type uploadsAnswer struct {
	Uploads []uploadAnswer `json:"uploads"`
}

// createUploads answers POST /boards/{board}/uploads. Of a list all are signed or none: a token that the client does not
// come to use costs nothing, and one that it did not expect to miss would cost a photo.
func (a *API) createUploads(w http.ResponseWriter, r *http.Request) error {
	caller, board, err := a.authorise(r, a.cfg.WriteScope)
	if err != nil {
		return err
	}
	req, err := readBody(w, r)
	if err != nil {
		return err
	}
	if req.Uploads == nil {
		up, err := a.check(board, req.uploadRequest)
		if err != nil {
			return err
		}
		up.Needs = needs(up)
		ans, err := a.sign(r, caller, board, up)
		if err != nil {
			return err
		}
		recordOf(r.Context()).id = ans.ID
		w.Header().Set("Location", ans.StatusURL)
		return writeJSON(w, http.StatusCreated, ans)
	}
	ups, err := a.checkAll(board, req.Uploads)
	if err != nil {
		return err
	}
	ans := uploadsAnswer{make([]uploadAnswer, len(ups))}
	all := needs(ups...) // one after the other, and the last is not to come too late
	for i, up := range ups {
		up.Needs = all
		if ans.Uploads[i], err = a.sign(r, caller, board, up); err != nil {
			return err
		}
	}
	recordOf(r.Context()).uploads = len(ups)
	return writeJSON(w, http.StatusCreated, ans)
}

// sign names an upload that was checked and makes its token.
func (a *API) sign(r *http.Request, caller Caller, board photo.Board, up order) (uploadAnswer, error) {
	up.Ref, up.Owner = photo.Ref{Board: board, ID: photo.NewID()}, caller.Subject
	limits := a.limits(board)
	up.Limits = limits.bound()
	signed, err := a.presign(r.Context(), up)
	if err != nil {
		return uploadAnswer{}, fmt.Errorf("presign the upload of %s: %w", up.Ref, err)
	}
	return uploadAnswer{
		ID: up.Ref.ID, Method: signed.Method, URL: signed.URL, Headers: signed.Headers, Fields: signed.Fields,
		ExpiresAt: signed.Expires.UTC().Format(time.RFC3339),
		StatusURL: a.baseURL(r) + "/boards/" + string(board) + "/uploads/" + string(up.Ref.ID),
		Limits:    limits,
	}, nil
}

// order is an upload that was checked.
type order struct {
	Upload
	form      bool
	minLength int64 // of a form
}

func (a *API) presign(ctx context.Context, up order) (Presigned, error) {
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

// readBody reads the one JSON object that the body must be, of known fields only: a client that misspells sha256
// must not believe that its bytes are bound.
func readBody(w http.ResponseWriter, r *http.Request) (uploadsRequest, error) {
	var req uploadsRequest
	invalid := func(detail string) (uploadsRequest, error) {
		return req, newProblem(http.StatusBadRequest, TypeRequestInvalid, detail)
	}
	if ct := r.Header.Get("Content-Type"); ct != "" && mediaType(ct) != "application/json" {
		return invalid("Send the body as application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		p := newProblem(http.StatusRequestEntityTooLarge, TypeRequestTooLarge, fmt.Sprintf("The body is more than %d bytes.", maxBody))
		p.Limit = maxBody
		return req, p
	}
	if err != nil {
		return req, newProblem(http.StatusBadRequest, TypeRequestInvalid, "The body could not be read.").because(err)
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return invalid("The body must be a JSON object.")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return invalid("The body is not the JSON object that is wanted: " + strings.TrimPrefix(err.Error(), "json: ") + ".")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalid("There is more in the body after the JSON object.")
	}
	if req.Uploads != nil && req.uploadRequest != (uploadRequest{}) {
		return invalid("Send one upload or uploads, not both.")
	}
	return req, nil
}

// checkAll is check for a list. Its problem names every upload that is at fault.
func (a *API) checkAll(board photo.Board, reqs []uploadRequest) ([]order, error) {
	if len(reqs) == 0 || len(reqs) > MaxBatch {
		return nil, newProblem(http.StatusBadRequest, TypeRequestInvalid, fmt.Sprintf("uploads must be 1 to %d, not %d.", MaxBatch, len(reqs)))
	}
	ups := make([]order, len(reqs))
	var faults []fault
	for i, req := range reqs {
		var err error
		if ups[i], err = a.check(board, req); err == nil {
			continue
		}
		var p *Problem
		if !errors.As(err, &p) {
			return nil, err
		}
		faults = append(faults, fault{Index: i, Type: p.Type, Detail: p.Detail, Limit: p.Limit, Allowed: p.Allowed})
	}
	if len(faults) > 0 {
		p := newProblem(http.StatusBadRequest, TypeBatchInvalid,
			fmt.Sprintf("%d of the %d uploads cannot be, and none was signed.", len(faults), len(reqs)))
		p.Uploads = faults
		return nil, p
	}
	return ups, nil
}

// check returns the upload that req asks for, still without its name and owner.
func (a *API) check(board photo.Board, req uploadRequest) (order, error) {
	var up order
	limits := a.limits(board)
	if up.form = req.Form; up.form && !a.cfg.AllowForm {
		return up, newProblem(http.StatusBadRequest, TypeFormNotAllowed, "No forms are handed out here. Ask without form, and send a PUT.")
	}
	up.ContentType = mediaType(req.ContentType)
	if !limits.takes(up.ContentType) {
		p := newProblem(http.StatusBadRequest, TypeTypeNotAllowed, fmt.Sprintf("contentType %.80q is not taken.", req.ContentType))
		p.Allowed = limits.ContentTypes
		return up, p
	}
	up.ContentLength, up.minLength = req.ContentLength, req.ContentLength
	if up.form && up.ContentLength == 0 {
		up.ContentLength, up.minLength = limits.MaxBytes, 1
	}
	if up.ContentLength <= 0 {
		return up, newProblem(http.StatusBadRequest, TypeLengthInvalid, "contentLength must be the bytes of the photo, more than 0.")
	}
	if up.ContentLength > limits.MaxBytes {
		p := newProblem(http.StatusRequestEntityTooLarge, TypeUploadTooLarge, fmt.Sprintf("The photo is more than %d bytes.", limits.MaxBytes))
		p.Limit = limits.MaxBytes
		return up, p
	}
	switch up.SHA256 = req.SHA256; {
	case up.SHA256 == "" && a.cfg.RequireSHA256:
		return up, newProblem(http.StatusBadRequest, TypeDigestRequired, "Give the SHA-256 of the photo as sha256, in base64.")
	case up.SHA256 != "":
		// DecodeString passes over line breaks, so its success alone does not make a header value.
		sum, err := base64.StdEncoding.Strict().DecodeString(up.SHA256)
		if err != nil || len(sum) != 32 || len(up.SHA256) != base64.StdEncoding.EncodedLen(32) {
			return up, newProblem(http.StatusBadRequest, TypeDigestInvalid, "sha256 must be base64 of 32 bytes, with its padding.")
		}
	}
	return up, nil
}
