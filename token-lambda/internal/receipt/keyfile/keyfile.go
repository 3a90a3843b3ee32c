// Package keyfile is the key of the receipts in a file: an EC private key on the curve P-256 in PEM, as "openssl
// genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256" writes it. It suits development and deployments without a key
// store.
package keyfile

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// Key is a private key from a file. It implements the Key of package receipt.
type Key struct{ private *ecdsa.PrivateKey }

// Read reads a key from a PEM file, in PKCS #8 or in the form "EC PRIVATE KEY". The error never holds a part of the
// key.
func Read(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key of the receipts: %w", err)
	}
	private, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("key of the receipts: %s: %w", path, err)
	}
	return &Key{private}, nil
}

func parse(text []byte) (*ecdsa.PrivateKey, error) {
	want := errors.New("want an EC private key on the curve P-256 in PEM")
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil, want
		}
		if block.Type == "EC PARAMETERS" { // openssl writes them in front of the key
			text = rest
			continue
		}
		private, err := x509.ParseECPrivateKey(block.Bytes)
		if err != nil {
			any, pkcs8 := x509.ParsePKCS8PrivateKey(block.Bytes)
			if pkcs8 != nil {
				return nil, want
			}
			var ok bool
			if private, ok = any.(*ecdsa.PrivateKey); !ok {
				return nil, want
			}
		}
		if private.Curve != elliptic.P256() {
			return nil, want
		}
		return private, nil
	}
}

// Create writes a new key to a file that must not exist. Only the user may read it.
func Create(path string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("key of the receipts: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("key of the receipts: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("key of the receipts: %w", err)
	}
	if err := errors.Join(pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}), f.Close()); err != nil {
		return fmt.Errorf("key of the receipts: %w", err)
	}
	return nil
}

// Public returns the public key.
func (k *Key) Public(context.Context) (*ecdsa.PublicKey, error) { return &k.private.PublicKey, nil }

// Sign returns r and s, each of 32 bytes.
func (k *Key) Sign(_ context.Context, digest [sha256.Size]byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest[:])
	if err != nil {
		return nil, err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signature, nil
}
