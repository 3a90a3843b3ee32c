package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// listOutcomes answers GET /v1/boards/{board}/outcomes?ids=...: it lists those of the photos that have an outcome, or
// streams all outcomes. It looks for an original only if its token has expired or its id was never issued, so a photo
// without an outcome usually takes one request to S3.
func (a *API) listOutcomes(w http.ResponseWriter, r *http.Request) error {
	caller, board, err := a.authorise(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	ids, err := idsOf(r.URL.Query())
	if err != nil {
		return err
	}
	wait, err := a.waitFor(w, r)
	w.Header().Add("Vary", "Accept")
	if err != nil {
		return err
	}
	o := newOutcomes(a, board, ids)
	if a.wantsStream(r) {
		if a.streams.begin(caller.Subject) {
			defer a.streams.end(caller.Subject)
			o.stream(r.Context(), w)
			return nil
		}
		ctx, cancel := context.WithTimeout(r.Context(), a.cfg.Timeout+wait)
		defer cancel()
		r = r.WithContext(ctx)
	}
	if err := o.await(r.Context(), wait); err != nil {
		return err
	}
	slices.SortFunc(o.found, func(x, y photoStatus) int { return cmp.Compare(slices.Index(ids, x.ID), slices.Index(ids, y.ID)) })
	o.reportUnusable(r.Context())
	return writePage(w, r, o.found, "", func(photo.ID) string { return "" }) // the client asks for the others again
}

// idsOf returns the ids of a query, each once.
func idsOf(q url.Values) ([]photo.ID, error) {
	refuse := func(detail string) error {
		return newProblem(contract.ProblemQueryInvalid, detail)
	}
	var ids []photo.ID
	for s := range strings.SplitSeq(q.Get(contract.IDsParameter), ",") {
		id, err := photo.ParseID(s)
		if err != nil {
			return nil, refuse(fmt.Sprintf("ids has %.40q: send 1 to %d ids of photos, separated by commas.",
				s, contract.MaxPage))
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		if len(ids) > contract.MaxPage {
			return nil, refuse(fmt.Sprintf("ids has more than %d ids: ask for the others in another request.", contract.MaxPage))
		}
	}
	return ids, nil
}

// outcomes looks for the outcomes of several photos of a board.
type outcomes struct {
	api      *API
	board    photo.Board
	ids      []photo.ID // in the client's order
	found    []photoStatus
	arrived  map[photo.ID]bool        // photos whose token has expired, and whose original is there
	unusable map[photo.ID]photoStatus // photos whose manifest cannot be used
	read     bool                     // a read has succeeded
	turn     int                      // index in ids of the next photo to read in turn: see poll
}

func newOutcomes(a *API, board photo.Board, ids []photo.ID) *outcomes {
	return &outcomes{api: a, board: board, ids: ids, arrived: make(map[photo.ID]bool),
		unusable: make(map[photo.ID]photoStatus), turn: rand.N(len(ids)) / groupReads * groupReads}
}

// reportUnusable logs and counts the photos whose manifest cannot be used.
func (o *outcomes) reportUnusable(ctx context.Context) {
	for _, status := range o.unusable {
		o.api.reportUnusable(ctx, photo.Ref{Board: o.board, ID: status.ID}, status)
	}
}

const (
	// groupReads is how many manifests are read at once. When outcomes come in order, half of one group is read in
	// vain.
	groupReads = 4
	// otherReads is how many manifests of other photos a poll reads. So a wait of 20 s reads each of 100 manifests.
	otherReads = 8
)

// await returns once there is an outcome, after wait, or when the request's context or the server ends. Without a wait
// it reads every photo once. It returns an error if no read has succeeded or, without a wait, if one has failed.
func (o *outcomes) await(ctx context.Context, wait time.Duration) error {
	if wait == 0 {
		var err error
		for end := 0; end < len(o.ids) && err == nil; {
			end, _, err = o.readGroup(ctx, end)
		}
		return err
	}
	polling, cancel := untilWaitEnds(ctx, wait)
	defer cancel()
	pause := o.firstPause()
	var failure error
	for {
		if err := o.poll(polling); err != nil && polling.Err() == nil {
			recordOf(ctx).readFailed(err)
			failure = err
		}
		if len(o.found) > 0 {
			return nil
		}
		if !o.api.pause(polling, pause) {
			break
		}
		pause = min(2*pause, lastPause)
	}
	switch err := ctx.Err(); {
	case err != nil || o.read:
		return err
	case failure != nil:
		return failure
	}
	return &OutageError{Err: fmt.Errorf("read manifests of board %s: none could be read within %s", o.board, wait)}
}

// firstPause returns the shortest pause between two polls: a poll of many photos costs more.
func (o *outcomes) firstPause() time.Duration {
	return min(firstPause*time.Duration(len(o.ids)), lastPause)
}

// poll reads the manifests of some photos. Workers take photos about in the order in which they were sent, and clients
// ask in that order. So poll begins with the first photos and goes on only while these have outcomes. If the first have
// none, it also reads some of the others, in turn: the first may take longer than they.
func (o *outcomes) poll(ctx context.Context) error {
	others, err := o.readFrom(ctx, 0)
	if err != nil || len(o.found) > 0 || others == len(o.ids) {
		return err
	}
	for left := min(otherReads, len(o.ids)-others); left > 0 && len(o.found) == 0 && err == nil; {
		if o.turn < others || o.turn >= len(o.ids) {
			o.turn = others
		}
		from := o.turn
		o.turn, err = o.readFrom(ctx, from)
		left -= o.turn - from
	}
	return err
}

// readFrom reads groups of photos, beginning at this index. It stops at the end, or after a group whose last photo has
// no outcome. It returns the index after the last photo that it has read.
func (o *outcomes) readFrom(ctx context.Context, from int) (end int, err error) {
	end = from
	for more := true; end < len(o.ids) && more && err == nil; {
		end, more, err = o.readGroup(ctx, end)
	}
	return end, err
}

// readStatus is [API.readStatus], but a photo whose id was never issued has expired: no outcome will come.
func (o *outcomes) readStatus(ctx context.Context, ref photo.Ref, arrived bool) (photoStatus, error) {
	status, err := o.api.readStatus(ctx, ref, arrived)
	if unknown := new(problem); errors.As(err, &unknown) && unknown.slug == contract.ProblemUploadUnknown {
		return newPhotoStatus(contract.Upload{ID: ref.ID, State: photo.Expired}, nil, time.Time{})
	}
	return status, err
}

// readGroup reads a group of photos and keeps those with an outcome. It returns the index after the group, and whether
// its last photo has an outcome.
func (o *outcomes) readGroup(ctx context.Context, from int) (end int, last bool, err error) {
	group := o.ids[from:min(from+groupReads, len(o.ids))]
	statuses, errs := make([]photoStatus, len(group)), make([]error, len(group))
	late := make([]bool, len(group)) // the original may never arrive, so look for it
	var reads sync.WaitGroup
	for i, id := range group {
		ref := photo.Ref{Board: o.board, ID: id}
		issued, expired := o.api.token(ref)
		late[i] = !o.arrived[id] && (!issued || expired)
		reads.Go(func() { statuses[i], errs[i] = o.readStatus(ctx, ref, !late[i]) })
	}
	reads.Wait()
	for i, status := range statuses {
		if last = errs[i] == nil && status.hasOutcome(); last {
			o.found = append(o.found, status)
		}
		if errs[i] != nil {
			err = cmp.Or(err, errs[i])
			continue
		}
		o.read = true
		if late[i] {
			o.arrived[status.ID] = status.State == photo.Processing
		}
		if status.unusable != nil {
			o.unusable[status.ID] = status
		}
	}
	return from + len(group), last, err
}
