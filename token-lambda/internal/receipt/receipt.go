// Package receipt signs the receipts of erasures. A receipt is a JWS in compact serialization (RFC 7515) with the
// algorithm ES256: ECDSA on the curve P-256 with SHA-256 (RFC 7518, section 3.4). Its key is the deployment's, in a
// file or in a key store: see packages keyfile and kmskey.
//
// The id of a key is its thumbprint (RFC 7638), so it needs no setting, and two keys never share one.
package receipt

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"darkroom/token-lambda/contract"
)

// Type is the type in the header of a receipt. It keeps a receipt from being taken for another token (RFC 8725, section
// 3.11).
const Type = "darkroom-erasure+jwt"

// SignatureBytes is the size of a signature: the two numbers r and s, each of 32 bytes, big-endian.
const SignatureBytes = 64

// Key is a private key on the curve P-256.
type Key interface {
	// Public returns the public key.
	Public(ctx context.Context) (*ecdsa.PublicKey, error)
	// Sign returns the signature of a SHA-256 digest: r and s, SignatureBytes in all.
	Sign(ctx context.Context, digest [sha256.Size]byte) ([]byte, error)
}

// Signer signs receipts. It is safe for concurrent use.
type Signer struct {
	keys []Key

	mu     sync.Mutex
	public *contract.KeySet // nil until it was read
}

// New returns a Signer that signs with the first key. The others are published too: older receipts were signed with
// them.
func New(keys ...Key) (*Signer, error) {
	if len(keys) == 0 {
		return nil, errors.New("receipts: there is no key")
	}
	return &Signer{keys: keys}, nil
}

// header is the header of a JWS.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

const algorithm = "ES256"

// Sign returns the payload as a signed JWS in compact serialization.
func (s *Signer) Sign(ctx context.Context, payload []byte) (string, error) {
	set, err := s.Keys(ctx)
	if err != nil {
		return "", err
	}
	head, err := json.Marshal(header{algorithm, set.Keys[0].ID, Type})
	if err != nil {
		return "", fmt.Errorf("header of a receipt: %w", err)
	}
	signed := encode(head) + "." + encode(payload)
	signature, err := s.keys[0].Sign(ctx, sha256.Sum256([]byte(signed)))
	if err != nil {
		return "", fmt.Errorf("sign a receipt: %w", err)
	}
	if len(signature) != SignatureBytes {
		return "", fmt.Errorf("sign a receipt: a signature of %d bytes: want %d", len(signature), SignatureBytes)
	}
	return signed + "." + encode(signature), nil
}

// Keys returns the public keys, the one that signs first. It asks for them once.
func (s *Signer) Keys(ctx context.Context) (contract.KeySet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.public != nil {
		return *s.public, nil
	}
	var set contract.KeySet
	for _, k := range s.keys {
		public, err := k.Public(ctx)
		if err != nil {
			return contract.KeySet{}, fmt.Errorf("public key of the receipts: %w", err)
		}
		described, err := describe(public)
		if err != nil {
			return contract.KeySet{}, err
		}
		set.Keys = append(set.Keys, described)
	}
	s.public = &set
	return set, nil
}

// describe returns a public key as a JWK.
func describe(public *ecdsa.PublicKey) (contract.Key, error) {
	if public.Curve != elliptic.P256() {
		return contract.Key{}, fmt.Errorf("the key of the receipts is on the curve %s: want P-256", public.Curve.Params().Name)
	}
	point, err := public.Bytes() // 4, x and y
	if err != nil {
		return contract.Key{}, fmt.Errorf("public key of the receipts: %w", err)
	}
	half := (len(point) - 1) / 2
	key := contract.Key{KeyType: "EC", Curve: "P-256", X: encode(point[1 : 1+half]), Y: encode(point[1+half:]), Algorithm: algorithm, Use: "sig"}
	// The members that RFC 7638 requires, in its order and without spaces.
	canonical := fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q,"y":%q}`, key.Curve, key.KeyType, key.X, key.Y)
	sum := sha256.Sum256([]byte(canonical))
	key.ID = encode(sum[:])
	return key, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
