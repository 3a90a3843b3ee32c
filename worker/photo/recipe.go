package photo

import (
	"slices"
	"time"
)

// Recipe identifies the way a worker renders photos, and the limits within which it does so. Two workers with the same
// recipe write the same variants and the same manifest for a new original. For one that was rendered by another recipe,
// they keep the variants of specs that have not changed: see [Manifest.Unchanged].
type Recipe struct {
	// Name identifies the specifications and the version of the engine. The limits are no part of it: they change no
	// variant.
	Name string
	// Specs identifies each specification, in their order.
	Specs []SpecRecipe

	MaxBytes  int64 // largest original that is read
	MaxPixels int64 // most pixels of a picture that is decoded
	Memory    int64 // memory budget of a worker in bytes; 0 means unknown
	Damaged   bool  // damaged files are rendered as far as they can be read

	Animation AnimationLimits // what is accepted of animations, if a spec asks for animated variants; zero means unknown

	RenderTimeout time.Duration // processor time that rendering a large photo may take; 0 means unknown
}

// Limits returns what a manifest records about the limits when they reject a photo.
func (r Recipe) Limits() RecipeLimits {
	return RecipeLimits{MaxBytes: r.MaxBytes, MaxPixels: r.MaxPixels, Memory: r.Memory, Damaged: r.Damaged,
		RenderMillis: r.RenderTimeout.Milliseconds(), Animation: r.Animation}
}

// RecipeLimits are the limits of a worker, as a manifest records them. [Limits] are those of a board.
type RecipeLimits struct {
	MaxBytes  int64 `json:"maxBytes"`
	MaxPixels int64 `json:"maxPixels"`
	Memory    int64 `json:"memory,omitempty"`  // bytes; absent means unknown
	Damaged   bool  `json:"damaged,omitempty"` // damaged files are rendered as far as they can be read

	Animation AnimationLimits `json:"animation,omitzero"` // absent means that no spec asks for animated variants

	RenderMillis int64 `json:"renderMillis,omitempty"` // processor time for a large photo; absent means unknown
}

// Staleness says why a photo is not up to date. The empty Staleness means that it is.
type Staleness string

const (
	UpToDate       Staleness = ""
	NoManifest     Staleness = "no manifest"
	Unreadable     Staleness = "the manifest cannot be read"
	OtherOriginal  Staleness = "another original"
	OtherRecipe    Staleness = "another recipe"
	OtherLimits    Staleness = "rejected by other limits"
	OtherPolicy    Staleness = "another policy for damaged files"
	MissingVariant Staleness = "a variant is missing"
	OtherSize      Staleness = "a variant has another size"
	OtherDigest    Staleness = "a variant has other bytes"
)

// Stalenesses lists every Staleness except [UpToDate].
var Stalenesses = []Staleness{NoManifest, Unreadable, OtherOriginal, OtherRecipe, OtherLimits, OtherPolicy, MissingVariant, OtherSize, OtherDigest}

// Current reports whether m is the manifest that a worker with this recipe writes for this original. It does not know
// which variants exist: see [Manifest.CompareStored].
func (m *Manifest) Current(r Recipe, s Source) bool { return m.Staleness(r, s) == UpToDate }

// Staleness returns why m is not current, or [UpToDate]. A nil manifest is [NoManifest].
func (m *Manifest) Staleness(r Recipe, s Source) Staleness {
	if m != nil && !m.Source.SameVersion(s) {
		return OtherOriginal
	}
	return m.RecipeStaleness(r)
}

