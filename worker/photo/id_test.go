package photo

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestIDsSortNewestFirst(t *testing.T) {
	keys := IDKeys{[]byte(strings.Repeat("k", MinIDKey))}
	var ids []ID
	start := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for i, d := range []time.Duration{0, time.Millisecond, time.Second, time.Hour, 24 * time.Hour, 365 * 24 * time.Hour, 80 * 365 * 24 * time.Hour} {
		id := newID(start.Add(d))
		if i%2 == 1 {
			id = keys.NewID("cats", start.Add(d), time.Hour)
		}
		if made, ok := id.Created(); !ok || !made.Equal(start.Add(d)) {
			t.Errorf("%s was made %v, %v, want %v", id, made, ok, start.Add(d))
		}
		if got, err := ParseID(string(id)); err != nil || got != id {
			t.Errorf("ParseID(%q) = %q, %v", id, got, err)
		}
		ids = append(ids, id)
	}
	slices.Reverse(ids)
	if !slices.IsSorted(ids) {
		t.Errorf("the newest is not the first: %q", ids)
	}
}

func TestIDsOfClocksThatAreWrong(t *testing.T) {
	for _, now := range []time.Time{time.UnixMilli(-1), {}, time.UnixMilli(0), time.UnixMilli(lastMillisecond), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if _, err := ParseID(string(newID(now))); err != nil {
			t.Errorf("at %v: %v", now, err)
		}
	}
}

func TestShardsAreEven(t *testing.T) {
	const n = 32 * 1000
	count := map[string]int{}
	for range n {
		ref := Ref{"cats", NewID()}
		count[ref.Prefix()[:2]]++
	}
	// The standard deviation of a shard's count is about 31.
	for _, shard := range Shards() {
		if c := count[shard+"/"]; c < 800 || c > 1200 {
			t.Errorf("%d of %d photos in shard %s", c, n, shard)
		}
	}
	if len(count) != len(Shards()) {
		t.Errorf("%d shards, want %d", len(count), len(Shards()))
	}
}

func TestParseVariantKey(t *testing.T) {
	for _, ref := range []Ref{{"cats", NewID()}, {"a-b", "0123456789abcdef0123456789abcdef"}, {"cats", testKeys.NewID("cats", time.Now(), time.Hour)}} {
		for _, key := range []string{ref.ManifestKey(), ref.VariantKey("large", "00", JPEG), ref.Prefix() + "a/b"} {
			if got, err := ParseVariantKey(key); err != nil || got != ref {
				t.Errorf("ParseVariantKey(%q) = %v, %v, want %v", key, got, err, ref)
			}
			for _, bad := range []string{key[1:], key[2:], "w" + key[1:], ref.Prefix()[:len(ref.Prefix())-1], strings.Replace(key, "/", "//", 1)} {
				if got, err := ParseVariantKey(bad); !errors.Is(err, ErrName) {
					t.Errorf("ParseVariantKey(%q) = %v, %v, want ErrName", bad, got, err)
				}
			}
		}
	}
}

var testKeys = IDKeys{[]byte("the first key of at least 32 bytes"), []byte("an older key of at least 32 bytes.")}

func TestVerify(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 123e6, time.UTC)
	for _, lifetime := range []time.Duration{0, time.Second, 15 * time.Minute, 7 * 24 * time.Hour, MaxLifetime} {
		for _, made := range []IDKeys{testKeys, testKeys[1:]} {
			ref := Ref{"cats", made.NewID("cats", now, lifetime)}
			if expires, err := testKeys.Verify(ref); err != nil || !expires.Equal(now.Add(lifetime)) {
				t.Errorf("%s expires %v, %v, want %v", ref, expires, err, now.Add(lifetime))
			}
		}
	}
	if expires, err := testKeys.Verify(Ref{"cats", testKeys.NewID("cats", now, MaxLifetime+time.Hour)}); err != nil || !expires.Equal(now.Add(MaxLifetime)) {
		t.Errorf("a longer lifetime expires %v, %v", expires, err)
	}
}

func TestVerifyRefusesWhatWasNotIssued(t *testing.T) {
	id := testKeys.NewID("cats", time.Now(), time.Hour)
	cases := map[string]Ref{
		"another board":       {"dogs", id},
		"another key":         {"cats", IDKeys{[]byte("a key that nobody has, of 32 bytes")}.NewID("cats", time.Now(), time.Hour)},
		"no mac":              {"cats", NewID()},
		"hexadecimal":         {"cats", "0123456789abcdef0123456789abcdef"},
		"empty":               {"cats", ""},
		"a longer lifetime":   {"cats", id[:plainLength] + "v" + id[plainLength+1:]},
		"a board with slash":  {"ca", "ts/" + id},
		"no mac but the room": {"cats", id[:signedLength-macDigits] + ID(strings.Repeat("0", macDigits))},
	}
	for i := range len(id) { // every character counts
		b := []byte(id)
		b[i] = digits[(strings.IndexByte(digits, b[i])+1)%32]
		cases["character "+id[i:].shard()+string(id[:i])] = Ref{"cats", ID(b)}
	}
	for name, ref := range cases {
		if expires, err := testKeys.Verify(ref); !errors.Is(err, ErrNotIssued) {
			t.Errorf("%s: %s expires %v, %v, want ErrNotIssued", name, ref, expires, err)
		}
	}
	if _, err := (IDKeys)(nil).Verify(Ref{"cats", id}); !errors.Is(err, ErrNotIssued) {
		t.Errorf("without keys: %v", err)
	}
}

func TestParseIDKeys(t *testing.T) {
	one, two := strings.Repeat("1", MinIDKey), strings.Repeat("2", MinIDKey+1)
	for s, want := range map[string]int{"": 0, one: 1, one + "," + two: 2, " " + one + " , " + two: 2} {
		if keys, err := ParseIDKeys(s); err != nil || len(keys) != want {
			t.Errorf("ParseIDKeys(%q) has %d keys, %v, want %d", s, len(keys), err, want)
		}
	}
	for _, s := range []string{one[1:], one + ",", one + "," + one[1:], "  " + one[2:]} {
		if _, err := ParseIDKeys(s); err == nil || strings.Contains(err.Error(), one[2:]) {
			t.Errorf("ParseIDKeys(%q): %v, want an error without the key", s, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(string(NewID()))
	f.Add(string(testKeys.NewID("cats", time.Now(), time.Hour)))
	f.Add("0123456789abcdef0123456789abcdef")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			return
		}
		if made, ok := id.Created(); ok && !strings.HasPrefix(string(newID(made)), s[:timeDigits]) {
			t.Errorf("%s was made %v, of which the id is another", s, made)
		}
		ref := Ref{"cats", id}
		if got, err := ParseVariantKey(ref.ManifestKey()); err != nil || got != ref {
			t.Errorf("ParseVariantKey(%q) = %v, %v", ref.ManifestKey(), got, err)
		}
		if _, err := testKeys.Verify(ref); err == nil && id != ID(s) {
			t.Error("verified")
		}
	})
}
