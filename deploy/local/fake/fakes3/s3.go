// Package fakes3 is Amazon S3 on one machine: the versitygw gateway over a folder, with the one thing that it lacks, S3
// event notifications that have the form AWS gives them.
//
// It verifies signatures, expiry, checksums and conditional writes as S3 does. It does not offer a bucket's
// notification configuration over HTTP, nor session tokens: which buckets notify is set in [Config].
//
// [Run] changes the working directory of the process and can run only once in it, so it belongs into a process of
// its own.
package fakes3

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"darkroom/worker/process"
)

// HealthPath answers 200 without a signature as soon as the server accepts requests. No bucket may be named healthz.
const HealthPath = process.HealthPath

// A Bucket exists when [Run] has become ready.
type Bucket struct {
	Name   string
	Notify bool // send an event for each object created or removed
	CORS   bool // let pages of any origin GET, HEAD, PUT and POST, and read the ETag, and the Location of a POST
}

// Config says what [Run] serves.
type Config struct {
	Addr      string // host:port to listen on; the port is not 0
	Dir       string // folder for objects, metadata and unsent events; made if absent
	AccessKey string // of the only account, which may do everything
	SecretKey string
	Region    string // default us-east-1
	Buckets   []Bucket

	// Notify delivers one S3 event notification, a JSON text. It is called again until it succeeds, so it may see
	// an event twice. Needed when a bucket notifies.
	Notify func(ctx context.Context, bucket string, event []byte) error

	Ready func()       // called once, when requests are answered; may be nil
	Log   *slog.Logger // default discards
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	_, port, err := net.SplitHostPort(c.Addr)
	switch {
	case err != nil:
		return fmt.Errorf("s3: listen address: %w", err)
	case port == "0" || port == "":
		return fmt.Errorf("s3: listen address %q: the port must be a given one", c.Addr)
	case c.Dir == "":
		return errors.New("s3: no data folder")
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("s3: no access key or no secret key")
	}
	for _, b := range c.Buckets {
		if b.Name == "" {
			return errors.New("s3: a bucket without a name")
		}
		if b.Notify && c.Notify == nil {
			return fmt.Errorf("s3: bucket %s notifies, but there is nothing to notify", b.Name)
		}
	}
	return nil
}

// maxCopy is the largest object that one CopyObject accepts:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
const maxCopy = 5 << 30

// Run serves S3 until ctx ends, and then finishes the requests under way. It returns nil when ctx ended it.
func Run(ctx context.Context, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return fmt.Errorf("s3: data folder: %w", err)
	}
	// The two names share no prefix: versitygw takes metadata at objects-meta to lie inside of objects.
	objects, metadata := filepath.Join(dir, "objects"), filepath.Join(dir, "metadata")
	for _, d := range []string{objects, metadata} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("s3: data folder: %w", err)
		}
	}
	unsent, err := openJournal(filepath.Join(dir, "unsent"))
	if err != nil {
		return err
	}
	// Metadata goes into files of their own, since not every file system has extended attributes (tmpfs and some
	// overlays have none that a user may set).
	sidecar, err := meta.NewSideCar(metadata)
	if err != nil {
		return fmt.Errorf("s3: metadata folder: %w", err)
	}
	disk, err := posix.New(objects, sidecar, posix.PosixOpts{CopyObjectThreshold: maxCopy, ForceNoObjLockFile: true})
	if err != nil {
		return fmt.Errorf("s3: object folder: %w", err)
	}
	be := &notifying{Posix: disk, config: c, ctx: ctx, unsent: unsent, buckets: map[string]bool{}}
	for _, b := range c.Buckets {
		be.buckets[b.Name] = b.Notify
		if err := be.ensure(ctx, b); err != nil {
			return fmt.Errorf("s3: bucket %s: %w", b.Name, err)
		}
	}
	if err := be.replay(ctx); err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(ctx)
	announced := make(chan struct{})
	go func() {
		defer close(announced)
		if c.Ready != nil && healthy(ctx, c.Addr) {
			c.Ready()
		}
	}()
	err = embedgw.RunVersityGW(ctx, be, &embedgw.Config{
		RootUserAccess: c.AccessKey, RootUserSecret: c.SecretKey, Region: c.Region,
		Ports: []string{c.Addr}, HealthPath: HealthPath,
		MaxConnections: 4096, MaxRequests: 1024, MultipartMaxParts: 10_000,
		KeepAlive: true, Quiet: true,
		// The default would be the same one, after a line on standard output.
		IAMService: auth.NewIAMServiceSingle(auth.Account{Access: c.AccessKey, Secret: c.SecretKey, Role: auth.RoleAdmin}),
	})
	stopped := ctx.Err() != nil
	cancel()
	<-announced
	if err != nil && !stopped {
		return fmt.Errorf("s3: serve %s: %w", c.Addr, err)
	}
	return nil
}

// ensure makes the bucket if it does not exist. A bucket that notifies sends s3:TestEvent first, as S3 does when a
// notification is configured.
func (n *notifying) ensure(ctx context.Context, b Bucket) error {
	if _, err := n.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.Name}); err != nil {
		if b.Notify {
			if err := n.config.Notify(ctx, b.Name, testEvent(b.Name, time.Now())); err != nil {
				return fmt.Errorf("send s3:TestEvent: %w", err)
			}
		}
		acl, err := json.Marshal(auth.ACL{Owner: n.config.AccessKey})
		if err != nil {
			return err
		}
		err = n.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket: &b.Name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced,
			CreateBucketConfiguration: &types.CreateBucketConfiguration{},
		}, acl)
		if err != nil {
			return fmt.Errorf("create: %w", err)
		}
	}
	if !b.CORS {
		return nil
	}
	rule, err := xml.Marshal(&auth.CORSConfiguration{Rules: []auth.CORSRule{{
		AllowedMethods: []auth.CORSHTTPMethod{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost},
		AllowedHeaders: []auth.CORSHeader{"*"},
		AllowedOrigins: []auth.CORSOrigin{"*"},
		ExposeHeaders:  []auth.CORSHeader{"ETag", "Location"},
	}}})
	if err != nil {
		return err
	}
	if err := n.PutBucketCors(ctx, b.Name, rule); err != nil {
		return fmt.Errorf("set CORS: %w", err)
	}
	return nil
}

// healthy waits until the server at addr answers, and reports false when ctx ends before.
func healthy(ctx context.Context, addr string) bool {
	url := "http://" + process.Reachable(addr) + HealthPath
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for process.Healthy(ctx, client, url) != nil {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}
