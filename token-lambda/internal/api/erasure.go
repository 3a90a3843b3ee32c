package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// pendingRetry is when a client should ask again for the receipt of an erasure that has not ended.
const pendingRetry = 5 * time.Second

var errNoReceipts = newProblem(contract.ProblemNoReceipts, "This API has no key to sign receipts with: its operator sets it as ERASURE_KEY.")

// erasureReceipt answers GET /v1/boards/{board}/uploads/{id}/erasure: with the signed receipt once S3 and the caches of
// the CDN hold nothing of the removed photo, and until then with 202 and how far the erasure has come.
func (a *API) erasureReceipt(w http.ResponseWriter, r *http.Request) error {
	_, ref, err := a.authorisePhoto(r, a.cfg.ReadScope)
	if err != nil {
		return err
	}
	if a.cfg.Receipts == nil {
		return errNoReceipts
	}
	m, err := a.store.Manifest(r.Context(), ref, nil)
	switch {
	case err != nil && !errors.Is(err, photo.ErrManifest):
		return err
	case err != nil || m == nil || m.State != photo.Removed:
		if issued, _ := a.token(ref); !issued && m == nil && err == nil {
			if _, err := a.readStatus(r.Context(), ref, false); err != nil {
				return err
			}
		}
		return newProblem(contract.ProblemNotRemoved, fmt.Sprintf("No user has removed this photo of board %s.", ref.Board))
	case !m.Erased() || m.PurgePending():
		w.Header().Set("Retry-After", fmt.Sprint(int(pendingRetry.Seconds())))
		return writeJSON(w, http.StatusAccepted, pendingErasure(m))
	}
	payload, err := json.Marshal(a.receipt(m, time.Now()))
	if err != nil {
		return fmt.Errorf("encode the receipt of %s: %w", ref, err)
	}
	signed, err := a.cfg.Receipts.Sign(r.Context(), payload)
	if err != nil {
		return fmt.Errorf("receipt of %s: %w", ref, err)
	}
	w.Header().Set("Content-Type", contract.ReceiptContentType)
	w.Write([]byte(signed)) // an error here means that the client has gone
	return nil
}

// pendingErasure says how far the erasure of m has come.
func pendingErasure(m *photo.Manifest) contract.ErasurePending {
	p := contract.ErasurePending{ID: m.ID, Removed: contract.NewTime(m.Created)}
	if e := m.Erasure; e != nil {
		p.Objects = len(e.Objects) + e.Omitted
		p.Erased = contract.NewTime(e.ErasedAt)
		if e.Purge != nil {
			p.Purging = contract.NewTime(e.Purge.RequestedAt)
		}
	}
	return p
}

// receipt returns the payload of the receipt of m.
func (a *API) receipt(m *photo.Manifest, now time.Time) contract.Receipt {
	e := m.Erasure
	receipt := contract.Receipt{Issuer: a.cfg.PublicURL, Subject: m.Ref().Key(), Issued: now.Unix(), Board: m.Board, ID: m.ID,
		Removed: contract.NewTime(m.Created), Erased: contract.NewTime(e.ErasedAt), Objects: []contract.ErasedObject{}, Omitted: e.Omitted}
	for _, o := range e.Objects {
		receipt.Objects = append(receipt.Objects, contract.ErasedObject(o))
	}
	if e.Purge != nil {
		receipt.Purging, receipt.Purged = contract.NewTime(e.Purge.RequestedAt), contract.NewTime(e.Purge.PurgedAt)
	}
	return receipt
}

// erasureKeys answers GET /v1/erasure-keys. It needs no bearer token: whoever is shown a receipt may verify it.
func (a *API) erasureKeys(w http.ResponseWriter, r *http.Request) error {
	if a.cfg.Receipts == nil {
		return errNoReceipts
	}
	set, err := a.cfg.Receipts.Keys(r.Context())
	if err != nil {
		return fmt.Errorf("keys of the receipts: %w", err)
	}
	text, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encode the keys of the receipts: %w", err)
	}
	w.Header().Set("Content-Type", contract.KeySetContentType)
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Write(text) // an error here means that the client has gone
	return nil
}
