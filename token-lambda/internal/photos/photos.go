// Package photos reads, lists and removes photos in S3: originals in the uploads bucket, manifests in the variants
// bucket.
//
// A [Store] sends the requests, [Measure] reports them, and a [Cache] saves some of them:
//
//	api -> Cache -> measured -> Store -> S3
//
// The credentials need s3:GetObject and s3:ListBucket on both buckets, s3:DeleteObject on the uploads bucket, and
// s3:PutObject and s3:PutObjectTagging on the variants bucket. Without s3:ListBucket, S3 answers 403 instead of 404 for
// a missing object, to hide whether it exists (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). A
// 403 is always an error here and never means "absent": a wrong policy looks the same.
package photos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
	"darkroom/worker/s3key"
	"darkroom/worker/wait"
)

// Config names the buckets.
type Config struct {
	UploadsBucket  string // UPLOADS_BUCKET
	VariantsBucket string // VARIANTS_BUCKET
}

// Validate returns an error about the first setting that cannot be used, by its name.
func (c Config) Validate() error {
	switch {
	case c.UploadsBucket == "":
		return errors.New("UPLOADS_BUCKET is not set: want the name of a bucket")
	case c.VariantsBucket == "":
		return errors.New("VARIANTS_BUCKET is not set: want the name of a bucket")
	}
	return nil
}

// Store is the [Backend] that sends every request to S3. It is safe for concurrent use.
type Store struct {
	client *s3.Client
	cfg    Config
}

// New returns a Store that uses client.
func New(client *s3.Client, cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Store{client: client, cfg: cfg}, nil
}

// bodyReads is how often a manifest is read if its body arrives incomplete or does not have its checksum. The SDK
// repeats only requests that fail before the body.
const bodyReads = 3

// longestPause is the longest pause before another read. The shortest is half of it.
const longestPause = 20 * time.Millisecond

// errBody reports an answer whose body could not be read.
var errBody = errors.New("the answer is incomplete")

// Manifest implements Backend.
func (s *Store) Manifest(ctx context.Context, ref photo.Ref, known string) (m StoredManifest, err error) {
	for range bodyReads {
		if m, err = s.getManifest(ctx, ref, known); !errors.Is(err, errBody) || wait.For(ctx, longestPause/2+rand.N(longestPause/2)) != nil {
			break
		}
	}
	return m, err
}

// getManifest sends one request for the manifest of ref.
func (s *Store) getManifest(ctx context.Context, ref photo.Ref, known string) (StoredManifest, error) {
	key := ref.ManifestKey()
	in := &s3.GetObjectInput{Bucket: &s.cfg.VariantsBucket, Key: &key}
	if known != "" {
		in.IfNoneMatch = &known
	}
	out, err := s.client.GetObject(ctx, in)
	var absent *types.NoSuchKey // a missing bucket is another error, and not "absent"
	var resp *awshttp.ResponseError
	switch {
	case errors.As(err, &absent):
		return StoredManifest{}, nil
	case known != "" && errors.As(err, &resp) && resp.HTTPStatusCode() == http.StatusNotModified:
		return StoredManifest{ETag: known, Unchanged: true}, nil
	case err != nil && s.refusesObject(ctx, key, err):
		return StoredManifest{}, fmt.Errorf("GET %s/%s: %w: S3 refuses this object and no other: %w", s.cfg.VariantsBucket,
			key, photo.ErrManifest, err)
	case err != nil:
		return StoredManifest{}, s.explain(http.MethodGet, s.cfg.VariantsBucket, key, err)
	}
	defer out.Body.Close()
	m, err := photo.ReadManifest(ref, out.Body)
	if err != nil && !errors.Is(err, photo.ErrManifest) {
		return StoredManifest{}, s.explain(http.MethodGet, s.cfg.VariantsBucket, key, fmt.Errorf("%w: %w", errBody, err))
	}
	return StoredManifest{Manifest: m, ETag: aws.ToString(out.ETag), Bytes: aws.ToInt64(out.ContentLength)}, err
}

