// Package cloudfront implements [purge.Purger] over a distribution of Amazon CloudFront, by invalidation by cache tag:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-by-tags.html
//
// The distribution needs a CacheTagConfig that names the header [photo.CacheTagHeader]. Without it, CloudFront keeps no
// tags and an invalidation completes without effect, so [Distribution.Check] reads the configuration. The permissions
// are cloudfront:CreateInvalidation, cloudfront:GetInvalidation and cloudfront:GetDistributionConfig on the
// distribution.
package cloudfront

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"darkroom/worker/internal/awsfault"
	"darkroom/worker/internal/purge"
	"darkroom/worker/photo"
)

// Distribution is a distribution of CloudFront.
//
// It holds the functions that it calls, and not the client. The flag parser looks up methods by name, so the linker
// keeps every method of a type that reflection can reach. The client's 180 operations would take a tenth of the
// program.
type Distribution struct {
	create func(context.Context, *cloudfront.CreateInvalidationInput, ...func(*cloudfront.Options)) (*cloudfront.CreateInvalidationOutput, error)
	read   func(context.Context, *cloudfront.GetInvalidationInput, ...func(*cloudfront.Options)) (*cloudfront.GetInvalidationOutput, error)
	config func(context.Context, *cloudfront.GetDistributionConfigInput, ...func(*cloudfront.Options)) (*cloudfront.GetDistributionConfigOutput, error)
	id     string
}

var _ purge.Purger = (*Distribution)(nil)

// New returns the distribution with this id.
func New(client *cloudfront.Client, id string) *Distribution {
	return &Distribution{create: client.CreateInvalidation, read: client.GetInvalidation, config: client.GetDistributionConfig, id: id}
}

// distributionID matches the ids of distributions, such as EDFDVBD632BHDS5.
var distributionID = regexp.MustCompile(`^[A-Z0-9]{4,32}$`)

// ValidID returns an error unless id can be that of a distribution.
func ValidID(id string) error {
	if !distributionID.MatchString(id) {
		return fmt.Errorf("%.80q is not the id of a distribution: want capital letters and digits, such as EDFDVBD632BHDS5", id)
	}
	return nil
}

// tagMark begins an item of an invalidation that is a tag and not a path.
const tagMark = "#"

// Purge implements [purge.Purger].
func (d *Distribution) Purge(ctx context.Context, tags []string) (string, error) {
	items := make([]string, len(tags))
	for i, tag := range tags {
		items[i] = tagMark + tag
	}
	// CloudFront answers a retry of the SDK, which has the same reference, with the invalidation that exists.
	out, err := d.create(ctx, &cloudfront.CreateInvalidationInput{DistributionId: &d.id, InvalidationBatch: &types.InvalidationBatch{
		CallerReference: aws.String(rand.Text()), Paths: &types.Paths{Items: items, Quantity: aws.Int32(int32(len(items)))}}})
	var busy *types.TooManyInvalidationsInProgress
	switch {
	case errors.As(err, &busy), awsfault.Status(err) == http.StatusTooManyRequests:
		return "", fmt.Errorf("invalidate in distribution %s: %w: %w", d.id, purge.ErrBusy, err)
	case err != nil:
		return "", fmt.Errorf("invalidate in distribution %s: %w", d.id, err)
	case out.Invalidation == nil || aws.ToString(out.Invalidation.Id) == "":
		return "", fmt.Errorf("invalidate in distribution %s: the answer names no invalidation", d.id)
	}
	return *out.Invalidation.Id, nil
}

// completed is the status of an invalidation that has reached every edge location:
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Invalidation.html
const completed = "Completed"

// Done implements [purge.Purger].
func (d *Distribution) Done(ctx context.Context, id string) (bool, error) {
	out, err := d.read(ctx, &cloudfront.GetInvalidationInput{DistributionId: &d.id, Id: &id})
	var unknown *types.NoSuchInvalidation
	switch {
	case errors.As(err, &unknown):
		return false, fmt.Errorf("invalidation %s of distribution %s: %w", id, d.id, purge.ErrUnknown)
	case err != nil:
		return false, fmt.Errorf("read invalidation %s of distribution %s: %w", id, d.id, err)
	}
	return out.Invalidation != nil && aws.ToString(out.Invalidation.Status) == completed, nil
}

// errNoTags reports a distribution that would complete every purge without effect.
var errNoTags = errors.New("the distribution reads no cache tags from the header " + photo.CacheTagHeader + ": set its CacheTagConfig")

// checkTimeout bounds a Check. A worker whose network cannot reach CloudFront starts nevertheless.
const checkTimeout = 5 * time.Second

// Check returns an error if purges would fail or have no effect for a reason that only an operator can remove: the
// distribution does not exist, a permission is missing, or it reads no cache tags. If CloudFront does not answer, or
// fails, Check returns nil: purges are retried, and photos do not wait for them.
func (d *Distribution) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	out, err := d.config(ctx, &cloudfront.GetDistributionConfigInput{Id: &d.id})
	if err != nil {
		if s := awsfault.Status(err); s == 0 || s >= 500 || s == http.StatusTooManyRequests {
			return nil
		}
		return fmt.Errorf("read distribution %s: %w", d.id, err)
	}
	if c := out.DistributionConfig; c == nil || c.CacheTagConfig == nil || !strings.EqualFold(aws.ToString(c.CacheTagConfig.HeaderName), photo.CacheTagHeader) {
		return fmt.Errorf("distribution %s: %w", d.id, errNoTags)
	}
	return nil
}
