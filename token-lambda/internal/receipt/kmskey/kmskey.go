// Package kmskey is the key of the receipts in AWS KMS: an asymmetric key with the spec ECC_NIST_P256 and the usage
// SIGN_VERIFY. The private key never leaves KMS. Signing needs the permissions kms:Sign and kms:GetPublicKey on the
// key.
package kmskey

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// Calls are the calls to KMS that a key makes.
//
// They are not the client. The flag parser looks methods up by name, so the linker keeps every method of a type that
// reflection can reach, and the client has fifty.
type Calls struct {
	GetPublicKey func(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	Sign         func(context.Context, *kms.SignInput, ...func(*kms.Options)) (*kms.SignOutput, error)
}

// CallsOf returns the calls of a client.
func CallsOf(client *kms.Client) Calls { return Calls{client.GetPublicKey, client.Sign} }

// Key is a key in KMS. It implements the Key of package receipt.
type Key struct {
	calls Calls
	id    string
}

// New returns the key with this ARN.
func New(calls Calls, arn string) *Key { return &Key{calls, arn} }

// Public returns the public key.
func (k *Key) Public(ctx context.Context) (*ecdsa.PublicKey, error) {
	out, err := k.calls.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &k.id})
	if err != nil {
		return nil, k.explain("kms:GetPublicKey", err)
	}
	parsed, err := x509.ParsePKIXPublicKey(out.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("public key of %s: %w", k.id, err)
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok || out.KeyUsage != types.KeyUsageTypeSignVerify {
		return nil, fmt.Errorf("the key %s has the spec %s and the usage %s: want ECC_NIST_P256 and SIGN_VERIFY", k.id, out.KeySpec, out.KeyUsage)
	}
	return public, nil
}

// Sign returns r and s, each of 32 bytes. KMS returns them in DER (RFC 3279, section 2.2.3).
func (k *Key) Sign(ctx context.Context, digest [sha256.Size]byte) ([]byte, error) {
	out, err := k.calls.Sign(ctx, &kms.SignInput{KeyId: &k.id, Message: digest[:], MessageType: types.MessageTypeDigest, SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256})
	if err != nil {
		return nil, k.explain("kms:Sign", err)
	}
	var pair struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(out.Signature, &pair)
	if err != nil {
		return nil, fmt.Errorf("the key %s returned a signature that is not in DER: %w", k.id, err)
	}
	if len(rest) > 0 || pair.R.Sign() <= 0 || pair.S.Sign() <= 0 || pair.R.BitLen() > 256 || pair.S.BitLen() > 256 {
		return nil, fmt.Errorf("the key %s returned a signature of %d bytes that is not one of ECDSA on P-256", k.id, len(out.Signature))
	}
	signature := make([]byte, 64)
	pair.R.FillBytes(signature[:32])
	pair.S.FillBytes(signature[32:])
	return signature, nil
}

// explain adds the key to an error of KMS and, if KMS refused the request, the permission that it needs.
func (k *Key) explain(action string, err error) error {
	var resp *awshttp.ResponseError
	var denied interface{ ErrorCode() string }
	if errors.As(err, &resp) && resp.HTTPStatusCode() == http.StatusForbidden || errors.As(err, &denied) && denied.ErrorCode() == "AccessDeniedException" {
		return fmt.Errorf("the key %s: forbidden; %s is needed: %w", k.id, action, err)
	}
	return fmt.Errorf("the key %s: %w", k.id, err)
}
