package photo

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Erasure records what was removed of a photo that a user removed. It names objects and digests, and no person: not the
// owner, not a label and not the name of a file. A [Tombstone] carries it.
//
// Three writers fill it in, each with a conditional put. The removal notes the objects that the manifest named. The
// worker adds every version that the buckets list and sets ListedAt, before it deletes them. It sets ErasedAt when they
// are gone. With a CDN, it asks for a purge and sets Purge.RequestedAt, and the purge sets Purge.PurgedAt.
//
// An original that arrives later, with a token from before the removal, is erased too. The record then grows, and
// ErasedAt is zero until the new object is gone. If the variants bucket had one, Purge starts again as well.
type Erasure struct {
	// Objects are the versions that were removed, in the order of [ErasedObject.Compare]. The list takes at most
	// MaxErasureBytes.
	Objects []ErasedObject `json:"objects,omitempty"`
	// Omitted is the number of removed versions that Objects has no space for. After an interruption it may count some
	// twice.
	Omitted int `json:"omitted,omitempty"`
	// ListedAt is when a worker first listed the versions that S3 held. Zero until then.
	ListedAt time.Time `json:"listedAt,omitzero"`
	// ErasedAt is when no version was left in S3. Zero until then.
	ErasedAt time.Time `json:"erasedAt,omitzero"`
	// Purge is nil if the variants have no CDN, and until ErasedAt is set.
	Purge *Purge `json:"purge,omitempty"`
}

// Purge records the removal of a photo's variants from the caches of a CDN.
type Purge struct {
	RequestedAt time.Time `json:"requestedAt"`       // when the purge was requested
	PurgedAt    time.Time `json:"purgedAt,omitzero"` // when the CDN had finished it; zero until then
}

// The buckets of an [ErasedObject], by what they are for.
const (
	UploadsBucket  = "uploads"
	VariantsBucket = "variants"
)

// ErasedObject is one version of an object that was removed.
type ErasedObject struct {
	Bucket    string `json:"bucket"`              // UploadsBucket or VariantsBucket
	Key       string `json:"key"`                 // key in the bucket
	VersionID string `json:"versionId,omitempty"` // absent or null in a bucket without versioning
	ETag      string `json:"etag,omitempty"`      // with its quotes; absent if it is unknown
	SHA256    string `json:"sha256,omitempty"`    // lower-case hexadecimal; absent if it is unknown
	Bytes     int64  `json:"bytes"`
}

// MaxErasureBytes is the maximum size of the list of an [Erasure] as JSON: 512 KiB, about 1,500 objects.
const MaxErasureBytes = 512 << 10

// Compare orders objects by bucket, key and version.
func (o ErasedObject) Compare(p ErasedObject) int {
	if c := strings.Compare(o.Bucket, p.Bucket); c != 0 {
		return c
	}
	if c := strings.Compare(o.Key, p.Key); c != 0 {
		return c
	}
	return strings.Compare(o.VersionID, p.VersionID)
}

// sameVersion reports whether o and p are one version of one object. The version and the ETag may each be unknown to one of
// them: a manifest does not name the versions of its variants.
func (o ErasedObject) sameVersion(p ErasedObject) bool {
	return o.Bucket == p.Bucket && o.Key == p.Key && o.Bytes == p.Bytes && compatible(o.VersionID, p.VersionID) && compatible(o.ETag, p.ETag)
}

// sameBytes reports whether p is another version of o that is known to have the same bytes, and has a digest.
func (o ErasedObject) sameBytes(p ErasedObject) bool {
	return o.SHA256 == "" && p.SHA256 != "" && o.Bucket == p.Bucket && o.Key == p.Key && o.Bytes == p.Bytes && o.ETag != "" && o.ETag == p.ETag
}

// compatible reports whether two texts are equal or one is unknown.
func compatible(a, b string) bool { return a == b || a == "" || b == "" }