// RecipeStaleness is [Manifest.Staleness] for a reader that has not seen the original. It returns [NoManifest],
// [OtherRecipe], [OtherLimits], [OtherPolicy] or [UpToDate].
//
// Limits matter only to a photo that a limit rejected, or to an animation that a limit made still: it is rendered again
// if the limit has changed since. The memory budget is such a limit, because a picture that needs more memory than the
// budget is rejected for its number of pixels. So is the time for rendering. A program that does not know the workers'
// [Recipe.Memory] or [Recipe.RenderTimeout] leaves it at 0, which counts as equal.
//
// [Recipe.Damaged] matters only to a damaged photo. One that was rejected as corrupt or truncated is rendered again
// once damaged files are accepted. One that has variants because they were accepted is rendered again, and then mostly
// rejected, once they no longer are.
func (m *Manifest) RecipeStaleness(r Recipe) Staleness {
	switch {
	case m == nil:
		return NoManifest
	case m.Recipe != r.Name:
		return OtherRecipe
	case m.rejectedByOtherLimits(r) || m.stillByOtherLimits(r):
		return OtherLimits
	case m.underOtherPolicy(r):
		return OtherPolicy
	}
	return UpToDate
}

func (m *Manifest) rejectedByOtherLimits(r Recipe) bool {
	if m.State != Rejected || !m.Reason.isLimit() {
		return false
	}
	if m.Limits == nil { // older releases did not record their limits
		return true
	}
	now := r.Limits()
	switch m.Reason {
	case ReasonTooLarge:
		return m.Limits.MaxBytes != now.MaxBytes
	case ReasonTooExpensive:
		return m.Limits.MaxPixels != now.MaxPixels || differ(m.Limits.RenderMillis, now.RenderMillis)
	}
	return m.Limits.MaxPixels != now.MaxPixels || differ(m.Limits.Memory, now.Memory)
}

// differ reports whether two known values differ. A value of 0 is unknown.
func differ(a, b int64) bool { return a != b && a != 0 && b != 0 }

// underOtherPolicy reports whether m is about a damaged photo that a worker with this recipe may treat differently. A
// file that is rejected although damage is accepted is rejected by either policy. One that has variants although damage
// is not accepted has the same variants by either policy.
func (m *Manifest) underOtherPolicy(r Recipe) bool {
	accepted := m.Limits != nil && m.Limits.Damaged // older releases accepted no damage and did not record the policy
	switch m.State {
	case Rejected:
		return m.Reason.isDamage() && r.Damaged && !accepted
	case Ready:
		return m.Damaged() && !r.Damaged && accepted
	}
	return false
}

// Damaged reports whether the variants are those of a damaged file.
func (m *Manifest) Damaged() bool { return m.Photo != nil && m.Photo.Damaged }

// isDamage reports whether the reason is damage to the file. Some files that have it can be rendered in part.
func (r Reason) isDamage() bool { return r == ReasonCorrupt || r == ReasonTruncated }

// isLimit reports whether the reason depends on the settings of the worker and not on the photo alone.
func (r Reason) isLimit() bool {
	return r == ReasonTooLarge || r == ReasonTooManyPixels || r == ReasonTooExpensive
}

// CompareStored compares the variants that m names with the stored ones, which are given as sizes in bytes by key. It
// returns [MissingVariant] or [OtherSize] for the first that differs, and [UpToDate] otherwise.
func (m *Manifest) CompareStored(sizes map[string]int64) Staleness {
	for _, v := range m.Variants {
		switch size, ok := sizes[v.Key]; {
		case !ok:
			return MissingVariant
		case size != v.Bytes:
			return OtherSize
		}
	}
	return UpToDate
}

// Names reports whether key is the key of a variant that m names.
func (m *Manifest) Names(key string) bool {
	return slices.ContainsFunc(m.Variants, func(v Variant) bool { return v.Key == key })
}

// MarkDamaged records that the variants are those of a damaged file. If the recipe accepts such files, it records that
// too, with the limits.
func (m *Manifest) MarkDamaged(r Recipe) {
	m.Photo.Damaged = true
	if r.Damaged {
		limits := r.Limits()
		m.Limits = &limits
	}
}

// Reject turns m into the manifest of a photo that has no variants. If another recipe could render it, because the
// reason is a limit or the file is damaged too much to be accepted, it records the limits of the recipe.
func (m *Manifest) Reject(why Refusal, r Recipe) {
	m.State, m.Reason, m.Detail, m.Variants, m.Limits = Rejected, why.Reason(), why.Detail(), nil, nil
	if m.Reason.isLimit() || m.Reason.isDamage() && r.Damaged {
		limits := r.Limits()
		m.Limits = &limits
	}
}
