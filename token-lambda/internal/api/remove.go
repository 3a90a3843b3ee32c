package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// removeUpload answers DELETE /v1/boards/{board}/uploads/{id}. It removes the original; S3's event about that makes the
// worker erase every version of the photo's objects. After that, no upload can bring the photo back.
func (a *API) removeUpload(w http.ResponseWriter, r *http.Request) error {
	caller, ref, err := a.authorisePhoto(r, a.cfg.WriteScope)
	if err != nil {
		return err
	}
	if issued, _ := a.token(ref); !issued { // a photo that was never there needs no tombstone
		if _, err := a.readStatus(r.Context(), ref, false); err != nil {
			return err
		}
	}
	if err := a.mayRemove(r.Context(), caller, ref); err != nil {
		return err
	}
	if err := a.store.Remove(r.Context(), ref); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// mayRemove returns a problem unless the caller may remove the photo. If only its owner may and the owner is unknown,
// as before the original has arrived, only administrators may. Anybody may remove a photo that is already removed.
func (a *API) mayRemove(ctx context.Context, caller Caller, ref photo.Ref) error {
	if a.cfg.BoardDelete != DeleteOwner || a.cfg.AdminScope != "" && slices.Contains(caller.Scopes, a.cfg.AdminScope) {
		return nil
	}
	m, err := a.store.Manifest(ctx, ref, nil)
	if err != nil && !errors.Is(err, photo.ErrManifest) {
		return err
	}
	owner := ""
	switch {
	case m != nil && m.State == photo.Removed:
		return nil
	case m != nil:
		owner = m.Source.Owner
	default: // no manifest, or one that cannot be used
		original, err := a.store.Original(ctx, ref)
		if err != nil {
			return err
		}
		if original != nil {
			owner = original.Owner
		}
	}
	if owner == "" {
		return newProblem(contract.ProblemNotOwner,
			fmt.Sprintf("Nobody is known to own this photo of board %s: ask an administrator to remove it, or try again once it has arrived.", ref.Board))
	}
	if owner != caller.Subject {
		return newProblem(contract.ProblemNotOwner,
			fmt.Sprintf("The photo belongs to another user of board %s: ask its owner or an administrator to remove it.", ref.Board))
	}
	return nil
}
