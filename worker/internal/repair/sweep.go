package repair

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// Swept is the result of a sweep.
type Swept struct {
	Found
	Photos     int // photos that were checked, including orphans
	Unfinished int // originals that have had no manifest for long
	Young      int // photos that are not as they should be, but have changed recently: a worker may be at work on them
	Leftovers  int // photos with variants that no manifest names
	Discards   int // photos that were rejected so long ago that their originals may go
	Damaged    int // photos with a manifest that cannot be used or does not match the stored objects
}

// SweepConfig says which photos need a worker.
type SweepConfig struct {
	// OlderThan is the minimum age of an original without a manifest, or of a variant that no manifest names, that is
	// reported. It must be longer than a worker works on a message: the job timeout and the visibility timeout
	// together.
	OlderThan time.Duration
	// ChangedWithin limits the reading of manifests to photos with an object that was modified this recently; 0 means
	// no limit. A photo that a sweep found in order stays in order until one of its objects is modified. So it suffices
	// to cover the time since the previous sweep.
	ChangedWithin time.Duration
	// RejectedFor is the age from which the original of a rejected photo may be deleted; 0 keeps them all. DiscardEvent
	// is the name of the event that requests the deletion.
	RejectedFor  time.Duration
	DiscardEvent string
}

// Findings of a sweep, in addition to those of a backfill.
const (
	findingYoung     finding = "changed recently"
	findingLeftovers finding = "variants that no manifest names"
	findingDiscard   finding = "rejected long ago"
	findingRevived   finding = "removed by a user, but there is an original"
	findingUnerased  finding = "removed by a user, but not erased"
)

// Sweep sends an event about each photo without an original, each original that has had no manifest for long, and each
// photo whose manifest does not name a stored variant, names one that is not stored, or is about another original. It
// skips a photo that changed recently, which may have a message in the queue. The result includes the counts before an
// error. The error may be an [ErrBudget], an [ErrUnread], or the end of ctx.
//
// It reads the manifest of each photo with a GET: see [SweepConfig.ChangedWithin].
func (r *Repair) Sweep(ctx context.Context, cfg SweepConfig) (Swept, error) {
	s := sweep{Repair: r, cfg: cfg, now: time.Now()}
	err := s.run(ctx)
	s.sum.Last = r.last
	return s.sum, err
}

type sweep struct {
	*Repair
	cfg SweepConfig
	now time.Time // start of the sweep
	sum Swept
}

func (s *sweep) run(ctx context.Context) error {
	if s.cfg.OlderThan < 0 {
		return fmt.Errorf("sweep: age %v is negative", s.cfg.OlderThan)
	}
	if s.cfg.ChangedWithin != 0 && s.cfg.ChangedWithin <= s.cfg.OlderThan {
		return fmt.Errorf("sweep: photos changed within %v cannot be older than %v", s.cfg.ChangedWithin, s.cfg.OlderThan)
	}
	return s.inspect(ctx, &s.sum.Found, s.judge, s.count)
}

// count counts a photo, after its event was added if it needs one.
func (s *sweep) count(p item, v verdict) {
	switch v.finding {
	case findingNone, findingUnread: // all runs count the latter
	case findingOrphan:
		s.sum.Orphans++
	case findingNewer:
		s.sum.Newer++
	case findingYoung:
		s.sum.Young++
	case findingLeftovers:
		s.sum.Leftovers++
	case findingDiscard:
		s.sum.Discards++
	case finding(photo.NoManifest):
		s.sum.Unfinished++
	default:
		s.sum.Damaged++
	}
	s.sum.Photos++
	s.Repair.cfg.Progress.Step(1, "%s, %d without an original, %d without a manifest, %d with other variants, at %s",
		plural.Count(s.sum.Photos, "photo"), s.sum.Orphans, s.sum.Unfinished, s.sum.Leftovers+s.sum.Damaged, p.ref)
}

// old reports whether an object is old enough to be reported.
func (s *sweep) old(modified time.Time) bool { return s.now.Sub(modified) >= s.cfg.OlderThan }

