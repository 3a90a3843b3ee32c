package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/photo"
)

// work is what was done more than once, held against what can have been the cause. It is counted where S3 is, by key,
// so that a worker that was killed takes nothing of the count with it.
//
// An execution of a photo is seen by its PUTs: the SDK repeats one whose answer was an error or was lost, so what counts
// are the PUTs that were answered. A photo was made once more than needed if one of its variants was so.
type work struct {
	photos      int // whose PUTs were counted
	extra       int // executions more than one a photo and version
	explained   int // of those: by faults, events and changes of that very photo
	interrupted int // messages in hand of workers when they were killed, which can each be another
	s3, sqs     faults.Counts
	injected    map[string]int // by server and kind
}

// countWork counts by what came to each object. variants is the name of the bucket.
func countWork(uploads []*upload, s3, sqs faults.Counts, originals, variants string, interrupted int) work {
	w := work{photos: len(uploads), interrupted: interrupted, s3: s3, sqs: sqs, injected: map[string]int{}}
	type tally struct{ most, manifests, faults int }
	byPhoto := map[photo.Ref]tally{}
	for path, o := range s3.Objects {
		bucket, key, _ := strings.Cut(path, "/")
		dir, name := key, ""
		if bucket == variants {
			i := strings.LastIndexByte(key, '/')
			dir, name = key[:max(i, 0)], key[i+1:]
		}
		ref, err := photo.ParseKey(dir)
		if err != nil || bucket != variants && bucket != originals {
			continue
		}
		t := byPhoto[ref]
		t.faults += o.Injected
		switch answered := o.Stored - o.Lost; {
		case bucket == originals:
		case name == photo.ManifestName:
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
		if u.remove || u.replace != 0 {
			causes++ // a change in the middle of the work has it begin again
		}
		// Variants of two versions have different keys, so that one key tells of one version; a manifest tells of all.
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

// sqsInjected is how many requests to SQS were made to fail.
func (w work) sqsInjected() (n int) {
	for _, k := range w.sqs.Injected {
		n += k
	}
	return n
}

// perPhoto says how many requests came, by operation, those that were made to fail included.
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

// unexplained is how many executions have no cause.
func (w work) unexplained() int { return max(0, w.extra-w.explained-w.interrupted) }

func (w work) String() string {
	if len(w.s3.Requests) == 0 {
		return "not counted"
	}
	return fmt.Sprintf("%d more than one a photo: %d by faults and events of that photo, %d by at most %d messages in hand at a kill",
		w.extra, w.explained, w.extra-w.explained-w.unexplained(), w.interrupted)
}
