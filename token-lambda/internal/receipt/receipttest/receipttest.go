// Package receipttest has the conformance suite of the keys of receipts. It verifies signatures with other code than
// that which makes them.
package receipttest

import (
	"encoding/json"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"darkroom/token-lambda/internal/receipt"
)

// Key tests that a key signs receipts which a client can verify. open returns a new key at each call.
func Key(t *testing.T, open func(t *testing.T) receipt.Key) {
	key, former := open(t), open(t)
	s, err := receipt.New(key, former)
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.Keys(t.Context())
	if err != nil || len(set.Keys) != 2 {
		t.Fatalf("keys %+v, %v", set, err)
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	for range 40 { // r or s is shorter than 32 bytes once in 128 signatures
		signed, err := s.Sign(t.Context(), []byte(`{"sub":"cats/1","objects":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		Verify(t, signed, text)
	}
	old, err := receipt.New(former)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := old.Sign(t.Context(), []byte(`{"sub":"cats/1"}`))
	if err != nil {
		t.Fatal(err)
	}
	Verify(t, signed, text)
	stranger, err := receipt.New(open(t))
	if err != nil {
		t.Fatal(err)
	}
	if signed, err = stranger.Sign(t.Context(), []byte(`{"sub":"cats/1"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(t, signed, text); err == nil {
		t.Error("a receipt of another deployment is accepted")
	}
}

// Verify checks a receipt with the JWK Set of the API, and returns its claims.
func Verify(t *testing.T, signed string, keySet []byte) jwt.MapClaims {
	t.Helper()
	claims, err := Parse(t, signed, keySet)
	if err != nil {
		t.Fatalf("receipt %s: %v", signed, err)
	}
	return claims
}

// Parse verifies a receipt with the JWK Set of the API.
func Parse(t *testing.T, signed string, keySet []byte) (jwt.MapClaims, error) {
	t.Helper()
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(keySet, &set); err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(signed, claims, func(token *jwt.Token) (any, error) {
		for _, marshalled := range set.Keys {
			if marshalled.KID != token.Header["kid"] || token.Header["typ"] != receipt.Type {
				continue
			}
			key, err := jwkset.NewJWKFromMarshal(marshalled, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
			if err != nil {
				return nil, err
			}
			return key.Key(), nil
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithValidMethods([]string{"ES256"}))
	return claims, err
}
