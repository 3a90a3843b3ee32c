package trouble

import (
	"math/rand/v2"
	"slices"

	"darkroom/deploy/local/fake/faults"
)

// outage is a time in which S3 refuses requests of the workers.
type outage struct {
	moment
	policy bool // true if a bucket policy forbids the requests, false if S3 refuses the credentials
	answer faults.Refusal
}

// refusedCredentials are S3's answers to credentials that are unknown, wrong or without any permission.
var refusedCredentials = []string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"}

// forbiddenRequests returns the sets of requests that a bucket policy can forbid the workers: everything in a bucket, or
// some operations in it.
func forbiddenRequests(uploads, variants string) [][]string {
	return [][]string{
		{"GET " + uploads, "HEAD " + uploads},
		{"PUT " + variants},
		{"GET " + variants, "HEAD " + variants},
		{"DELETE " + uploads, "DELETE " + variants, "POST " + variants},
		{"GET " + variants, "HEAD " + variants, "PUT " + variants, "DELETE " + variants, "POST " + variants},
	}
}

// outages draws the outages of a run. Each kind goes through its possible answers, beginning with a random one.
func outages(random *rand.Rand, d Settings, photos int, uploads, variants string) []outage {
	var all []outage
	for kind, n := range []int{d.Credentials, d.Policies} {
		for i, m := range schedule(random, n, photos, shortestOutage, longestOutage) {
			if i == 0 {
				m.length = d.Outage
			}
			all = append(all, outage{moment: m, policy: kind == 1, answer: faults.Refusal{Status: 403, Code: "AccessDenied"}})
		}
	}
	first, policies := random.IntN(len(refusedCredentials)), forbiddenRequests(uploads, variants)
	second := random.IntN(len(policies))
	for i := range all {
		if all[i].policy {
			all[i].answer.Only = policies[(second+i)%len(policies)]
		} else {
			all[i].answer.Code = refusedCredentials[(first+i)%len(refusedCredentials)]
		}
	}
	slices.SortFunc(all, func(a, b outage) int { return a.after - b.after })
	return all
}
