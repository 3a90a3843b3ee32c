package api

import "net/http"

// removeUpload answers DELETE /v1/boards/{board}/uploads/{id}. It removes the original; S3's event about that makes the
// worker remove the variants. After that, no upload can bring the photo back. A bucket with versioning keeps the original
// as an old version, out of the API's reach.
func (a *API) removeUpload(w http.ResponseWriter, r *http.Request) error {
	ref, err := a.authorisePhoto(r, a.cfg.WriteScope)
	if err != nil {
		return err
	}
	if _, issued := a.issued(ref); !issued { // a photo that was never there needs no tombstone
		if _, err := a.readStatus(r.Context(), ref, false); err != nil {
			return err
		}
	}
	if err := a.store.Remove(r.Context(), ref); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
