package issuer

import (
	"crypto/rand"
	"errors"
	"maps"
	"sync"
	"time"
)

// Lifetimes of what a sign-in gives.
const (
	codeTTL    = time.Minute // RFC 6749, section 4.1.2: at most 10 minutes
	AccessTTL  = 15 * time.Minute
	refreshTTL = 12 * time.Hour
)

// maxGrants is the largest number of codes and refresh tokens, each, that the issuer keeps.
const maxGrants = 10_000

var errTooMany = errors.New("too many people have signed in: wait until their grants expire")

// errEnded reports a sign-in that was revoked, or one of whose grants was used twice.
var errEnded = errors.New("the sign-in has ended: a grant of it was revoked or used twice")

// grant is a code or a refresh token. Each works once. A second use means that somebody else has the grant, so it ends
// every refresh token of the same sign-in (RFC 9700, sections 2.1.1 and 4.14.2).
type grant struct {
	authorization
	person  Request
	signIn  *signIn // the sign-in that the grant comes from
	expires time.Time
	used    bool
}

// signIn is one sign-in of a person.
type signIn struct {
	ended bool // if true, it gets no further refresh tokens
}

// grants are the codes and refresh tokens of the issuer. They do not survive a restart.
type grants struct {
	mu      sync.Mutex
	codes   map[string]*grant
	refresh map[string]*grant
}

// addCode returns a new authorization code.
func (g *grants) addCode(a authorization, person Request) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return add(g.codes, &grant{authorization: a, person: person, signIn: new(signIn), expires: time.Now().Add(codeTTL)})
}

// addRefresh returns a new refresh token of the sign-in of from, which may have ended since from was used.
func (g *grants) addRefresh(from *grant) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if from.signIn.ended {
		return "", errEnded
	}
	return add(g.refresh, &grant{authorization: from.authorization, person: from.person, signIn: from.signIn,
		expires: time.Now().Add(refreshTTL)})
}

func add(to map[string]*grant, v *grant) (string, error) {
	now := time.Now()
	maps.DeleteFunc(to, func(_ string, v *grant) bool { return !now.Before(v.expires) })
	if len(to) >= maxGrants {
		return "", errTooMany
	}
	secret := rand.Text()
	to[secret] = v
	return secret, nil
}

// useCode returns the grant of a code, or nil if it is not valid.
func (g *grants) useCode(code string) *grant { return g.use(g.codes, code) }

// useRefresh returns the grant of a refresh token, or nil if it is not valid.
func (g *grants) useRefresh(token string) *grant { return g.use(g.refresh, token) }

func (g *grants) use(from map[string]*grant, secret string) *grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := from[secret]
	switch {
	case v == nil || !time.Now().Before(v.expires):
		return nil
	case v.used:
		g.end(v.signIn)
		return nil
	}
	v.used = true
	return v
}

// revoke ends the sign-in that a refresh token comes from. It does nothing for an unknown token.
func (g *grants) revoke(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if v := g.refresh[token]; v != nil {
		g.end(v.signIn)
	}
}

// end ends a sign-in and drops its refresh tokens. The caller holds mu.
func (g *grants) end(s *signIn) {
	s.ended = true
	maps.DeleteFunc(g.refresh, func(_ string, v *grant) bool { return v.signIn == s })
}