// refusesObject reports whether S3 has refused a GET because of this object: the object is in an archive, or another
// account or a rule about this key forbids it. A wrong policy forbids everything. So refusesObject asks S3 for a
// similar key that does not exist: S3 answers that it is absent only to those who may read the bucket.
func (s *Store) refusesObject(ctx context.Context, key string, refusal error) bool {
	var archived *types.InvalidObjectState
	if errors.As(refusal, &archived) {
		return true
	}
	var resp *awshttp.ResponseError
	if !errors.As(refusal, &resp) || resp.HTTPStatusCode() != http.StatusForbidden || isOutage(refusal) {
		return false
	}
	beside := key + ".absent"
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.cfg.VariantsBucket, Key: &beside})
	if err == nil {
		out.Body.Close()
		return true
	}
	var absent *types.NoSuchKey
	return errors.As(err, &absent)
}

// Original implements Backend. The answer to a HEAD has no body, so a missing bucket looks like a missing object.
func (s *Store) Original(ctx context.Context, ref photo.Ref) (*photo.Source, error) {
	key := ref.Key()
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.cfg.UploadsBucket, Key: &key})
	var absent *types.NotFound
	if errors.As(err, &absent) {
		return nil, nil
	}
	if err != nil {
		return nil, s.explain("HEAD", s.cfg.UploadsBucket, key, err)
	}
	owner, labels := photo.ParseUserMetadata(out.Metadata)
	return &photo.Source{Bytes: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag),
		VersionID: aws.ToString(out.VersionId), Modified: aws.ToTime(out.LastModified).UTC(), Owner: owner,
		Labels: labels}, nil
}

// List implements Backend. A key that is not a photo's counts towards the limit, but List skips it. It asks S3
// to encode the keys: see package s3key.
func (s *Store) List(ctx context.Context, board photo.Board, cursor string, limit int) (api.Page, error) {
	prefix := string(board) + "/"
	in := &s3.ListObjectsV2Input{Bucket: &s.cfg.UploadsBucket, Prefix: &prefix, MaxKeys: aws.Int32(int32(limit)),
		EncodingType: types.EncodingTypeUrl}
	if cursor != "" {
		in.StartAfter = aws.String(prefix + cursor)
	}
	out, err := s.client.ListObjectsV2(ctx, in)
	if err != nil {
		return api.Page{}, s.explain("LIST", s.cfg.UploadsBucket, prefix, err)
	}
	var page api.Page
	var last string
	for _, o := range out.Contents {
		last, err = s3key.Listed(o.Key, out.EncodingType)
		if err != nil {
			return api.Page{}, fmt.Errorf("LIST %s/%s: %w", s.cfg.UploadsBucket, prefix, err)
		}
		if ref, err := photo.ParseKey(last); err == nil {
			page.Originals = append(page.Originals, api.Original{ID: ref.ID, Source: photo.Source{
				Bytes: aws.ToInt64(o.Size), ETag: aws.ToString(o.ETag),
				// Other answers of S3 have whole seconds.
				Modified: aws.ToTime(o.LastModified).UTC().Truncate(time.Second)}})
		}
	}
	if last != "" && aws.ToBool(out.IsTruncated) {
		page.Next = strings.TrimPrefix(last, prefix)
	}
	return page, nil
}

// explain adds the request to an error of S3 and, after a 403, the permissions that the request needs. An outage
// becomes an [*api.OutageError].
func (s *Store) explain(method, bucket, key string, err error) error {
	if isOutage(err) {
		return &api.OutageError{Err: fmt.Errorf("%s %s/%s: %w", method, bucket, key, err)}
	}
	var resp *awshttp.ResponseError
	if errors.As(err, &resp) && resp.HTTPStatusCode() == http.StatusForbidden {
		needed := "s3:GetObject on the bucket's objects and s3:ListBucket on the bucket are"
		switch method {
		case http.MethodDelete:
			needed = "s3:DeleteObject on the bucket's objects is"
		case http.MethodPut:
			needed = "s3:PutObject and s3:PutObjectTagging on the bucket's objects are"
		}
		return fmt.Errorf("%s %s/%s: forbidden; %s needed: %w", method, bucket, key, needed, err)
	}
	return fmt.Errorf("%s %s/%s: %w", method, bucket, key, err)
}
