// Package fakes3 serves Amazon S3 from a folder. It is the versitygw gateway plus event notifications in the form of
// AWS.
//
// A process that is killed loses no object that it acknowledged, nor its metadata or its event. The next start repairs
// what was only partly written.
//
// Like S3, it verifies signatures, expiry, checksums and conditional writes, and keeps the versions of buckets that
// have versioning. It has no session tokens and no API for a bucket's notification configuration: [Config] says which
// buckets notify.
//
// [Run] changes the working directory and can run only once in a process, so give it a process of its own.
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
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3err"

	"darkroom/worker/process"
	"darkroom/worker/wait"
)

// HealthPath answers 200, without a signature, once the server accepts requests. No bucket may be named healthz.
const HealthPath = process.HealthPath

// Bucket is a bucket that [Run] creates if it does not exist.
type Bucket struct {
	Name      string
	Notify    bool     // sends an event for each object that is created or deleted
	Versioned bool     // keeps old versions; a bucket that has versioning keeps it when this is false again
	Origins   []string // their pages may GET, HEAD, PUT and POST, and read ETag and Location
}

// Config configures [Run].
type Config struct {
	Addr      string // host:port to listen on; the port must not be 0
	Dir       string // folder of objects, metadata and unsent events; created if it does not exist
	AccessKey string // key of the only account, which may do everything
	SecretKey string
	Region    string // default: us-east-1
	Buckets   []Bucket

	// Notify delivers one S3 event notification in JSON. It is retried until it succeeds, so an event may be delivered
	// twice. Required if a bucket notifies.
	Notify func(ctx context.Context, bucket string, event []byte) error

	Ready func()       // called once when the server answers requests; may be nil
	Log   *slog.Logger // default: discards
}

// Validate reports the first invalid setting.
func (c Config) Validate() error {
	_, port, err := net.SplitHostPort(c.Addr)
	switch {
	case err != nil:
		return fmt.Errorf("s3: listen address: %w", err)
	case port == "0" || port == "":
		return fmt.Errorf("s3: listen address %q: the port must not be 0", c.Addr)
	case c.Dir == "":
		return errors.New("s3: no data folder")
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("s3: access key or secret key is missing")
	}
	for _, b := range c.Buckets {
		if b.Name == "" {
			return errors.New("s3: a bucket without a name")
		}
		if b.Notify && c.Notify == nil {
			return fmt.Errorf("s3: bucket %s notifies, but Notify is nil", b.Name)
		}
	}
	return nil
}

// maxCopy is the size in bytes of the largest object that CopyObject accepts:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
const maxCopy = 5 << 30

// Run serves S3 until ctx ends, and then finishes the requests in progress. It returns nil if ctx ended it.
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
	dirs := newFolders(dir)
	if err := dirs.create(); err != nil {
		return err
	}
	if err := (mend{dirs, c.Log}).run(); err != nil {
		return err
	}
	// Metadata is stored in files, because not every file system has extended attributes that a user may set (tmpfs and
	// some overlays do not).
	attributes, err := newSidecar(dirs)
	if err != nil {
		return err
	}
	disk, err := posix.New(dirs.objects, attributes, posix.PosixOpts{CopyObjectThreshold: maxCopy, ForceNoObjLockFile: true})
	if err != nil {
		return fmt.Errorf("s3: object folder: %w", err)
	}
	be := &notifying{Posix: disk, config: c, ctx: ctx, attributes: attributes, unsent: journal(dirs.unsent), buckets: map[string]bool{}}
	for _, b := range c.Buckets {
		be.buckets[b.Name] = b.Notify
		if err := be.ensureBucket(ctx, b); err != nil {
			return fmt.Errorf("s3: bucket %s: %w", b.Name, err)
		}
	}
	if err := be.replay(ctx); err != nil {
		return err
	}

	socket, removeSocket, err := gatewaySocket()
	if err != nil {
		return err
	}
	defer removeSocket()
	door, err := newEntrance(c.Addr, socket)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(ctx, door.stop)
	var running sync.WaitGroup
	running.Go(door.serve)
	running.Go(func() {
		if c.Ready != nil && healthy(ctx, c.Addr) {
			c.Ready()
		}
	})
	err = embedgw.RunVersityGW(ctx, be, &embedgw.Config{
		RootUserAccess: c.AccessKey, RootUserSecret: c.SecretKey, Region: c.Region,
		Ports: []string{socket}, HealthPath: HealthPath,
		MaxConnections: 4096, MaxRequests: 1024, MultipartMaxParts: 10_000,
		KeepAlive: true, Quiet: true,
		// The default is the same service, but it prints a line to standard output.
		IAMService: auth.NewIAMServiceSingle(auth.Account{Access: c.AccessKey, Secret: c.SecretKey, Role: auth.RoleAdmin}),
	})
	stopped := ctx.Err() != nil
	cancel()
	running.Wait()
	door.end()
	if err != nil && !stopped {
		return fmt.Errorf("s3: serve %s: %w", c.Addr, err)
	}
	return nil
}

// ensureBucket creates the bucket if it does not exist. For a bucket that notifies it first sends s3:TestEvent, as S3
// does when a notification is configured.
func (n *notifying) ensureBucket(ctx context.Context, b Bucket) error {
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
			return fmt.Errorf("create: %w", plainError(err))
		}
	}
	if b.Versioned {
		if err := n.attributes.setVersioned(b.Name); err != nil {
			return fmt.Errorf("turn on versioning: %w", err)
		}
	}
	if len(b.Origins) == 0 {
		return nil
	}
	var origins []auth.CORSOrigin
	for _, o := range b.Origins {
		origins = append(origins, auth.CORSOrigin(o))
	}
	rule, err := xml.Marshal(&auth.CORSConfiguration{Rules: []auth.CORSRule{{
		AllowedMethods: []auth.CORSHTTPMethod{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost},
		AllowedHeaders: []auth.CORSHeader{"*"},
		AllowedOrigins: origins,
		ExposeHeaders:  []auth.CORSHeader{"ETag", "Location"},
	}}})
	if err != nil {
		return err
	}
	if err := n.PutBucketCors(ctx, b.Name, rule); err != nil {
		return fmt.Errorf("set CORS: %w", plainError(err))
	}
	return nil
}

// plainError returns an error of the gateway's disk as a sentence, instead of the XML that S3 answers. A full disk is
// [syscall.ENOSPC].
func plainError(err error) error {
	var answer s3err.APIError
	switch {
	case !errors.As(err, &answer):
		return err
	case answer.Code == s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice).Code:
		return syscall.ENOSPC
	}
	return fmt.Errorf("%s: %s", answer.Code, answer.Description)
}

// healthy waits until the server at addr answers. It reports false if ctx ends first.
func healthy(ctx context.Context, addr string) bool {
	url := "http://" + process.Reachable(addr) + HealthPath
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	for process.Healthy(ctx, client, url) != nil {
		if wait.For(ctx, 20*time.Millisecond) != nil {
			return false
		}
	}
	return true
}
