// Package quota limits how many photos, and how many bytes of them, upload tokens are issued for: for a board and for a
// user, in a minute and on a day.
//
// Windows are fixed: a minute begins at a full minute and a day at midnight UTC. So each counter is one number, the
// answer to a refused client says to the second when to try again, and a request costs one write for a board and one
// for a user. In exchange, up to twice the limit of a minute fits into 60 seconds that span two minutes.
//
// A request counts in full or not at all. The user's counters come first: a user who is refused takes nothing from a
// board. If the board then refuses, the user's count is taken back. In between, and for ever if the process dies there,
// the user's counters are too high. They are never too low, so no more is admitted than a limit allows. Photos that are
// removed, and tokens that are not used, still count.
//
// If the counters cannot be reached within [Timeout], the request is admitted, and the caller learns why.
package quota

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

// Timeout is the longest that counting delays a request.
const Timeout = 250 * time.Millisecond

// Key names the counters of a board or of a user.
type Key string

// boardKey returns the key of a board.
func boardKey(board photo.Board) Key { return Key("board#" + string(board)) }

// subjectKey returns the key of a user: a digest, because a subject may have any length, and may be somebody's name.
func subjectKey(subject string) Key {
	sum := sha256.Sum256([]byte(subject))
	return Key("subject#" + base64.RawURLEncoding.EncodeToString(sum[:]))
}

// Counter keeps counters, which every instance of the API shares. It is safe for concurrent use.
type Counter interface {
	// Add adds use to the counters of the minute and the day of a time, if the limits admit it. No other Add comes
	// between the check and the sum. It returns the counters, with use if it was added.
	Add(ctx context.Context, key Key, use Use, limits Windows, at time.Time) (counted Windows, added bool, err error)
	// Subtract takes back what Add has added for the same time.
	Subtract(ctx context.Context, key Key, use Use, at time.Time) error
}

// Keeper is the [api.Quota] of the settings. It is safe for concurrent use.
type Keeper struct {
	settings Settings
	counter  Counter
	refusals refusals
}

// New returns a Keeper that counts with a counter.
func New(s Settings, counter Counter) *Keeper { return &Keeper{settings: s, counter: counter} }

// warmTimeout is the longest that Warm takes.
const warmTimeout = time.Second

// Warm connects to the counters, which may take longer than the first request can wait. It writes to a key of its own
// and changes no counter.
func (k *Keeper) Warm(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, warmTimeout)
	defer cancel()
	return k.counter.Subtract(ctx, "start", Use{}, time.Now())
}

// part is what applies to a board or to a user, and what is known about it.
type part struct {
	scope   string
	key     Key
	limits  Windows
	counted *Windows // nil if it is not known
	refused bool     // the limits do not admit the request
}

// Take implements [api.Quota].
func (k *Keeper) Take(ctx context.Context, use api.QuotaUse) (api.QuotaVerdict, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	now, one := time.Now(), Use{Photos: use.Photos, Bytes: use.Bytes}
	parts := []*part{
		{scope: api.QuotaSubject, key: subjectKey(use.Subject), limits: k.settings.Subject},
		{scope: api.QuotaBoard, key: boardKey(use.Board), limits: k.settings.board(use.Board)},
	}
	never := false
	for _, p := range parts {
		if p.refused = !p.limits.Admits(Windows{}, one); p.refused {
			never = true
		}
	}
	var err error
	if !never && !k.recall(parts, one, now) {
		err = k.count(ctx, parts, one, now)
	}
	verdict := api.QuotaVerdict{Never: never}
	for _, p := range parts {
		verdict.Policies = append(verdict.Policies, p.limits.policies(p.scope, p.counted, p.refused, one, now)...)
	}
	return verdict, err
}

// recall reports whether a recent refusal rules the request out.
func (k *Keeper) recall(parts []*part, use Use, now time.Time) bool {
	for _, p := range parts {
		if counted, ok := k.refusals.last(p.key, now); ok && !p.limits.Admits(counted, use) {
			p.counted, p.refused = &counted, true
			return true
		}
	}
	return false
}

// count adds use to the counters of each part, until one refuses. What was added is then taken back. A part that cannot
// be counted refuses nothing, and the next one is counted all the same.
func (k *Keeper) count(ctx context.Context, parts []*part, use Use, now time.Time) (failed error) {
	var added []*part
	for _, p := range parts {
		if !p.limits.limited() {
			continue
		}
		counted, admitted, err := k.counter.Add(ctx, p.key, use, p.limits, now)
		switch {
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("count for %s: %w", p.key, err))
		case admitted:
			p.counted = &counted
			added = append(added, p)
		default:
			p.counted, p.refused = &counted, true
			k.refusals.remember(p.key, refusal{counted, now})
			return errors.Join(failed, k.takeBack(ctx, added, use, now))
		}
	}
	return failed
}

// takeBack subtracts what was added for a request that is refused after all. It does not end with the request.
func (k *Keeper) takeBack(ctx context.Context, added []*part, use Use, at time.Time) (failed error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
	defer cancel()
	for _, p := range added {
		p.counted = nil // no longer true
		if err := k.counter.Subtract(ctx, p.key, use, at); err != nil {
			failed = errors.Join(failed, fmt.Errorf("take back for %s: %w", p.key, err))
		}
	}
	return failed
}
