package kmskey

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"darkroom/token-lambda/internal/receipt"
	"darkroom/token-lambda/internal/receipt/receipttest"
)

const testARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// fakeKMS is one key in KMS, which signs in DER as KMS does.
type fakeKMS struct {
	private *ecdsa.PrivateKey
	usage   types.KeyUsageType
	err     error
	junk    []byte // signature instead of a true one
}

func (f *fakeKMS) calls() Calls { return Calls{f.GetPublicKey, f.Sign} }

func newFakeKMS(t *testing.T) *fakeKMS {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &fakeKMS{private: private, usage: types.KeyUsageTypeSignVerify}
}

func (f *fakeKMS) GetPublicKey(_ context.Context, in *kms.GetPublicKeyInput, _ ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	if f.err != nil || *in.KeyId != testARN {
		return nil, f.err
	}
	der, err := x509.MarshalPKIXPublicKey(&f.private.PublicKey)
	return &kms.GetPublicKeyOutput{PublicKey: der, KeyUsage: f.usage, KeySpec: types.KeySpecEccNistP256}, err
}

func (f *fakeKMS) Sign(_ context.Context, in *kms.SignInput, _ ...func(*kms.Options)) (*kms.SignOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	if in.MessageType != types.MessageTypeDigest || in.SigningAlgorithm != types.SigningAlgorithmSpecEcdsaSha256 || len(in.Message) != sha256.Size {
		return nil, errors.New("ValidationException")
	}
	if f.junk != nil {
		return &kms.SignOutput{Signature: f.junk}, nil
	}
	der, err := ecdsa.SignASN1(rand.Reader, f.private, in.Message)
	return &kms.SignOutput{Signature: der}, err
}

func TestConformance(t *testing.T) {
	receipttest.Key(t, func(t *testing.T) receipt.Key { return New(newFakeKMS(t).calls(), testARN) })
}

func TestFaults(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}
	for name, c := range map[string]struct {
		change func(f *fakeKMS)
		want   string
	}{
		"denied":               {func(f *fakeKMS) { f.err = denied }, "kms:GetPublicKey"},
		"a key for encryption": {func(f *fakeKMS) { f.usage = types.KeyUsageTypeEncryptDecrypt }, "SIGN_VERIFY"},
		"no DER":               {func(f *fakeKMS) { f.junk = []byte("x") }, "DER"},
		"more than DER":        {func(f *fakeKMS) { f.junk = []byte{0x30, 6, 2, 1, 1, 2, 1, 1, 0} }, "not one of ECDSA"},
		"zero":                 {func(f *fakeKMS) { f.junk = []byte{0x30, 6, 2, 1, 0, 2, 1, 1} }, "not one of ECDSA"},
		"another curve": {func(f *fakeKMS) {
			var err error
			if f.private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
				panic(err)
			}
		}, "P-256"},
	} {
		f := newFakeKMS(t)
		c.change(f)
		s, err := receipt.New(New(f.calls(), testARN))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.Sign(t.Context(), []byte("{}")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
