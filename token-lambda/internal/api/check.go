package api

import (
	"encoding/base64"
	"errors"
	"fmt"
	"mime"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// checkedUpload is a valid upload. It has no id and no trace yet.
type checkedUpload struct {
	Upload
	form      bool
	minLength int64 // minimum size of a form's photo, bytes
}

// checkBatch checks every upload of a batch. Its problem lists every faulty upload.
func (a *API) checkBatch(caller Caller, board photo.Board, reqs []contract.UploadRequest) ([]checkedUpload, error) {
	if len(reqs) == 0 || len(reqs) > contract.MaxBatch {
		return nil, newProblem(contract.ProblemRequestInvalid,
			fmt.Sprintf("uploads has %d elements: send 1 to %d.", len(reqs), contract.MaxBatch))
	}
	ups := make([]checkedUpload, len(reqs))
	var faults []fault
	for i, req := range reqs {
		var err error
		if ups[i], err = a.checkUpload(caller, board, req); err == nil {
			continue
		}
		var p *problem
		if !errors.As(err, &p) {
			return nil, err
		}
		faults = append(faults, fault{i, p})
	}
	if len(faults) > 0 {
		p := newProblem(contract.ProblemBatchInvalid,
			fmt.Sprintf("No upload was created, because of %s among %d.", plural.Count(len(faults), "invalid upload"), len(reqs)))
		p.uploads = faults
		return nil, p
	}
	return ups, nil
}

// checkUpload checks one upload of the caller against the limits of the board.
func (a *API) checkUpload(caller Caller, board photo.Board, req contract.UploadRequest) (checkedUpload, error) {
	var up checkedUpload
	limits := a.limits(board)
	if up.form = req.Form; up.form && !a.cfg.AllowForm {
		return up, newProblem(contract.ProblemFormNotAllowed, "This API issues no forms: leave out form, and send the photo with a PUT.")
	}
	up.ContentType = mediaType(req.ContentType)
	if !limits.accepts(up.ContentType) {
		detail := fmt.Sprintf("contentType %.80q is not accepted: send one of the types in allowed.", req.ContentType)
		if req.ContentType == "" {
			detail = "contentType is missing or empty: send the media type of the photo, one of those in allowed."
		}
		p := newProblem(contract.ProblemTypeNotAllowed, detail)
		p.allowed = limits.ContentTypes
		return up, p
	}
	up.ContentLength, up.minLength = req.ContentLength, req.ContentLength
	if up.form && up.ContentLength == 0 {
		up.ContentLength, up.minLength = limits.MaxBytes, 1
	}
	if up.ContentLength <= 0 {
		return up, newProblem(contract.ProblemLengthInvalid, fmt.Sprintf("contentLength is missing or not above 0: send the size of the photo in bytes, up to %d.", limits.MaxBytes))
	}
	if up.ContentLength > limits.MaxBytes {
		p := newProblem(contract.ProblemUploadTooLarge, fmt.Sprintf("contentLength is above %d bytes: send a smaller photo.",
			limits.MaxBytes))
		p.limit = limits.MaxBytes
		return up, p
	}
	switch up.SHA256 = req.SHA256; {
	case up.SHA256 == "" && a.cfg.RequireSHA256:
		return up, newProblem(contract.ProblemDigestRequired, "sha256 is missing: send the SHA-256 of the photo in base64.")
	case up.SHA256 != "":
		// DecodeString skips line breaks, so a value that decodes may still be no valid header value.
		sum, err := base64.StdEncoding.Strict().DecodeString(up.SHA256)
		if err != nil || len(sum) != 32 || len(up.SHA256) != base64.StdEncoding.EncodedLen(32) {
			return up, newProblem(contract.ProblemDigestInvalid, "sha256 is not a digest: send the 32 bytes of the SHA-256 in base64, 44 characters with the padding.")
		}
	}
	up.Owner, up.Limits = caller.Subject, limits.tokenLimits()
	up.Labels = photo.Labels{Name: req.Name, Metadata: req.Metadata}
	return up, checkLabels(up.Upload)
}

// exampleTrace is a traceparent. All of them have the same length.
const exampleTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// checkLabels returns a problem if the labels of an upload are invalid, or do not fit into what S3 keeps with an
// original. A name without metadata always fits.
func checkLabels(up Upload) error {
	if err := up.Labels.Validate(); err != nil {
		return newProblem(contract.ProblemMetadataInvalid, err.Error()+".")
	}
	up.Traceparent = exampleTrace
	if excess := photo.UserMetadataBytes(up.UserMetadata()) - photo.MaxUserMetadata; excess > 0 {
		return newProblem(contract.ProblemMetadataInvalid, fmt.Sprintf("metadata is %s too long in percent-encoding: S3 keeps %d bytes with a photo, "+
			"with its owner, its limits and the names of headers. Send less.", plural.Count(excess, "byte"), photo.MaxUserMetadata))
	}
	return nil
}

// mediaType returns the lower-case media type of a Content-Type without its parameters, or "" if there is none.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return t
}
