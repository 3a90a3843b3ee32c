package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// work compares the photos that were processed more than once with the possible causes. The counts come from S3, by
// key, so a killed worker does not affect them.
//
// An execution of a photo shows in its PUTs. The SDK repeats a PUT whose answer was an error or was lost, so only
// answered PUTs count. A photo was processed once more than needed if one of its variants was stored once more.
type work struct {
	photos      int // photos whose PUTs were counted
	extra       int // executions beyond one per photo and version
	explained   int // extra executions explained by faults, events and changes of the same photo
	interrupted int // messages that killed or frozen workers were rendering or forwarding; each explains one more
	resent      int // most messages that were sent to the photos queue again after a lost answer; each explains one more
	s3, sqs     faults.Counts
	injected    map[string]int // faults by server and kind
}

// batchSize is the most messages that a worker sends in one request.
const batchSize = 10

// tombstonesOfErasure is how often a worker writes the tombstone of a photo that it erases: what it will delete, that
// it is deleted, and that it is purged from the CDN.
const tombstonesOfErasure = 3

// countWork counts the work by the requests for each object. originals and variants are the names of the buckets.
func countWork(uploads []*upload, s3, sqs faults.Counts, originals, variants string, interrupted int) work {
	w := work{photos: len(uploads), interrupted: interrupted, resent: batchSize * sqs.Lost["SendMessageBatch"], s3: s3, sqs: sqs, injected: map[string]int{}}
	type tally struct{ most, manifests, faults int }
	byPhoto := map[photo.Ref]tally{}
	for path, o := range s3.Objects {
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
		t := byPhoto[u.ref]
		versions, causes := 1, t.faults+u.extraEvents()
		if u.replace != 0 {
			versions = 2
		}
		if u.removal.requests > 0 {
			versions += tombstonesOfErasure
		}
		if u.removal.late {
			versions += tombstonesOfErasure // the photo that arrived later is erased too
		}
		if u.removed() || u.replace != 0 {
			causes++ // a change during processing makes the worker start again
		}
		// Two versions of a variant have different keys, so a key belongs to one version. A manifest belongs to all.
		extra := max(t.most-1, t.manifests-versions, 0)
		w.extra += extra
		w.explained += min(extra, causes)
	}
	for server, c := range map[string]faults.Counts{"s3": s3, "sqs": sqs} {
		for kind, n := range c.Injected {
			w.injected[server+"-"+string(kind)] = n
		}
	}
	return w
}

// sqsInjected returns the number of faults of SQS.
func (w work) sqsInjected() (n int) {
	for _, k := range w.sqs.Injected {
		n += k
	}
	return n
}

// perPhoto returns the number of requests per photo by operation, including those that failed.
func (w work) perPhoto() string {
	var parts []string
	for _, c := range []faults.Counts{w.s3, w.sqs} {
		for _, name := range slices.Sorted(maps.Keys(c.Requests)) {
			parts = append(parts, fmt.Sprintf("%.2f %s", float64(c.Requests[name])/float64(max(1, w.photos)), name))
		}
	}
	if len(parts) == 0 {
		return "not counted"
	}
	return strings.Join(parts, ", ")
}

// unexplained returns the number of extra executions without a cause.
func (w work) unexplained() int { return max(0, w.extra-w.explained-w.interrupted-w.resent) }

func (w work) String() string {
	if len(w.s3.Requests) == 0 {
		return "not counted"
	}
	return fmt.Sprintf("%s beyond one per photo: %d explained by faults and events of that photo, %d by at most %s in progress at a kill or a freeze and %d sent twice",
		plural.Count(w.extra, "execution"), w.explained, w.extra-w.explained-w.unexplained(), plural.Count(w.interrupted, "message"), w.resent)
}
