package api

import (
	"fmt"
	"net/http"
	"strings"

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
	Variants  []variantAnswer `json:"variants,omitempty"`
}

type variantAnswer struct {
	Name        string `json:"name"`
	URL         string `json:"url"` // a presigned GET
	ContentType string `json:"contentType"`
	Width       int    `json:"width"`  // pixels
	Height      int    `json:"height"` // pixels
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"` // lower-case hexadecimal
}

// uploadStatus answers GET /boards/{board}/uploads/{id}. An id that was never handed out is one whose original has
// not arrived: S3 is the only memory, and it holds nothing of either.
func (a *API) uploadStatus(w http.ResponseWriter, r *http.Request) error {
	_, board, err := a.authorise(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	id, err := photo.ParseID(r.PathValue("id"))
	if err != nil {
		return newProblem(http.StatusBadRequest, TypeNameInvalid, err.Error())
	}
	recordOf(r.Context()).id = id
	ans, err := a.stateOf(r, photo.Ref{Board: board, ID: id})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, ans)
}

// stateOf asks for the manifest first, which settles a finished photo in one request, and for the original only when
// there is no manifest. If the manifest comes between the two looks the answer is processing, which the next one puts
// right; it is awaiting only if there was no original at the second look, and a manifest is made of nothing else.
func (a *API) stateOf(r *http.Request, ref photo.Ref) (statusAnswer, error) {
	ctx := r.Context()
	ans := statusAnswer{ID: ref.ID, State: photo.Awaiting}
	m, err := a.store.Manifest(ctx, ref)
	if err != nil {
		return ans, err
	}
	if m == nil {
		arrived, err := a.store.HasOriginal(ctx, ref)
		if err != nil {
			return ans, err
		}
		if arrived {
			ans.State = photo.Processing
		}
		return ans, nil
	}
	ans.State, ans.Reason, ans.Detail = m.State, m.Reason, m.Detail
	if m.Photo != nil {
		ans.Width, ans.Height = m.Photo.Width, m.Photo.Height
		ans.Animated = m.Photo.Animated
		ans.ThumbHash, ans.Colour = m.Photo.ThumbHash, m.Photo.Colour
	}
	for _, v := range m.Variants {
		if !strings.HasPrefix(v.Key, ref.Prefix()) { // else a manifest could open any object to this board's callers
			return ans, fmt.Errorf("manifest of %s: variant %s is outside of the photo's keys", ref, v.Name)
		}
		signed, err := a.signer.SignVariant(ctx, v.Key)
		if err != nil {
			return ans, fmt.Errorf("presign variant %s of %s: %w", v.Name, ref, err)
		}
		ans.Variants = append(ans.Variants, variantAnswer{Name: v.Name, URL: signed.URL, ContentType: v.ContentType,
			Width: v.Width, Height: v.Height, Bytes: v.Bytes, SHA256: v.SHA256})
	}
	return ans, nil
}
