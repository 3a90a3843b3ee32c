package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/internal/leftovers"
	"darkroom/worker/internal/store/s3store"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/settings"
)

// proveCommand lists what can still be read of a photo that a user has removed.
type proveCommand struct {
	AWS     awsFlags      `embed:""`
	Buckets bucketFlags   `embed:""`
	Photo   string        `arg:"" placeholder:"BOARD/ID" help:"Board and id of the photo."`
	CDN     string        `name:"cdn" env:"PUBLIC_BASE_URL" placeholder:"URL" group:"Storage" help:"Base URL of the CDN in front of the variants, to ask it for every variant too. Default: only S3 is asked."`
	Timeout time.Duration `default:"30s" placeholder:"DURATION" group:"Storage" help:"Longest wait for one answer of the CDN."`
}

// Validate reports the first setting that cannot be used. The groups within check themselves.
func (c *proveCommand) Validate() error {
	if _, err := photo.ParseKey(c.Photo); err != nil {
		return settings.Named("BOARD/ID", err)
	}
	if c.CDN != "" {
		if _, err := settings.HTTPURL(c.CDN); err != nil {
			return settings.Named("--cdn", err)
		}
	}
	return settings.Named("--timeout", settings.Range(c.Timeout, time.Second, time.Hour))
}

// Help is shown by --help.
func (*proveCommand) Help() string {
	return `Lists what can still be read of a photo: every version and delete marker of its original and its variants in S3, and older versions of its manifest. The tombstone that a removal leaves does not count.

With --cdn it also asks the CDN for each variant that the listing or the tombstone names, with a GET without credentials.

The exit status is 0 if only the tombstone is left, and 1 if anything else answers. A delete marker holds no bytes, but counts. The status is 3 if there is no record of the photo, neither a tombstone nor an object: the id may be wrong, or the tombstone has expired.

It needs s3:ListBucketVersions and s3:ListBucket on both buckets, and s3:GetObject on the variants bucket.`
}

// errLeft reports that something of a photo can still be read.
var errLeft = errors.New("the photo is not erased")

// errNoRecord reports a photo without a tombstone and without an object. That proves nothing: the photo may never have
// existed.
type errNoRecord struct{ ref photo.Ref }

func (e errNoRecord) Error() string {
	return fmt.Sprintf("no record of photo %s: the id may be wrong, or its tombstone has expired", e.ref)
}

// ExitCode tells such a photo from one that is not erased.
func (errNoRecord) ExitCode() int { return 3 }

// Run is the command prove.
func (c *proveCommand) Run(ctx context.Context) error {
	cfg, err := c.AWS.load(ctx)
	if err != nil {
		return err
	}
	ref, err := photo.ParseKey(c.Photo)
	if err != nil {
		return err
	}
	uploads := s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.Buckets.Uploads)
	variants := s3store.New(s3.NewFromConfig(cfg, s3store.Options), c.Buckets.Variants)
	client := &http.Client{Timeout: c.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	r, err := leftovers.Find(ctx, leftovers.Buckets{Uploads: uploads, Variants: variants}, client, c.CDN, ref)
	if err != nil {
		return fmt.Errorf("photo %s: %w", ref, err)
	}
	if !r.Recorded() {
		return errNoRecord{ref}
	}
	for _, l := range r.Left {
		fmt.Printf("%s\t%s\t%s\n", l.Where, l.Key, l.What)
	}
	switch m := r.Tombstone; {
	case m == nil:
		fmt.Println("there is no tombstone: no user has removed the photo, or it has expired")
	case !m.Erased():
		fmt.Println("the tombstone says that the erasure has not ended")
	case m.PurgePending():
		fmt.Println("the tombstone says that the caches of the CDN are not purged yet")
	default:
		fmt.Printf("erased at %s: %s recorded\n", m.Erasure.ErasedAt.Format(time.RFC3339), plural.Count(len(m.Erasure.Objects)+m.Erasure.Omitted, "version"))
	}
	if c.CDN != "" {
		fmt.Printf("the CDN was asked for %s\n", plural.Count(r.Asked, "variant"))
	}
	if !r.Clean() {
		return fmt.Errorf("%w: %s still there", errLeft, plural.Count(len(r.Left), "object"))
	}
	fmt.Println("nothing else answers")
	return nil
}
