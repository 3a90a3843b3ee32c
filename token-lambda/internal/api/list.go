package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const (
	// maxPageBytes bounds a page whose photos have many variants: AWS Lambda allows an answer of 6 MB.
	maxPageBytes = 4 << 20
	// manifestReads is how many manifests are read at once: as many connections as the S3 client keeps.
	manifestReads = 10
)

// listUploads answers GET /boards/{board}/uploads. It lists the photos whose original exists: S3 knows nothing of a
// photo that is still awaited. With ids it lists outcomes.
func (a *API) listUploads(w http.ResponseWriter, r *http.Request) error {
	_, board, err := a.authorise(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	if r.URL.Query().Has(contract.IDsParameter) {
		return a.listOutcomes(w, r, board)
	}
	cursor, limit, err := pageOf(r.URL.Query())
	if err != nil {
		return err
	}
	photos, err := a.store.List(r.Context(), board, cursor, limit)
	if err != nil {
		return err
	}
	statuses := make([]photoStatus, len(photos.IDs))
	g, ctx := errgroup.WithContext(r.Context())
	g.SetLimit(manifestReads)
	for i, id := range photos.IDs {
		g.Go(func() error {
			status, _, err := a.readOutcome(ctx, photo.Ref{Board: board, ID: id})
			statuses[i] = status
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	page := contract.Page{Uploads: make([]contract.Upload, len(statuses)), Next: photos.Next}
	for i, status := range statuses {
		page.Uploads[i] = status.Upload
		a.reportUnusable(r.Context(), photo.Ref{Board: board, ID: status.ID}, status)
	}
	body, err := marshalPage(page, func(last photo.ID) string { return string(last) })
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	writeBody(w, http.StatusOK, body)
	return nil
}

// pageOf returns the cursor and the limit of a query.
func pageOf(q url.Values) (cursor string, limit int, err error) {
	limit = contract.DefaultPage
	if s := q.Get(contract.LimitParameter); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > contract.MaxPage {
			return "", 0, newProblem(http.StatusBadRequest, contract.TypeQueryInvalid, fmt.Sprintf("limit is %.40q: send 1 to %d.", s, contract.MaxPage))
		}
	}
	if cursor = q.Get(contract.CursorParameter); len(cursor) > contract.MaxCursor {
		return "", 0, newProblem(http.StatusBadRequest, contract.TypeQueryInvalid, "cursor is too long: send next from the previous page.")
	}
	return cursor, limit, nil
}

// marshalPage encodes a page. If it exceeds maxPageBytes, marshalPage leaves out photos from its end, but keeps at least
// one, and sets what the client needs to ask for them: next returns the cursor after a photo.
func marshalPage(page contract.Page, next func(last photo.ID) string) ([]byte, error) {
	body, err := marshal(page)
	if err != nil || len(body) <= maxPageBytes {
		return body, err
	}
	size := 0
	for i, up := range page.Uploads {
		item, err := marshal(up)
		if err != nil {
			return nil, err
		}
		if size += len(item); size > maxPageBytes && i > 0 {
			page.Uploads, page.Next = page.Uploads[:i], next(page.Uploads[i-1].ID)
			return marshal(page)
		}
	}
	return body, nil
}
