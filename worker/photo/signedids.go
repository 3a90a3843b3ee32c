package photo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"
)

// IDKeys are the secret keys by which the API recognises the ids that it issued. The first makes new ids, and all of
// them verify: to replace a key, put the new one in front of it.
//
// The mac of an ID is HMAC-SHA256 (RFC 2104) with the key of "darkroom id", a zero byte, the board, a slash and the
// characters of the ID before the mac, truncated to 80 bits. A guess is right once in 2^80 tries.
type IDKeys [][]byte

// MinIDKey is the length of the shortest key in bytes.
const MinIDKey = 32

// MaxLifetime is the longest lifetime that an ID can carry: 12 days.
const MaxLifetime = (1<<(5*lifetimeDigits) - 1) * time.Second

// ErrNotIssued reports an ID that was not made with any of the keys for its board.
var ErrNotIssued = errors.New("the id was not issued for this board")

// ParseIDKeys returns the keys in s, separated by commas. An empty s has none. An error never holds a key.
func ParseIDKeys(s string) (IDKeys, error) {
	if s == "" {
		return nil, nil
	}
	var keys IDKeys
	for i, k := range strings.Split(s, ",") {
		k = strings.TrimSpace(k)
		if len(k) < MinIDKey {
			return nil, fmt.Errorf("key %d has %d characters: want at least %d random ones", i+1, len(k), MinIDKey)
		}
		keys = append(keys, []byte(k))
	}
	return keys, nil
}

// NewID returns an ID for a photo of the board whose token lives for lifetime from now, rounded down to a second and at
// most [MaxLifetime]. Without keys it returns an ID without lifetime and mac.
func (k IDKeys) NewID(board Board, now time.Time, lifetime time.Duration) ID {
	id := newID(now)
	if len(k) == 0 {
		return id
	}
	seconds := min(max(lifetime, 0), MaxLifetime) / time.Second
	id += ID(encode(uint64(seconds), lifetimeDigits))
	return id + ID(mac(k[0], board, id))
}

// Verify returns when the token of a photo expires. The error wraps [ErrNotIssued] unless one of the keys made the ID
// for the photo's board.
func (k IDKeys) Verify(ref Ref) (expires time.Time, err error) {
	created, ok := ref.ID.Created()
	if ok && len(ref.ID) == signedLength {
		signed, sum := ref.ID[:signedLength-macDigits], ref.ID[signedLength-macDigits:]
		for _, key := range k {
			if hmac.Equal([]byte(sum), []byte(mac(key, ref.Board, signed))) {
				return created.Add(time.Duration(decode(string(signed[plainLength:]))) * time.Second), nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%s: %w", ref, ErrNotIssued)
}

var macEncoding = base32.NewEncoding(digits)

// mac returns the mac of the characters of an id before it.
func mac(key []byte, board Board, signed ID) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("darkroom id\x00" + string(board) + "/" + string(signed)))
	return macEncoding.EncodeToString(h.Sum(nil)[:macDigits*5/8])
}
