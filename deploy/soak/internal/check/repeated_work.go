package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// RepeatedWork compares how often photos were processed again with the possible causes. The counts come from the S3
// proxy, by key, so they are complete even if a worker was killed.
//
// Each time a worker processes a photo, it stores the variants. The SDK repeats a PUT if the answer was an error or was
// lost, so only answered PUTs count. A photo was processed once more than needed if one of its variants was stored once
// more than needed.
type RepeatedWork struct {
	photos      int // photos whose PUTs were counted
	Extra       int // executions beyond one per photo and version
	Explained   int // extra executions explained by faults, events and changes of the same photo
	Interrupted int // messages that killed or frozen workers were rendering or forwarding; each explains one execution
	resent      int // upper bound of messages sent to the photos queue again; each explains one execution
	requests    system.Faults
	Injected    map[string]int // faults by server and kind, such as s3-lost
}

// batchSize is the most messages that a worker sends in one request.
const batchSize = 10

// tombstoneWrites is how often a worker writes the tombstone of a photo that it erases: before it deletes, after it has
// deleted, and after the purge from the CDN.
const tombstoneWrites = 3

// CountRepeatedWork counts the repeated work from the requests for each object. originals and variants are the names of
// the buckets.
func CountRepeatedWork(uploads []*load.Upload, injected system.Faults, originals, variants string, interrupted int) RepeatedWork {
	w := RepeatedWork{photos: len(uploads), Interrupted: interrupted, resent: batchSize * injected.SQS.Lost["SendMessageBatch"], requests: injected, Injected: map[string]int{}}
	type tally struct{ most, manifests, faults int }
	byPhoto := map[photo.Ref]tally{}
	for path, o := range injected.S3.Objects {
		bucket, key, _ := strings.Cut(path, "/")
		parse := photo.ParseKey
		if bucket == variants {
			parse = photo.ParseVariantKey
		}
		ref, err := parse(key)
		if err != nil || bucket != variants && bucket != originals {
			continue
		}
		t := byPhoto[ref]
		t.faults += o.Injected
		switch answered := o.Stored - o.Lost; {
		case bucket == originals:
		case key == ref.ManifestKey():
			t.manifests = answered
		default:
			t.most = max(t.most, answered)
		}
		byPhoto[ref] = t
	}
	for _, u := range uploads {
		t := byPhoto[u.Ref]
		versions, causes := 1, t.faults+u.ExtraEvents()
		if u.Replace != 0 {
			versions = 2
		}
		if u.Removal.Requests > 0 {
			versions += tombstoneWrites
		}
		if u.Removal.Late {
			versions += tombstoneWrites // the second upload is erased too
		}
		if u.Removed() || u.Replace != 0 {
			causes++ // a change during processing makes the worker start again
		}
		// Variants of two versions have different keys, so each key belongs to one version. The manifest belongs to all.
		extra := max(t.most-1, t.manifests-versions, 0)
		w.Extra += extra
		w.Explained += min(extra, causes)
	}
	for server, c := range map[string]faults.Counts{"s3": injected.S3, "sqs": injected.SQS, "cdn": injected.CDN} {
		for kind, n := range c.Injected {
			w.Injected[server+"-"+string(kind)] = n
		}
	}
	return w
}

// SQSInjected returns the number of faults of SQS.
func (w RepeatedWork) SQSInjected() (n int) {
	for kind, count := range w.Injected {
		if strings.HasPrefix(kind, "sqs-") {
			n += count
		}
	}
	return n
}

// PerPhoto returns the number of requests per photo by operation, including those that failed.
func (w RepeatedWork) PerPhoto() string {
	var parts []string
	for _, c := range []faults.Counts{w.requests.S3, w.requests.SQS, w.requests.CDN} {
		for _, name := range slices.Sorted(maps.Keys(c.Requests)) {
			parts = append(parts, fmt.Sprintf("%.2f %s", float64(c.Requests[name])/float64(max(1, w.photos)), name))
		}
	}
	if len(parts) == 0 {
		return "not counted"
	}
	return strings.Join(parts, ", ")
}

// Unexplained returns the number of extra executions without a cause.
func (w RepeatedWork) Unexplained() int { return max(0, w.Extra-w.Explained-w.Interrupted-w.resent) }

func (w RepeatedWork) String() string {
	if len(w.requests.S3.Requests) == 0 {
		return "not counted"
	}
	return fmt.Sprintf("%s beyond one per photo: %d explained by faults and events of that photo, %d by at most %s in progress at a kill or a freeze and %d sent twice",
		plural.Count(w.Extra, "execution"), w.Explained, w.Extra-w.Explained-w.Unexplained(), plural.Count(w.Interrupted, "message"), w.resent)
}
