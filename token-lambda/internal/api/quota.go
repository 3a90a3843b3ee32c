package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// Quota limits how many photos, and how many bytes of them, upload tokens are issued for.
type Quota interface {
	// Take counts all photos of a request, or none if one policy would be exceeded. It returns an error if it could not
	// count: the policies of the verdict are then those that it could check. It is safe for concurrent use.
	Take(ctx context.Context, use QuotaUse) (QuotaVerdict, error)
}

// QuotaUse is what a request takes from the quotas.
type QuotaUse struct {
	Board   photo.Board
	Subject string // the caller's
	Photos  int64
	Bytes   int64 // sizes of the photos, in sum
}

// QuotaVerdict says whether the quotas admit a request.
type QuotaVerdict struct {
	Policies []QuotaPolicy // every policy that applies to the request
	Never    bool          // the request is larger than an exceeded policy, so it cannot succeed later either
}

// What a policy applies to, and what it counts.
const (
	QuotaBoard   = "board"   // all requests for a board
	QuotaSubject = "subject" // all requests of a user
	QuotaPhotos  = "photos"
	QuotaBytes   = "bytes"
)

// QuotaWindows are the windows of policies by their names. They begin at a full minute, and at midnight UTC.
var QuotaWindows = map[string]time.Duration{"minute": time.Minute, "day": 24 * time.Hour}

// QuotaPolicy is a limit in a window of time.
type QuotaPolicy struct {
	Scope, Unit, Window string
	Limit               int64
	Known               bool          // Left and Resets are known
	Left                int64         // how much of the limit is left in this window, 0 or more
	Resets              time.Duration // until the next window begins
	Exceeded            bool          // the request does not fit
}

// Name returns the name of the policy in header fields, metrics and problems, such as board-photos-minute.
func (p QuotaPolicy) Name() string { return p.Scope + "-" + p.Unit + "-" + p.Window }

// QuotaPolicies lists the names of every policy.
var QuotaPolicies = []string{
	"board-photos-minute", "board-photos-day", "board-bytes-minute", "board-bytes-day",
	"subject-photos-minute", "subject-photos-day", "subject-bytes-minute", "subject-bytes-day",
}

// QuotaOutcomes lists the outcomes of requests that quotas apply to.
var QuotaOutcomes = []string{QuotaAdmitted, QuotaRefused, QuotaUnknown}

const (
	QuotaAdmitted = "admitted"
	QuotaRefused  = "refused"
	QuotaUnknown  = "unknown" // admitted, because it could not be counted
)

// Exceeded returns the names of the policies that the request exceeds. The request is refused if there is one.
func (v QuotaVerdict) Exceeded() (names []string) {
	for _, p := range v.Policies {
		if p.Exceeded {
			names = append(names, p.Name())
		}
	}
	return names
}

// takeQuota counts the photos of a request, and returns a problem if they exceed a quota. A request that cannot be
// counted is admitted: while the counters are unavailable, uploads go on.
func (a *API) takeQuota(w http.ResponseWriter, r *http.Request, board photo.Board, ups ...checkedUpload) error {
	if a.cfg.Quota == nil {
		return nil
	}
	use := QuotaUse{Board: board, Subject: ups[0].Owner, Photos: int64(len(ups)), Bytes: totalBytes(ups...)}
	verdict, err := a.cfg.Quota.Take(r.Context(), use)
	exceeded := verdict.Exceeded()
	if err != nil && r.Context().Err() != nil && len(exceeded) == 0 {
		return fmt.Errorf("count the photos of board %s: %w", board, err)
	}
	rec := recordOf(r.Context())
	rec.quotaError = err
	if len(verdict.Policies) == 0 && err == nil {
		return nil // no quota applies to this board and user
	}
	verdict.setFields(w.Header())
	switch {
	case len(exceeded) > 0:
		rec.quota, rec.exceeded = QuotaRefused, exceeded
		return verdict.problem(use)
	case err != nil:
		rec.quota = QuotaUnknown
	default:
		rec.quota = QuotaAdmitted
	}
	return nil
}

// problem returns the problem of a request that exceeds a policy.
func (v QuotaVerdict) problem(use QuotaUse) *problem {
	first := v.Policies[slices.IndexFunc(v.Policies, func(p QuotaPolicy) bool { return p.Exceeded })]
	whose := "Your quota"
	if first.Scope == QuotaBoard {
		whose = "The quota of board " + string(use.Board)
	}
	quota := fmt.Sprintf("%s is %s a %s", whose, count(first.Limit, first.Unit), first.Window)
	var p *problem
	if v.Never {
		asked := map[string]int64{QuotaPhotos: use.Photos, QuotaBytes: use.Bytes}[first.Unit]
		p = newProblem(contract.ProblemAboveQuota, fmt.Sprintf("%s, and this request has %s: send less at a time.", quota, count(asked, first.Unit)))
		if first.Unit == QuotaBytes {
			p.limit = first.Limit
		}
	} else {
		var wait time.Duration
		for _, policy := range v.Policies {
			if policy.Exceeded {
				wait = max(wait, policy.Resets)
			}
		}
		p = newProblem(contract.ProblemQuotaExceeded, fmt.Sprintf("%s, with %d left: try again in %v.", quota, first.Left, time.Duration(wholeSeconds(wait))*time.Second)).retryAfter(wait)
	}
	p.policies = v.Exceeded()
	return p
}

// count returns a number and its unit, which is a plural.
func count(n int64, unit string) string { return plural.Count(n, strings.TrimSuffix(unit, "s")) }

// setFields sets the header fields of draft-ietf-httpapi-ratelimit-headers, which are lists of structured fields (RFC
// 9651). A photo is a request in their sense.
func (v QuotaVerdict) setFields(h http.Header) {
	var policies, limits []string
	for _, p := range v.Policies {
		policy := strconv.Quote(p.Name()) + ";q=" + strconv.FormatInt(p.Limit, 10)
		if p.Unit == QuotaBytes {
			policy += `;qu="content-bytes"`
		}
		policies = append(policies, policy+";w="+strconv.Itoa(wholeSeconds(QuotaWindows[p.Window])))
		if p.Known {
			limits = append(limits, fmt.Sprintf("%q;r=%d;t=%d", p.Name(), p.Left, wholeSeconds(p.Resets)))
		}
	}
	if len(policies) > 0 {
		h.Set(contract.RateLimitPolicyHeader, strings.Join(policies, ", "))
	}
	if len(limits) > 0 {
		h.Set(contract.RateLimitHeader, strings.Join(limits, ", "))
	}
}
