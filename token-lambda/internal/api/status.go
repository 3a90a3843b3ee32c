package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"darkroom/worker/photo"
)

// statusAnswer tells how far a photo has come.
type statusAnswer struct {
	ID        photo.ID        `json:"id"`
	State     photo.State     `json:"state"`
	Reason    photo.Reason    `json:"reason,omitempty"`    // when rejected
	Detail    string          `json:"detail,omitempty"`    // likewise, in words
	Width     int             `json:"width,omitempty"`     // of the original, pixels, upright; where it could be read
	Height    int             `json:"height,omitempty"`    // likewise
	Animated  bool            `json:"animated,omitempty"`  // it is; the variants show its first frame
	ThumbHash string          `json:"thumbHash,omitempty"` // placeholder to show before a variant has come, base64
	Colour    string          `json:"colour,omitempty"`    // the commonest colour, #rrggbb
	Created   string          `json:"created,omitempty"`   // when the outcome was known, RFC 3339, UTC: an order to show photos in
	Variants  []variantAnswer `json:"variants,omitempty"`

	etag string // quoted
}

type variantAnswer struct {
	Name        string `json:"name"`
	URL         string `json:"url"` // a presigned GET, or a plain one
	ContentType string `json:"contentType"`
	Width       int    `json:"width"`  // pixels
	Height      int    `json:"height"` // pixels
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"` // lower-case hexadecimal
}

// urlRenewal is how often the entity tag of a photo with variants changes, though nothing else does: so often a client gets new URLs
// in place of those it has, which live longer than that.
const urlRenewal = 5 * time.Minute

// uploadStatus answers GET /boards/{board}/uploads/{id}. An id that was never handed out is one whose original has
// not arrived: S3 is the only memory, and it holds nothing of either.
func (a *API) uploadStatus(w http.ResponseWriter, r *http.Request) error {
	ref, err := a.named(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	wait, err := waitOf(r)
	if err != nil {
		return err
	}
	seen := seenBy(r.Header)
	ans, err := a.await(r.Context(), ref, wait, seen)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("ETag", "W/"+ans.etag) // weak: the same state has other URLs each time
	h.Set("Cache-Control", "private, no-cache")
	if slices.Contains(seen, ans.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, ans)
}

// stateOf asks for the manifest first, which settles a finished photo in one request, and for the original only when
// there is no manifest. If the manifest comes between the two looks the answer is processing, which the next one puts
// right; it is awaiting only if there was no original at the second look, and a manifest is made of nothing else.
func (a *API) stateOf(ctx context.Context, ref photo.Ref) (statusAnswer, error) {
	m, err := a.store.Manifest(ctx, ref)
	if err != nil {
		return statusAnswer{}, err
	}
	state := photo.Awaiting
	if m == nil {
		arrived, err := a.store.HasOriginal(ctx, ref)
		if err != nil {
			return statusAnswer{}, err
		}
		if arrived {
			state = photo.Processing
		}
	}
	return a.describe(ctx, ref, m, state)
}

// describe tells what the manifest of ref says, or the state if there is none.
func (a *API) describe(ctx context.Context, ref photo.Ref, m *photo.Manifest, state photo.State) (statusAnswer, error) {
	ans := statusAnswer{ID: ref.ID, State: state}
	if m == nil {
		return ans, ans.tag(time.Time{})
	}
	ans.State, ans.Reason, ans.Detail, ans.Created = m.State, m.Reason, m.Detail, m.Created.UTC().Format(time.RFC3339)
	if m.Photo != nil {
		ans.Width, ans.Height = m.Photo.Width, m.Photo.Height
		ans.Animated = m.Photo.Animated
		ans.ThumbHash, ans.Colour = m.Photo.ThumbHash, m.Photo.Colour
	}
	var expires time.Time
	urls := make([]string, len(m.Variants))
	for i, v := range m.Variants {
		if !strings.HasPrefix(v.Key, ref.Prefix()) { // else a manifest could open any object to this board's callers
			return ans, fmt.Errorf("manifest of %s: variant %s is outside of the photo's keys", ref, v.Name)
		}
		signed, err := a.signer.SignVariant(ctx, v.Key)
		if err != nil {
			return ans, fmt.Errorf("presign variant %s of %s: %w", v.Name, ref, err)
		}
		ans.Variants = append(ans.Variants, variantAnswer{Name: v.Name, ContentType: v.ContentType,
			Width: v.Width, Height: v.Height, Bytes: v.Bytes, SHA256: v.SHA256})
		urls[i], expires = signed.URL, signed.Expires
	}
	if err := ans.tag(expires); err != nil {
		return ans, err
	}
	for i, u := range urls {
		ans.Variants[i].URL = u
	}
	return ans, nil
}

// tag sets the entity tag, as of an answer without its URLs and of when they expire, if they do.
func (s *statusAnswer) tag(expires time.Time) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode the state of %s: %w", s.ID, err)
	}
	sum := sha256.Sum256(fmt.Appendf(b, "%d", expires.Truncate(urlRenewal).Unix()))
	s.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	return nil
}
