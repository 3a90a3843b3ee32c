// Package fake runs in one process what Darkroom needs of AWS: S3 with the two buckets, SQS with the two queues and
// their dead-letter queues, the event notifications from S3 to SQS, DynamoDB with the table of the quotas, and a
// development token issuer. DynamoDB has the address of SQS: a request says in its header which of the two it is for.
// With [Config].CDNAddr it also runs a CDN in front of the variants, with a queue of purges.
//
// The data folder holds s3/ (objects), sqs.db (queues) and issuer.key. The counters of the quotas are in memory. One
// process at a time can use the folder. Keys, names and limits are constants and not secret: anyone who can reach the
// ports may do everything.
package fake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"darkroom/deploy/local/fake/fakedynamodb"
	"darkroom/deploy/local/fake/fakes3"
	"darkroom/deploy/local/fake/fakesqs"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/origin"
	"darkroom/worker/process"
	"darkroom/worker/settings"
)

// Names and credentials that clients need.
const (
	Region            = "us-east-1"
	AccessKey         = "darkroom"
	SecretKey         = "darkroom-local"
	Account           = "000000000000"
	Uploads           = "darkroom-uploads"
	Variants          = "darkroom-variants"
	Events            = "darkroom-events" // queue that the uploads bucket notifies
	EventDeadLetters  = "darkroom-events-dlq"
	Photos            = "darkroom-photos" // queue that the workers forward to
	PhotosDeadLetters = "darkroom-photos-dlq"
	Purges            = "darkroom-purges" // queue of the purges from the CDN
	Distribution      = "EDARKROOMLOCAL"  // id of the CDN
	Quotas            = "darkroom-quotas" // table of the quotas
	Audience          = "darkroom"        // claim aud of the issuer's tokens
)

// Config says where to listen and where to store the data.
type Config struct {
	Dir        string // data folder; created if it does not exist
	S3Addr     string // host:port to listen on
	SQSAddr    string // host:port to listen on
	IssuerAddr string // host:port to listen on
	IssuerURL  string // claim iss of the tokens; default: http:// and IssuerAddr
	CDNAddr    string // host:port that the CDN listens on; empty for none
	// PurgeDelay is how long a purge from the CDN takes.
	PurgeDelay time.Duration
	// FaultyS3Addr and FaultySQSAddr are second addresses of the same S3 and SQS, with Faults. May be empty. The API of
	// the CDN always has its Faults.
	FaultyS3Addr, FaultySQSAddr string
	Faults                      faults.Config
	Versions                    bool         // turn on the versioning of both buckets
	Origins                     origin.List  // pages of these may use S3 and the issuer
	Ready                       func()       // called once when all three servers answer; may be nil
	Log                         *slog.Logger // default: discards
}

