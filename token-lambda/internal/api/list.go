package api

import (
	"crypto/sha256"
	"fmt"
	"io"
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

// listUploads answers GET /v1/boards/{board}/uploads. It lists the photos whose original exists: S3 knows nothing of a
// photo that is still awaited.
func (a *API) listUploads(w http.ResponseWriter, r *http.Request) error {
	_, board, err := a.authorise(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	cursor, limit, err := pageOf(r.URL.Query())
	if err != nil {
		return err
	}
	photos, err := a.store.List(r.Context(), board, cursor, limit)
	if err != nil {
		return err
	}
	statuses := make([]photoStatus, len(photos.Originals))
	g, ctx := errgroup.WithContext(r.Context())
	g.SetLimit(manifestReads)
	for i, o := range photos.Originals {
		g.Go(func() (err error) {
			statuses[i], err = a.readListed(ctx, photo.Ref{Board: board, ID: o.ID}, &o.Source)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, status := range statuses {
		a.reportUnusable(r.Context(), photo.Ref{Board: board, ID: status.ID}, status)
	}
	return writePage(w, r, statuses, photos.Next, func(last photo.ID) string { return string(last) })
}

// writePage answers with the statuses, or with 304 if the client has them. If they are too large for one answer, cut
// returns the cursor after the last that is sent.
func writePage(w http.ResponseWriter, r *http.Request, statuses []photoStatus, next string,
	cut func(last photo.ID) string) error {
	page := contract.Page{Uploads: make([]contract.Upload, len(statuses)), Next: next}
	for i, status := range statuses {
		page.Uploads[i] = status.Upload
	}
	etag := pageTag(statuses, next)
	w.Header().Set("ETag", "W/"+etag) // weak, like that of a photo
	w.Header().Set("Cache-Control", "private, no-cache")
	if entityTags(r.Header).match(etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	body, err := marshalPage(page, cut)
	if err != nil {
		return err
	}
	writeBody(w, http.StatusOK, body)
	return nil
}

// pageTag returns the entity tag of a page: a digest of the tags of its photos.
func pageTag(statuses []photoStatus, next string) string {
	digest := sha256.New()
	for _, s := range statuses {
		fmt.Fprintf(digest, "%s %s\n", s.ID, s.etag)
	}
	io.WriteString(digest, next)
	return quotedTag(digest.Sum(nil))
}

// pageOf returns the cursor and the limit of a query.
func pageOf(q url.Values) (cursor string, limit int, err error) {
	limit = contract.DefaultPage
	if s := q.Get(contract.LimitParameter); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > contract.MaxPage {
			return "", 0, newProblem(contract.ProblemQueryInvalid,
				fmt.Sprintf("limit is %.40q: send 1 to %d.", s, contract.MaxPage))
		}
	}
	if cursor = q.Get(contract.CursorParameter); len(cursor) > contract.MaxCursor {
		return "", 0, newProblem(contract.ProblemQueryInvalid, "cursor is too long: send next from the previous page.")
	}
	return cursor, limit, nil
}

// marshalPage encodes a page. If it exceeds maxPageBytes, marshalPage leaves out photos from its end, but keeps at
// least one, and sets what the client needs to ask for them: next returns the cursor after a photo.
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
