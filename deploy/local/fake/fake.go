// Package fake is what Darkroom needs of AWS, in one process on one machine: S3 with the two buckets, SQS with the
// queue and its dead-letter queue, the notification that leads from one to the other, and a development token issuer.
//
// The data folder holds s3/ (objects), sqs.db (queues) and issuer.key. One process at a time can use it.
// Keys, names and limits are constants, not secrets: whoever reaches the ports may do everything.
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
	"sync"
	"time"

	"darkroom/deploy/local/fake/fakes3"
	"darkroom/deploy/local/fake/fakesqs"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/fake/issuer"
	"darkroom/worker/process"
)

// What the clients have to know.
const (
	Region      = "us-east-1"
	AccessKey   = "darkroom"
	SecretKey   = "darkroom-local"
	Account     = "000000000000"
	Uploads     = "darkroom-uploads"
	Variants    = "darkroom-variants"
	Queue       = "darkroom-photos"
	DeadLetters = "darkroom-photos-dlq"
	Audience    = "darkroom" // of the issuer's tokens
)

// Attributes of the queues:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const (
	maxReceiveCount = 5
	visibility      = "60"      // seconds; a worker extends it while it works
	longPoll        = "20"      // seconds, the longest there is
	retention       = "1209600" // seconds: 14 days, the longest there is
)

// Config says where to listen and where to keep the data.
type Config struct {
	Dir        string // data folder; made if absent
	S3Addr     string // host:port to listen on, as the next two
	SQSAddr    string
	IssuerAddr string
	IssuerURL  string // the iss claim of tokens; default http:// and IssuerAddr
	// FaultyS3Addr and FaultySQSAddr are where the same S3 and SQS listen once more, with Faults. Empty: nowhere.
	FaultyS3Addr, FaultySQSAddr string
	Faults                      faults.Config
	Ready                       func()       // called once, when all three answer; may be nil
	Log                         *slog.Logger // default discards
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

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	if c.Dir == "" {
		return errors.New("no data folder")
	}
	addrs := map[string]string{"S3": c.S3Addr, "SQS": c.SQSAddr, "issuer": c.IssuerAddr}
	if c.FaultyS3Addr != "" {
		addrs["faulty S3"] = c.FaultyS3Addr
	}
	if c.FaultySQSAddr != "" {
		addrs["faulty SQS"] = c.FaultySQSAddr
	}
	for name, addr := range addrs {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("%s address: %w", name, err)
		}
	}
	return c.Faults.Validate()
}

// HealthURLs answer 200 when the servers of c are ready.
func (c Config) HealthURLs() []string {
	return []string{
		"http://" + process.Reachable(c.S3Addr) + fakes3.HealthPath,
		"http://" + process.Reachable(c.SQSAddr) + process.HealthPath,
		"http://" + process.Reachable(c.IssuerAddr) + process.HealthPath,
	}
}

// QueueURL is the URL of a queue for clients that reach SQS at endpoint.
func QueueURL(endpoint, queue string) string { return endpoint + "/" + Account + "/" + queue }

const (
	stopTimeout = 5 * time.Second // for requests under way when the process is told to stop
)

// Run serves until ctx ends. It takes the working directory of the process with it and runs once in a process, as
// S3 does: see [fakes3.Run].
func Run(ctx context.Context, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults()
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	// First of all, since its file lock is what keeps a second process away from the folder.
	queues, err := fakesqs.Open(fakesqs.Config{BaseURL: "http://" + process.Reachable(c.SQSAddr), Region: Region, AccountID: Account, Path: filepath.Join(dir, "sqs.db"), Log: c.Log})
	if err != nil {
		return fmt.Errorf("data folder %s: %w", dir, err)
	}
	return errors.Join(serve(ctx, c, dir, queues), queues.Close())
}

// serve runs the three servers. When one fails the others are stopped. S3 stops first: an upload that it finishes
// still sends its event.
func serve(ctx context.Context, c Config, dir string, queues *fakesqs.Server) error {
	if err := ensureQueues(queues); err != nil {
		return err
	}
	tokens, err := issuer.New(issuer.Config{Issuer: c.IssuerURL, Audience: Audience, KeyFile: filepath.Join(dir, "issuer.key")})
	if err != nil {
		return err
	}
	withHealth := http.NewServeMux()
	withHealth.HandleFunc("GET "+process.HealthPath, func(http.ResponseWriter, *http.Request) {})
	withHealth.Handle("/", queues)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopSQS, err := listen("SQS", c.SQSAddr, withHealth, cancel)
	if err != nil {
		return err
	}
	defer stopSQS()
	stopIssuer, err := listen("issuer", c.IssuerAddr, tokens, cancel)
	if err != nil {
		return err
	}
	defer stopIssuer()
	stopFaulty, err := c.serveFaulty(queues, cancel)
	if err != nil {
		return err
	}
	defer stopFaulty()
	// S3 waits for its connections to end, and the proxy keeps some for the next request.
	context.AfterFunc(ctx, stopFaulty)

	err = fakes3.Run(ctx, fakes3.Config{
		Addr: c.S3Addr, Dir: filepath.Join(dir, "s3"), AccessKey: AccessKey, SecretKey: SecretKey, Region: Region,
		Buckets: []fakes3.Bucket{{Name: Uploads, Notify: true, CORS: true}, {Name: Variants, CORS: true}},
		Notify: func(_ context.Context, _ string, event []byte) error {
			return queues.Send(Queue, string(event))
		},
		Ready: c.Ready, Log: c.Log,
	})
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return errors.Join(cause, err)
	}
	return err
}

// serveFaulty serves S3 and SQS with faults where that is asked for. The function that it returns ends both.
func (c Config) serveFaulty(queues http.Handler, fail func(error)) (stop func(), err error) {
	proxy, transport := faults.Proxy(process.Reachable(c.S3Addr))
	ends := []func(){transport.CloseIdleConnections}
	all := sync.OnceFunc(func() {
		for _, end := range slices.Backward(ends) {
			end()
		}
	})
	for _, s := range []struct {
		name, addr string
		handler    http.Handler
	}{{"faulty S3", c.FaultyS3Addr, faults.S3(proxy, c.Faults)}, {"faulty SQS", c.FaultySQSAddr, faults.SQS(queues, c.Faults)}} {
		if s.addr == "" {
			continue
		}
		end, err := listen(s.name, s.addr, s.handler, fail)
		if err != nil {
			all()
			return nil, err
		}
		ends = append(ends, end)
	}
	return all, nil
}

func ensureQueues(queues *fakesqs.Server) error {
	if err := queues.EnsureQueue(DeadLetters, map[string]string{"MessageRetentionPeriod": retention}); err != nil {
		return err
	}
	return queues.EnsureQueue(Queue, map[string]string{
		"VisibilityTimeout":             visibility,
		"ReceiveMessageWaitTimeSeconds": longPoll,
		"MessageRetentionPeriod":        retention,
		"RedrivePolicy":                 fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, queues.QueueARN(DeadLetters), maxReceiveCount),
	})
}

// listen serves h at addr until stop is called. A failure while serving is told to fail.
func listen(name, addr string, h http.Handler, fail func(error)) (stop func(), err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// Requests end with this context, so that a long poll does not hold up the stop.
	requests, end := context.WithCancel(context.Background())
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return requests }}
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