// jsonBytes returns the size of the object's JSON in a manifest.
func (o ErasedObject) jsonBytes() int {
	text, err := json.MarshalIndent(o, "      ", "  ")
	if err != nil {
		return MaxErasureBytes // cannot happen: the fields are text and a number
	}
	return len(text) + len(",\n      ")
}

// Add adds versions to the list and reports whether the record changed. A version that is in the list already completes
// its entry. A version that a full list has no space for counts in Omitted.
func (e *Erasure) Add(objects ...ErasedObject) (changed bool) {
	size := 0
	for _, o := range e.Objects {
		size += o.jsonBytes()
	}
	for _, o := range objects {
		if i := slices.IndexFunc(e.Objects, o.sameVersion); i >= 0 {
			known := e.Objects[i]
			completed := known.complete(o)
			size += completed.jsonBytes() - known.jsonBytes()
			e.Objects[i] = completed
			changed = changed || completed != known
			continue
		}
		changed = true
		if i := slices.IndexFunc(e.Objects, o.sameBytes); i >= 0 {
			o.SHA256 = e.Objects[i].SHA256
		}
		if size += o.jsonBytes(); size > MaxErasureBytes {
			size -= o.jsonBytes()
			e.Omitted++
			continue
		}
		e.Objects = append(e.Objects, o)
	}
	slices.SortStableFunc(e.Objects, ErasedObject.Compare)
	return changed
}

// complete returns o with the fields that only p has.
func (o ErasedObject) complete(p ErasedObject) ErasedObject {
	if o.VersionID == "" {
		o.VersionID = p.VersionID
	}
	if o.ETag == "" {
		o.ETag = p.ETag
	}
	if o.SHA256 == "" {
		o.SHA256 = p.SHA256
	}
	return o
}

// Erased reports whether S3 holds nothing of the removed photo, as far as its record says.
func (m *Manifest) Erased() bool {
	return m.State == Removed && m.Erasure != nil && !m.Erasure.ErasedAt.IsZero()
}

// PurgePending reports whether S3 holds nothing of the removed photo and the caches of a CDN may still hold some of it.
func (m *Manifest) PurgePending() bool {
	return m.Erased() && m.Erasure.Purge != nil && m.Erasure.Purge.PurgedAt.IsZero()
}

// NamedObjects returns what a manifest knows of the objects of its photo: the original and its variants, without the
// manifest itself.
func (m *Manifest) NamedObjects() []ErasedObject {
	var objects []ErasedObject
	if s := m.Source; s.ETag != "" {
		objects = append(objects, ErasedObject{Bucket: UploadsBucket, Key: m.Ref().Key(), VersionID: s.VersionID, ETag: s.ETag, SHA256: s.SHA256, Bytes: s.Bytes})
	}
	for _, v := range m.Variants {
		objects = append(objects, ErasedObject{Bucket: VariantsBucket, Key: v.Key, SHA256: v.SHA256, Bytes: v.Bytes})
	}
	return slices.DeleteFunc(objects, func(o ErasedObject) bool { return !o.belongsTo(m.Ref()) })
}

// belongsTo reports whether the object's key is one of the photo's.
func (o ErasedObject) belongsTo(ref Ref) bool {
	switch o.Bucket {
	case UploadsBucket:
		return o.Key == ref.Key()
	case VariantsBucket:
		return strings.HasPrefix(o.Key, ref.Prefix())
	}
	return false
}

// valid returns the record as a manifest of ref in this state may carry it: nil if the photo was not removed, and
// without objects that are not the photo's. Such an object does not make the tombstone unusable, because a worker would
// then render the photo again.
func (e *Erasure) valid(ref Ref, state State) *Erasure {
	if e == nil || state != Removed {
		return nil
	}
	clean := *e
	clean.Objects = slices.DeleteFunc(slices.Clone(e.Objects), func(o ErasedObject) bool { return !o.belongsTo(ref) || o.Bytes < 0 })
	clean.Omitted = max(0, e.Omitted)
	return &clean
}
