package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// photoStatus is the state of a photo and its entity tag.
type photoStatus struct {
	contract.Upload
	etag     string // quoted
	unusable error  // why the manifest cannot be used; nil if it can, and without one
}

// uploadStatus answers GET /v1/boards/{board}/uploads/{id}, and the same path with /outcome, which waits unless the
// request asks it not to. Without [Config].IDKeys, an id that was never issued looks like one whose original has not
// arrived: S3 is the only memory, and it holds nothing about either.
func (a *API) uploadStatus(w http.ResponseWriter, r *http.Request) error {
	_, ref, err := a.authorisePhoto(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	wait, err := a.waitFor(w, r)
	if err != nil {
		return err
	}
	seen := entityTags(r.Header)
	status, err := a.awaitStatus(r.Context(), ref, wait, seen)
	if err != nil {
		return err
	}
	a.reportUnusable(r.Context(), ref, status)
	h := w.Header()
	h.Set("ETag", "W/"+status.etag) // weak: another instance signs other URLs for the same state
	h.Set("Cache-Control", "private, no-cache")
	if seen.match(status.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, status.Upload)
}

// readStatus reads the manifest first, so that a finished photo takes one request to S3. It looks for the original only
// if there is no manifest and the original is not known to have arrived. If the manifest appears between the two
// requests, the state is processing until the next poll. The state is awaiting only if the second request found no
// original, without which no manifest is written.
func (a *API) readStatus(ctx context.Context, ref photo.Ref, arrived bool) (photoStatus, error) {
	status, found, err := a.readOutcome(ctx, ref, nil)
	if found || err != nil || arrived {
		return status, err
	}
	original, err := a.store.Original(ctx, ref)
	if err != nil {
		return photoStatus{}, err
	}
	if original != nil {
		return processing(ref, original)
	}
	issued, expired := a.token(ref)
	if !issued {
		return photoStatus{}, unknownUpload(ref)
	}
	state := photo.Awaiting
	if expired {
		state = photo.Expired // unless a PUT that began in time is still on its way
	}
	return newPhotoStatus(contract.Upload{ID: ref.ID, State: state}, nil, time.Time{})
}

// token reports whether this API may have issued the id, and whether its token is known to have expired. An id without
// a valid mac may be older than the key: only S3 shows whether it is known.
func (a *API) token(ref photo.Ref) (issued, expired bool) {
	if len(a.cfg.IDKeys) == 0 {
		return true, false
	}
	expires, err := a.cfg.IDKeys.Verify(ref)
	return err == nil, err == nil && time.Now().After(expires)
}

// unknownUpload is the problem of an id that was never issued for the board.
func unknownUpload(ref photo.Ref) error {
	return newProblem(contract.ProblemUploadUnknown,
		fmt.Sprintf("Board %s has no upload with this id: use the id or the statusUrl that the API returned.", ref.Board))
}

// readListed returns the status of a photo whose original a listing has shown.
func (a *API) readListed(ctx context.Context, ref photo.Ref, original *photo.Source) (photoStatus, error) {
	status, _, err := a.readOutcome(ctx, ref, original)
	if err != nil || status.State != photo.Processing {
		return status, err
	}
	unusable := status.unusable
	status, err = processing(ref, original)
	status.unusable = unusable
	return status, err
}

// processing returns the status of a photo without a manifest that can be used. The original is nil if all that is
// known of it is that it has arrived.
func processing(ref photo.Ref, original *photo.Source) (photoStatus, error) {
	up := contract.Upload{ID: ref.ID, State: photo.Processing}
	if original != nil {
		up.Uploaded, up.Name, up.Metadata = contract.NewTime(original.Modified), original.Name, original.Metadata
	}
	return newPhotoStatus(up, nil, time.Time{})
}

// readOutcome returns the status that the manifest of ref reports, and whether there is a manifest. Without one the
// photo is processing. A photo whose manifest cannot be used is processing too, until a worker makes the manifest
// again.
func (a *API) readOutcome(ctx context.Context, ref photo.Ref, original *photo.Source) (status photoStatus, found bool, err error) {
	m, err := a.store.Manifest(ctx, ref, original)
	if err == nil && m != nil {
		status, err = a.describe(ctx, ref, m)
	}
	unusable := err
	switch {
	case err != nil && !errors.Is(err, photo.ErrManifest):
		return photoStatus{}, false, err
	case err == nil && m != nil:
		return status, true, nil
	}
	// There is no manifest, or one that cannot be used.
	status, err = processing(ref, nil)
	status.unusable = unusable
	return status, unusable != nil, err
}

// reportUnusable logs why the manifest of a photo cannot be used, and counts it.
func (a *API) reportUnusable(ctx context.Context, ref photo.Ref, status photoStatus) {
	if status.unusable == nil {
		return
	}
	rec := recordOf(ctx)
	rec.unusable++
	a.log.LogAttrs(ctx, slog.LevelWarn, "a manifest cannot be used: run worker backfill", slog.String("request_id", rec.requestID),
		slog.String("key", ref.ManifestKey()), slog.String("error", status.unusable.Error()))
}

// describe returns the status that the manifest of ref reports.
func (a *API) describe(ctx context.Context, ref photo.Ref, m *photo.Manifest) (photoStatus, error) {
	up := contract.Upload{ID: ref.ID, State: m.State, Reason: m.Reason, Detail: m.Explanation(),
		Name: m.Source.Name, Metadata: m.Source.Metadata,
		Uploaded: contract.NewTime(m.Source.Modified), Updated: contract.NewTime(m.Created)}
	if m.Photo != nil {
		up.Width, up.Height = m.Photo.Width, m.Photo.Height
		up.Animated, up.Damaged = m.Photo.Animated, m.Photo.Damaged
		up.Duration, up.AnimationLost = m.Photo.Duration, m.Photo.AnimationLost
		up.Credit, up.ContentCredentials, up.ClaimGenerator = m.Photo.Credit, m.Photo.ContentCredentials, m.Photo.ClaimGenerator
		up.ThumbHash, up.Colour, up.PerceptualHash = m.Photo.ThumbHash, m.Photo.Colour, m.Photo.PerceptualHash
	}
	var expires time.Time
	urls := make([]string, len(m.Variants))
	for i, v := range m.Variants {
		// Otherwise a manifest could open any object to this board's callers.
		if !strings.HasPrefix(v.Key, ref.Prefix()) {
			return photoStatus{}, fmt.Errorf("manifest of %s: %w: the key %.100q of variant %.40q is outside of the photo's keys", ref, photo.ErrManifest, v.Key, v.Name)
		}
		signed, err := a.signer.SignVariant(ctx, v.Key)
		if err != nil {
			return photoStatus{}, fmt.Errorf("presign variant %s of %s: %w", v.Name, ref, err)
		}
		up.Variants = append(up.Variants, contract.Variant{Name: v.Name, ContentType: v.ContentType,
			Width: v.Width, Height: v.Height, Bytes: v.Bytes, SHA256: v.SHA256, HDR: v.HDR,
			Animated: v.Animated, Duration: v.Duration, Loops: v.Loops})
		urls[i], expires = signed.URL, signed.Expires
	}
	return newPhotoStatus(up, urls, expires)
}

// newPhotoStatus adds an entity tag and the URLs of the variants to a state. The tag is a digest of the status without
// the URLs, and of when they expire, if they do: URLs that another instance signs with its own credentials do not change
// it.
func newPhotoStatus(up contract.Upload, urls []string, expires time.Time) (photoStatus, error) {
	b, err := json.Marshal(up)
	if err != nil {
		return photoStatus{}, fmt.Errorf("encode the state of %s: %w", up.ID, err)
	}
	sum := sha256.Sum256(fmt.Appendf(b, "%d", expires.Unix()))
	for i, u := range urls {
		up.Variants[i].URL = u
	}
	return photoStatus{Upload: up, etag: quotedTag(sum[:])}, nil
}

// quotedTag returns the entity tag of a digest, with its quotes.
func quotedTag(digest []byte) string {
	return `"` + base64.RawURLEncoding.EncodeToString(digest[:12]) + `"`
}
