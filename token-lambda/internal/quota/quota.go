// Package quota limits how many photos, and how many bytes of them, upload tokens are issued for: for a board and for a
// user, in a minute and on a day.
//
// Windows are fixed: a minute begins at a full minute and a day at midnight UTC. So each counter is one number, the answer
// to a refused client says to the second when to try again, and a request costs one write for a board and one for a user. In
// exchange, up to twice the limit of a minute fits into 60 seconds that span two minutes.
//
// A request counts in full or not at all. The user's counters come first: a user who is refused takes nothing from a board.
// If the board then refuses, the user's count is taken back. In between, and for ever if the process dies there, the user's
// counters are too high. They are never too low, so no more is admitted than a limit allows. Photos that are removed, and
// tokens that are not used, still count.
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
	// Add adds use to the counters of the minute and the day of a time, if the limits admit it. No other Add comes between the
	// check and the sum. It returns the counters, with use if it was added.
	Add(ctx context.Context, key Key, use Use, limits Windows, at time.Time) (counted Windows, added bool, err error)
	// Subtract takes back what Add has added, at the same time.
	Subtract(ctx context.Context, key Key, use Use, at time.Time) error
}

// Keeper is the [api.Quota] of the settings. It is safe for concurrent use.
type Keeper struct {
	settings Settings
	counter  Counter
}

// New returns a Keeper that counts with a counter.
func New(s Settings, counter Counter) *Keeper { return &Keeper{s, counter} }

// part is what applies to a board or to a user.
type part struct {
	scope  string
	key    Key
	limits Windows
}

// Take implements [api.Quota].
func (k *Keeper) Take(ctx context.Context, use api.QuotaUse) (api.QuotaVerdict, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	now, one := time.Now(), Use{Photos: use.Photos, Bytes: use.Bytes}
	parts := []part{{api.QuotaSubject, subjectKey(use.Subject), k.settings.Subject}, {api.QuotaBoard, boardKey(use.Board), k.settings.of(use.Board)}}
	if verdict, never := neverAdmits(parts, one, now); never {
		return verdict, nil
	}
	var verdict api.QuotaVerdict
	var failed error
	var taken []part
	for _, p := range parts {
		if !p.limits.limited() {
			continue
		}
		counted, added, err := k.counter.Add(ctx, p.key, one, p.limits, now)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("count for %s: %w", p.key, err))
			verdict.Policies = append(verdict.Policies, p.limits.policies(p.scope, nil, one, now)...)
			continue
		}
		policies := p.limits.policies(p.scope, &counted, one, now)
		verdict.Policies = append(verdict.Policies, policies...)
		if added {
			taken = append(taken, p)
			continue
		}
		markExceeded(policies, one)
		copy(verdict.Policies[len(verdict.Policies)-len(policies):], policies)
		return verdict, errors.Join(failed, k.giveBack(ctx, taken, one, now))
	}
	return verdict, failed
}

// neverAdmits reports whether the limits of a part are smaller than use alone, and the verdict then.
func neverAdmits(parts []part, use Use, now time.Time) (v api.QuotaVerdict, never bool) {
	for _, p := range parts {
		policies := p.limits.policies(p.scope, nil, use, now)
		if !p.limits.Admits(Windows{}, use) {
			never = true
			for i := range policies {
				policies[i].Exceeded = policies[i].Limit < amount(policies[i], use)
			}
		}
		v.Policies = append(v.Policies, policies...)
	}
	v.Never = never
	return v, never
}

// markExceeded marks the policies that have too little left for use.
func markExceeded(policies []api.QuotaPolicy, use Use) {
	for i := range policies {
		policies[i].Exceeded = policies[i].Left < amount(policies[i], use)
	}
}

// amount returns what use takes from a policy.
func amount(p api.QuotaPolicy, use Use) int64 {
	if p.Unit == api.QuotaBytes {
		return use.Bytes
	}
	return use.Photos
}

// giveBack subtracts what was added for a request that is refused after all. It does not end with the request.
func (k *Keeper) giveBack(ctx context.Context, taken []part, use Use, at time.Time) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
	defer cancel()
	for _, p := range taken {
		if failed := k.counter.Subtract(ctx, p.key, use, at); failed != nil {
			err = errors.Join(err, fmt.Errorf("take back for %s: %w", p.key, failed))
		}
	}
	return err
}
