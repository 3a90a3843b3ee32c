package contract

import "darkroom/worker/photo"

// ErasurePending says how far the erasure of a removed photo has come. The receipt comes when it has ended.
type ErasurePending struct {
	ID      photo.ID `json:"id"`
	Removed Time     `json:"removed"`         // when a user removed the photo
	Objects int      `json:"objects"`         // versions that are known so far
	Erased  Time     `json:"erased,omitzero"` // when S3 held none of them any more; absent until then
	// Purging is when the purge of the CDN's caches was requested. It is absent until then, and without a CDN.
	Purging Time `json:"purging,omitzero"`
}

// Receipt is the payload of the signed receipt of an erasure. It names objects and digests, and no person.
type Receipt struct {
	Issuer  string      `json:"iss,omitempty"` // URL of the API, if the operator has set it
	Subject string      `json:"sub"`           // the photo, as board/id
	Issued  int64       `json:"iat"`           // when the receipt was signed, in seconds since 1970
	Board   photo.Board `json:"board"`
	ID      photo.ID    `json:"id"`
	Removed Time        `json:"removed"` // when a user removed the photo
	Erased  Time        `json:"erased"`  // when S3 held no version of it any more
	// Purging is when the purge of the CDN's caches was requested. It is absent without a CDN.
	Purging Time           `json:"purging,omitzero"`
	Purged  Time           `json:"purged,omitzero"` // when the CDN had finished the purge; absent without a CDN
	Objects []ErasedObject `json:"objects"`         // the versions that were removed
	// Omitted is how many more versions were removed, if Objects has no space for them.
	Omitted int `json:"omitted,omitempty"`
}

// ErasedObject is one version of an object that was removed.
type ErasedObject struct {
	Bucket    string `json:"bucket"`              // uploads or variants
	Key       string `json:"key"`                 // key in the bucket
	VersionID string `json:"versionId,omitempty"` // absent or null in a bucket without versioning
	ETag      string `json:"etag,omitempty"`      // with its quotes; absent if it is unknown
	SHA256    string `json:"sha256,omitempty"`    // lower-case hexadecimal; absent if it is unknown
	Bytes     int64  `json:"bytes"`
}

// KeySet is a JWK Set (RFC 7517) of the public keys that receipts are signed with: the current one and earlier ones.
type KeySet struct {
	Keys []Key `json:"keys"`
}

// Key is the public key of an ES256 signature.
type Key struct {
	KeyType   string `json:"kty"` // EC
	Curve     string `json:"crv"` // P-256
	X         string `json:"x"`   // base64url
	Y         string `json:"y"`   // base64url
	ID        string `json:"kid"` // thumbprint of the key, RFC 7638
	Algorithm string `json:"alg"` // ES256
	Use       string `json:"use"` // sig
}