// changed reports whether an object of the photo was modified so recently that its manifest is read.
func (s *sweep) changed(p item) bool {
	if s.cfg.ChangedWithin == 0 {
		return true
	}
	newest := p.original.Modified
	for _, e := range p.variants {
		if e.Modified.After(newest) {
			newest = e.Modified
		}
	}
	return s.now.Sub(newest) < s.cfg.ChangedWithin
}

// discardable reports whether the original is old enough to be deleted if the photo is rejected. The listings show only
// that there are no variants.
func (s *sweep) discardable(p item) bool {
	return s.cfg.RejectedFor > 0 && p.original != nil && len(p.variants) == 1 && s.now.Sub(p.original.Modified) >= s.cfg.RejectedFor
}

// judge compares the listings of a photo with its manifest, if it must be read.
func (s *sweep) judge(ctx context.Context, p item) (verdict, error) {
	manifest := p.manifest()
	switch {
	case manifest == nil && p.original == nil:
		return event(findingOrphan), nil
	case manifest == nil && !s.old(p.original.Modified):
		return verdict{finding: findingYoung}, nil
	case manifest == nil:
		return event(finding(photo.NoManifest)), nil
	case p.original != nil && !s.changed(p) && !s.discardable(p):
		return verdict{}, nil
	}
	m, etag, err := s.readManifest(ctx, p.ref)
	switch {
	case errors.Is(err, photo.ErrNewerManifest):
		return verdict{finding: findingNewer, note: err}, nil
	case errors.Is(err, photo.ErrManifest):
		v := event(finding(photo.Unreadable))
		if p.original == nil {
			v = event(findingOrphan)
		}
		v.note = err
		return v, nil
	case err != nil:
		return verdict{}, err
	case m == nil || etag != manifest.ETag: // somebody has changed the photo since the listing
		return verdict{finding: findingYoung}, nil
	}
	return s.compare(p, m), nil
}

// compare compares the listings of a photo with its manifest.
func (s *sweep) compare(p item, m *photo.Manifest) verdict {
	switch {
	case m.State == photo.Removed && p.original != nil && s.old(p.original.Modified):
		return event(findingRevived)
	case m.State == photo.Removed && p.original != nil:
		return verdict{finding: findingYoung}
	case m.State == photo.Removed && !m.Newer() && !m.Erased() && s.old(p.manifest().Modified):
		return event(findingUnerased)
	case m.State == photo.Removed:
		return s.leftovers(p, m)
	case m.Newer():
		return verdict{finding: findingNewer}
	case p.original == nil && m.Discarded():
		return s.leftovers(p, m)
	case p.original == nil:
		return event(findingOrphan)
	case !m.Source.SameVersion(photo.Source{Bytes: p.original.Bytes, ETag: p.original.ETag}):
		if !s.old(p.original.Modified) {
			return verdict{finding: findingYoung}
		}
		return event(finding(photo.OtherOriginal))
	}
	if damage := m.CompareStored(p.sizes()); damage != photo.UpToDate {
		return event(finding(damage))
	}
	switch {
	case m.Discarded(): // a worker died before it had deleted the original
		return event(findingDiscard)
	case m.State == photo.Rejected && s.discardable(p):
		return verdict{finding: findingDiscard, reason: string(findingDiscard), name: s.cfg.DiscardEvent}
	}
	return s.leftovers(p, m)
}

// leftovers finds variants that the manifest does not name. It skips those that a worker has just written, whose
// manifest may follow.
func (s *sweep) leftovers(p item, m *photo.Manifest) verdict {
	left, young := 0, 0
	for _, e := range p.variants {
		switch {
		case e.Key == p.ref.ManifestKey() || m.Names(e.Key):
		case s.old(e.Modified):
			left++
		default:
			young++
		}
	}
	switch {
	case left > 0:
		return verdict{finding: findingLeftovers, reason: fmt.Sprintf("%s: %d", findingLeftovers, left)}
	case young > 0:
		return verdict{finding: findingYoung}
	}
	return verdict{}
}

// event is the verdict on a photo that gets an event for this reason.
func event(f finding) verdict { return verdict{finding: f, reason: string(f)} }