func (c Config) withDefaults() Config {
	if c.IssuerURL == "" {
		c.IssuerURL = "http://" + process.Reachable(c.IssuerAddr)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate reports the first invalid setting.
func (c Config) Validate() error {
	if c.Dir == "" {
		return errors.New("DATA is not set: want a folder")
	}
	for _, a := range []struct {
		name, addr string
		optional   bool
	}{{"S3_ADDR", c.S3Addr, false}, {"SQS_ADDR", c.SQSAddr, false}, {"ISSUER_ADDR", c.IssuerAddr, false},
		{"--cdn-addr", c.CDNAddr, true}, {"--faulty-s3-addr", c.FaultyS3Addr, true}, {"--faulty-sqs-addr", c.FaultySQSAddr, true}} {
		if a.optional && a.addr == "" {
			continue
		}
		if err := settings.ListenAddress(a.addr); err != nil {
			return settings.Named(a.name, err)
		}
	}
	if err := c.Origins.Validate(); err != nil {
		return settings.Named("ORIGINS", err)
	}
	if c.PurgeDelay < 0 {
		return fmt.Errorf("--purge-delay: %v is less than 0", c.PurgeDelay)
	}
	return c.Faults.Validate()
}

// HealthURLs returns the URLs that answer 200 when the servers are ready.
func (c Config) HealthURLs() []string {
	urls := []string{
		"http://" + process.Reachable(c.S3Addr) + fakes3.HealthPath,
		"http://" + process.Reachable(c.SQSAddr) + process.HealthPath,
		"http://" + process.Reachable(c.IssuerAddr) + process.HealthPath,
	}
	if c.CDNAddr != "" {
		urls = append(urls, "http://"+process.Reachable(c.CDNAddr)+process.HealthPath)
	}
	return urls
}

// QueueURL returns the URL of a queue for clients that reach SQS at endpoint.
func QueueURL(endpoint, queue string) string { return endpoint + "/" + Account + "/" + queue }

// stopTimeout is how long requests in progress may take when the process stops.
const stopTimeout = 5 * time.Second

// Run serves until ctx ends. Like [fakes3.Run], it changes the working directory and can run only once in a process.
func Run(ctx context.Context, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults()
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return folderError(dir, run(ctx, c, dir))
}

// run serves the data in dir until ctx ends.
func run(ctx context.Context, c Config, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// The queues come first: the lock on their file keeps a second process out of the folder.
	queues, err := fakesqs.Open(fakesqs.Config{BaseURL: "http://" + process.Reachable(c.SQSAddr), Region: Region, AccountID: Account, Path: filepath.Join(dir, "sqs.db"), Log: c.Log})
	if err != nil {
		return err
	}
	return errors.Join(serve(ctx, c, dir, queues), queues.Close())
}

// serve runs the three servers. If one fails, it stops the others. S3 stops first, so that an upload in progress can
// still send its event.
func serve(ctx context.Context, c Config, dir string, queues *fakesqs.Server) error {
	if err := ensureQueues(queues); err != nil {
		return err
	}
	tokens, err := issuer.New(issuer.Config{Issuer: c.IssuerURL, Audience: Audience, KeyFile: filepath.Join(dir, "issuer.key"), Origins: c.Origins})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+process.HealthPath, func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/", services(queues, fakedynamodb.New(c.Log, fakedynamodb.Table{Name: Quotas, Key: "key", TTL: "expires"})))

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopSQS, err := listen("SQS", "SQS_ADDR", c.SQSAddr, mux, cancel)
	if err != nil {
		return err
	}
	defer stopSQS()
	stopIssuer, err := listen("issuer", "ISSUER_ADDR", c.IssuerAddr, tokens, cancel)
	if err != nil {
		return err
	}
	defer stopIssuer()
	stopCDN, err := c.serveCDN(cancel)
	if err != nil {
		return err
	}
	defer stopCDN()
	context.AfterFunc(ctx, stopCDN)
	stopFaulty, err := c.serveFaulty(queues, cancel)
	if err != nil {
		return err
	}
	defer stopFaulty()
	// When S3 stops, it waits for its connections to end. The proxy would keep idle ones.
	context.AfterFunc(ctx, stopFaulty)

	err = fakes3.Run(ctx, fakes3.Config{
		Addr: c.S3Addr, Dir: filepath.Join(dir, "s3"), AccessKey: AccessKey, SecretKey: SecretKey, Region: Region,
		Buckets: []fakes3.Bucket{{Name: Uploads, Notify: true, Versioned: c.Versions, Origins: c.Origins},
			{Name: Variants, Versioned: c.Versions, Origins: c.Origins}},
		Notify: func(_ context.Context, _ string, event []byte) error {
			return queues.Send(Events, string(event))
		},
		Ready: c.Ready, Log: c.Log,
	})
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return errors.Join(cause, err)
	}
	return err
}

// services passes requests for DynamoDB to tables, and all others to queues.
func services(queues, tables http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), fakedynamodb.TargetPrefix) {
			tables.ServeHTTP(w, r)
			return
		}
		queues.ServeHTTP(w, r)
	})
}

// serveFaulty serves S3 and SQS with faults at their second addresses, if there are any. stop ends both.
func (c Config) serveFaulty(queues http.Handler, fail func(error)) (stop func(), err error) {
	proxy, transport := faults.Proxy(process.Reachable(c.S3Addr))
	stops := []func(){transport.CloseIdleConnections}
	stop = sync.OnceFunc(func() {
		for _, s := range slices.Backward(stops) {
			s()
		}
	})
	for _, s := range []struct {
		name, setting, addr string
		handler             http.Handler
	}{{"faulty S3", "--faulty-s3-addr", c.FaultyS3Addr, faults.S3(proxy, c.Faults)}, {"faulty SQS", "--faulty-sqs-addr", c.FaultySQSAddr, faults.SQS(queues, c.Faults)}} {
		if s.addr == "" {
			continue
		}
		stopServer, err := listen(s.name, s.setting, s.addr, s.handler, fail)
		if err != nil {
			stop()
			return nil, err
		}
		stops = append(stops, stopServer)
	}
	return stop, nil
}

// listen serves h at addr, which setting sets, until stop is called. It calls fail if serving fails.
func listen(name, setting, addr string, h http.Handler, fail func(error)) (stop func(), err error) {
	l, err := process.Listen(addr, setting)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// The context of requests ends when the server stops, so that a long poll does not delay it.
	requests, end := context.WithCancel(context.Background())
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return requests }}
	process.CloseUnused(srv)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fail(fmt.Errorf("%s: serve %s: %w", name, addr, err))
		}
	}()
	return func() {
		end()
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		if srv.Shutdown(ctx) != nil {
			srv.Close()
		}
		<-served
	}, nil
}
