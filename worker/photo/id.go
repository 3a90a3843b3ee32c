package photo

import (
	"crypto/rand"
	"fmt"
	"time"
)

// ID names a photo within a board. Ids sort by the time they were made, the newest first, so S3's own listing of a
// board is its timeline. An ID has one of three forms; all of them are valid everywhere:
//
//	time random                 25 characters, from [NewID]
//	time random lifetime mac    45 characters, from [IDKeys.NewID]: only the holder of the key can make one
//	32 hexadecimal digits       random, from earlier versions and from worker render; carries no time
//
// The characters are those of base32hex in lower case, 0-9 and a-v, which sort like the values they stand for (RFC
// 4648, section 7). Every part is big-endian:
//
//	time        9 characters: 2^42-1 minus the milliseconds since 1970, which lasts until May 2109
//	random     16 characters: 80 random bits
//	lifetime    4 characters: how long its token lives, in seconds, at most 2^20-1
//	mac        16 characters: the first 80 bits of an HMAC, see [IDKeys]
type ID string

const (
	timeDigits     = 9
	randomDigits   = 16
	lifetimeDigits = 4
	macDigits      = 16

	plainLength  = timeDigits + randomDigits
	signedLength = plainLength + lifetimeDigits + macDigits
	hexLength    = 32

	lastMillisecond = 1<<42 - 1
)

// NewID returns an ID with the current time.
func NewID() ID { return newID(time.Now()) }

func newID(now time.Time) ID {
	var b [randomDigits]byte
	rand.Read(b[:]) // never returns an error: crypto/rand crashes the program instead
	for i := range b {
		b[i] = digits[b[i]&31]
	}
	ms := min(max(now.UnixMilli(), 0), lastMillisecond)
	return ID(encode(uint64(lastMillisecond-ms), timeDigits) + string(b[:]))
}

// Created returns when the ID was created, to the millisecond. It reports false for an ID that carries no time. The
// time comes from the creator's clock, and can be trusted only if [IDKeys.Verify] accepts the ID.
func (id ID) Created() (time.Time, bool) {
	if len(id) != plainLength && len(id) != signedLength {
		return time.Time{}, false
	}
	return time.UnixMilli(lastMillisecond - int64(decode(string(id[:timeDigits])))).UTC(), true
}

// shard returns the first character of the random part of the ID.
func (id ID) shard() string {
	if _, ok := id.Created(); ok {
		return string(id[timeDigits : timeDigits+1])
	}
	return string(id[:min(1, len(id))])
}

// ParseID returns s as an ID. The error wraps [ErrName].
func ParseID(s string) (ID, error) {
	if !isID(s) {
		return "", fmt.Errorf("id %.80q: %w: want the id of an upload: 25 or 45 of 0-9 and a-v, or 32 of 0-9 and a-f", s, ErrName)
	}
	return ID(s), nil
}

// isID reports whether s has a form of an ID. A plan of a backfill calls it for each of a hundred million keys, so it
// uses no regular expression.
func isID(s string) bool {
	switch len(s) {
	case plainLength, signedLength:
		return s[0] <= '3' && consistsOf(s, 'v')
	case hexLength:
		return consistsOf(s, 'f')
	}
	return false
}

// consistsOf reports whether all characters of s are digits or letters from a to last.
func consistsOf(s string, last byte) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > last) {
			return false
		}
	}
	return true
}

// digits are those of base32hex in lower case.
const digits = "0123456789abcdefghijklmnopqrstuv"

// encode returns the n lowest digits of v.
func encode(v uint64, n int) string {
	b := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		b[i] = digits[v&31]
		v >>= 5
	}
	return string(b)
}

// decode returns the value of digits, at most 12 of them.
func decode(s string) (v uint64) {
	for i := range len(s) {
		d := s[i] - '0'
		if s[i] >= 'a' {
			d = s[i] - 'a' + 10
		}
		v = v<<5 | uint64(d&31)
	}
	return v
}
