package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/photo"
)

const (
	// DefaultPage and MaxPage are how many photos a page of a list has.
	DefaultPage, MaxPage = 20, 100
	// maxPageBytes bounds a page whose photos have many variants: AWS Lambda takes an answer of 6 MB.
	maxPageBytes = 4 << 20
	// manifestReads is how many manifests are read at once, as many as the S3 client keeps connections.
	manifestReads = 10
	// maxCursor is more than a key of S3 can have, in bytes.
	maxCursor = 1024
)

// listAnswer is a page of photos in the order of their keys, which is none that says anything to people.
type listAnswer struct {
	Uploads []json.RawMessage `json:"uploads"`        // each a statusAnswer
	Next    string            `json:"next,omitempty"` // the cursor of the next page; absent on the last one
}

// listUploads answers GET /boards/{board}/uploads. A photo is listed while its original is there: one that still awaits
// it is known to S3 by nothing.
func (a *API) listUploads(w http.ResponseWriter, r *http.Request) error {
	_, board, err := a.authorise(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	limit := DefaultPage
	if s := q.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > MaxPage {
			return newProblem(http.StatusBadRequest, TypeQueryInvalid, fmt.Sprintf("limit must be 1 to %d, not %.40q.", MaxPage, s))
		}
	}
	cursor := q.Get("cursor")
	if len(cursor) > maxCursor {
		return newProblem(http.StatusBadRequest, TypeQueryInvalid, "cursor must be what next was on the page before.")
	}
	page, err := a.store.List(r.Context(), board, cursor, limit)
	if err != nil {
		return err
	}
	items := make([]json.RawMessage, len(page.IDs))
	g, ctx := errgroup.WithContext(r.Context())
	g.SetLimit(manifestReads)
	for i, id := range page.IDs {
		g.Go(func() error {
			ref := photo.Ref{Board: board, ID: id}
			m, err := a.store.Manifest(ctx, ref)
			if err != nil {
				return err
			}
			ans, err := a.describe(ctx, ref, m, photo.Processing)
			if err != nil {
				return err
			}
			items[i], err = marshal(ans)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	ans := listAnswer{Uploads: items, Next: page.Next}
	size := 0
	for i, item := range items {
		if size += len(item); size > maxPageBytes && i > 0 {
			ans.Uploads, ans.Next = items[:i], string(page.IDs[i-1])
			break
		}
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	return writeJSON(w, http.StatusOK, ans)
}

// removeUpload answers DELETE /boards/{board}/uploads/{id}: it removes the original for good, and the event of that
// makes the worker remove the rest. What is not there cannot come any more.
func (a *API) removeUpload(w http.ResponseWriter, r *http.Request) error {
	ref, err := a.named(r, a.cfg.WriteScope)
	if err != nil {
		return err
	}
	if err := a.store.Remove(r.Context(), ref); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
