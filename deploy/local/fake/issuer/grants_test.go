package issuer

import (
	"errors"
	"testing"
)

// TestSecondUseDuringTheFirst uses a grant again before the first use has its refresh token. The issuer must then not
// issue that token.
func TestSecondUseDuringTheFirst(t *testing.T) {
	g := grants{codes: map[string]*grant{}, refresh: map[string]*grant{}}
	code, err := g.addCode(authorization{}, Request{})
	if err != nil {
		t.Fatal(err)
	}
	first := g.useCode(code)
	if first == nil || g.useCode(code) != nil {
		t.Fatal("a code does not work exactly once")
	}
	if token, err := g.addRefresh(first); !errors.Is(err, errEnded) {
		t.Errorf("after a code was used twice: refresh token %q, %v, want %v", token, err, errEnded)
	}

	if code, err = g.addCode(authorization{}, Request{}); err != nil {
		t.Fatal(err)
	}
	token, err := g.addRefresh(g.useCode(code))
	if err != nil {
		t.Fatal(err)
	}
	used := g.useRefresh(token)
	if used == nil {
		t.Fatal("a refresh token does not work")
	}
	g.revoke(token)
	if token, err := g.addRefresh(used); !errors.Is(err, errEnded) {
		t.Errorf("after a revocation: refresh token %q, %v, want %v", token, err, errEnded)
	}
}
