package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// createRequest is the body of a POST: one upload or a batch.
type createRequest struct {
	contract.UploadRequest
	contract.BatchRequest
}

// readCreateRequest reads the body, which must be one JSON object. It refuses unknown members: a client that misspells
// sha256 must not believe that its digest is checked.
func readCreateRequest(w http.ResponseWriter, r *http.Request) (createRequest, error) {
	var req createRequest
	invalid := func(detail string) (createRequest, error) {
		return req, newProblem(http.StatusBadRequest, contract.TypeRequestInvalid, detail)
	}
	if ct := r.Header.Get("Content-Type"); ct != "" && mediaType(ct) != contract.ContentType {
		return invalid("Send the body as application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, contract.MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		p := newProblem(http.StatusRequestEntityTooLarge, contract.TypeRequestTooLarge, fmt.Sprintf("The body is larger than %d bytes.", contract.MaxBody))
		p.Limit = contract.MaxBody
		return req, p
	}
	if err != nil {
		return req, newProblem(http.StatusBadRequest, contract.TypeRequestInvalid, "The body could not be read.").because(err)
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return invalid("The body must be a JSON object.")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return invalid("The body is not a valid request: " + describeJSON(err) + ".")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalid("The body continues after the JSON object.")
	}
	if req.Uploads != nil && req.UploadRequest != (contract.UploadRequest{}) {
		return invalid("Send one upload or uploads, not both.")
	}
	return req, nil
}

// describeJSON describes an error of encoding/json to a client, without the names of Go types.
func describeJSON(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("%s has the wrong type or value (JSON %s)", wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:], wrong.Value)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// checkedUpload is a valid upload. It has no id, owner or limits yet.
type checkedUpload struct {
	Upload
	form      bool
	minLength int64 // minimum size of a form's photo, bytes
}

// checkBatch checks every upload of a batch. Its problem lists every faulty upload.
func (a *API) checkBatch(board photo.Board, reqs []contract.UploadRequest) ([]checkedUpload, error) {
	if len(reqs) == 0 || len(reqs) > contract.MaxBatch {
		return nil, newProblem(http.StatusBadRequest, contract.TypeRequestInvalid,
			fmt.Sprintf("uploads has %d elements: send 1 to %d.", len(reqs), contract.MaxBatch))
	}
	ups := make([]checkedUpload, len(reqs))
	var faults []contract.Fault
	for i, req := range reqs {
		var err error
		if ups[i], err = a.checkUpload(board, req); err == nil {
			continue
		}
		var p *problem
		if !errors.As(err, &p) {
			return nil, err
		}
		faults = append(faults, contract.Fault{Index: i, Type: p.Type, Detail: p.Detail, Limit: p.Limit, Allowed: p.Allowed})
	}
	if len(faults) > 0 {
		p := newProblem(http.StatusBadRequest, contract.TypeBatchInvalid,
			fmt.Sprintf("No token was issued, because of %s among %d.", plural.Count(len(faults), "invalid upload"), len(reqs)))
		p.Uploads = faults
		return nil, p
	}
	return ups, nil
}

// checkUpload checks one upload against the limits of the board.
func (a *API) checkUpload(board photo.Board, req contract.UploadRequest) (checkedUpload, error) {
	var up checkedUpload
	limits := a.limits(board)
	if up.form = req.Form; up.form && !a.cfg.AllowForm {
		return up, newProblem(http.StatusBadRequest, contract.TypeFormNotAllowed, "This API issues no forms. Leave out form, and send a PUT.")
	}
	up.ContentType = mediaType(req.ContentType)
	if !limits.accepts(up.ContentType) {
		p := newProblem(http.StatusBadRequest, contract.TypeTypeNotAllowed, fmt.Sprintf("contentType %.80q is not accepted.", req.ContentType))
		p.Allowed = limits.ContentTypes
		return up, p
	}
	up.ContentLength, up.minLength = req.ContentLength, req.ContentLength
	if up.form && up.ContentLength == 0 {
		up.ContentLength, up.minLength = limits.MaxBytes, 1
	}
	if up.ContentLength <= 0 {
		return up, newProblem(http.StatusBadRequest, contract.TypeLengthInvalid, "contentLength must be the size of the photo in bytes, greater than 0.")
	}
	if up.ContentLength > limits.MaxBytes {
		p := newProblem(http.StatusRequestEntityTooLarge, contract.TypeUploadTooLarge, fmt.Sprintf("The photo is larger than %d bytes.", limits.MaxBytes))
		p.Limit = limits.MaxBytes
		return up, p
	}
	switch up.SHA256 = req.SHA256; {
	case up.SHA256 == "" && a.cfg.RequireSHA256:
		return up, newProblem(http.StatusBadRequest, contract.TypeDigestRequired, "sha256 is required: the SHA-256 of the photo in base64.")
	case up.SHA256 != "":
		// DecodeString skips line breaks, so a value that decodes may still be no valid header value.
		sum, err := base64.StdEncoding.Strict().DecodeString(up.SHA256)
		if err != nil || len(sum) != 32 || len(up.SHA256) != base64.StdEncoding.EncodedLen(32) {
			return up, newProblem(http.StatusBadRequest, contract.TypeDigestInvalid, "sha256 must be the base64 encoding of 32 bytes, with padding.")
		}
	}
	return up, nil
}

// mediaType returns the lower-case media type of a Content-Type without its parameters, or "" if there is none.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return t
}
