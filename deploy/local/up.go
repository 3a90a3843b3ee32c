package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/local/demo"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/origin"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/worker/photo"
)

type upCommand struct {
	Data        string         `placeholder:"DIR" help:"Folder for the data, which is kept. Default: a temporary folder, removed at the end."`
	APIPort     int            `name:"api-port" placeholder:"PORT" help:"Port of the board page and the API. Default: 8080, or any free port if it is taken. The same applies to the other ports."`
	IssuerPort  int            `placeholder:"PORT" help:"Port of the token issuer. Default: 8081."`
	S3Port      int            `name:"s3-port" placeholder:"PORT" help:"Port of S3. Default: 9000."`
	SQSPort     int            `name:"sqs-port" placeholder:"PORT" help:"Port of SQS. Default: 9324."`
	MetricsPort int            `placeholder:"PORT" help:"Port of the first worker's metrics and health. Default: 9102."`
	Origins     []string       `name:"origin" placeholder:"ORIGIN" help:"Origins of other pages that may use the system, such as http://localhost:3000. Default: only the board page."`
	Workers     int            `default:"1" placeholder:"N" help:"Number of worker processes."`
	Bin         string         `placeholder:"DIR" help:"Folder with the built programs token-lambda and worker. Default: build them first, with the go command."`
	Quotas      string         `placeholder:"JSON" help:"Quotas of boards and users, as QUOTAS of token-lambda: {\"board\": {\"photosPerMinute\": 60}}. Default: none."`
	Damaged     string         `default:"reject" enum:"reject,accept" placeholder:"POLICY" help:"What the workers do with damaged files: reject them, or accept them and show what can be read."`
	Keep        string         `placeholder:"LIST" help:"What variants keep of the words in a photo, as KEEP of the worker: copyright, creator, credit and description. Default: nothing."`
	Versions    bool           `help:"Turn on the versioning of both buckets, as deploy/aws does. A data folder that has versions keeps them."`
	Verbose     bool           `short:"v" help:"Show every log line of the processes, not only warnings and errors."`
	Faults      *faults.Config `placeholder:"FAULTS" help:"Make S3 and SQS fail at random for workers and uploads, such as seed=1,s3-5xx=5%,s3-slowdown=5%,s3-stall=1%,s3-truncate=1%,s3-lost=1%,sqs-5xx=1%,sqs-partial=1%,sqs-lost=1%,stall-for=30s. Default: no faults."`
	CDN         bool           `name:"cdn" help:"Serve the variants through a CDN with cache tags, as PublicVariants does on AWS. The workers purge removed photos from it."`
	Demo        bool           `help:"Send sample photos through the system, check the results, and stop."`
}

// Validate reports the first invalid setting.
func (c *upCommand) Validate() error {
	if c.Workers < 1 {
		return fmt.Errorf("--workers: %d is less than 1", c.Workers)
	}
	if err := origin.List(c.Origins).Validate(); err != nil {
		return err
	}
	return c.ports().Validate()
}

func (c *upCommand) ports() stack.Ports {
	return stack.Ports{API: c.APIPort, Issuer: c.IssuerPort, S3: c.S3Port, SQS: c.SQSPort, Metrics: c.MetricsPort}
}

// Run starts the system and keeps it running until ctx ends, a process fails, or the demo is over.
func (c *upCommand) Run(ctx context.Context) (err error) {
	data := c.Data
	if data == "" {
		if data, err = os.MkdirTemp("", "darkroom-"); err != nil {
			return fmt.Errorf("create a data folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	s, err := stack.Start(ctx, stack.Config{
		Data: data, Self: self, Bin: c.Bin, Workers: c.Workers, Verbose: c.Verbose, Out: os.Stderr, Faults: c.Faults,
		CDN: c.CDN, PurgeDelay: purgeDelay,
		Ports: c.ports(), Observed: true, Origins: c.Origins, Quotas: c.Quotas, Versions: c.Versions, WorkerEnv: []string{"DAMAGED=" + c.Damaged, "KEEP=" + c.Keep},
	})
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted before the system was ready")
		}
		return err
	}
	defer func() {
		fmt.Fprintln(os.Stderr, "stopping")
		err = errors.Join(err, s.Stop())
	}()
	withdraw, err := s.Publish()
	if err != nil {
		// The system runs without it, but upload and token then need their address flags.
		fmt.Fprintln(os.Stderr, "warning:", err)
	} else {
		defer withdraw()
	}
	if c.Demo {
		return demonstrate(ctx, s)
	}
	welcome(os.Stdout, s.Addresses, c.Data == "")
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.Failed():
		return err
	}
}

// demonstrate runs the demo, and interrupts it if a process of the system fails.
func demonstrate(ctx context.Context, s *stack.Stack) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	over := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case err := <-s.Failed():
			cancel(err)
		case <-over:
		}
	}()
	defer func() { <-watched }()
	defer close(over)
	cl, err := client.New(client.Config{
		API: s.API, Board: demoBoard,
		Tokens: &tokens.Source{URL: s.Issuer, Subject: "demo", Boards: []string{string(demoBoard)}},
	})
	if err != nil {
		return err
	}
	return demo.Run(ctx, demo.Config{Client: cl, Out: os.Stdout})
}

const demoBoard photo.Board = "demo"

// purgeDelay is how long a purge from the CDN takes. CloudFront's purges take effect in less than 5 s and are reported
// as complete later: https://aws.amazon.com/about-aws/whats-new/2026/04/cloudfront-invalidation-cache-tag/
const purgeDelay = 5 * time.Second

// welcome prints the addresses of the parts and how to use the system.
func welcome(w io.Writer, a stack.Addresses, temporary bool) {
	kept := ""
	if temporary {
		kept = "  (removed when the system stops; use --data to keep it)"
	}
	cdn := ""
	if a.CDN != "" {
		cdn = fmt.Sprintf("\n  CDN      %s  (serves the variants)", a.CDN)
	}
	fmt.Fprintf(w, `
Darkroom is running. The board is at

  %s/

The parts are at:

  API      %s
  issuer   %s  (gives a token to anyone: for development only)
  S3       %s  (access key %s, secret key %s)
  SQS      %s%s
  worker   %s  (status page; also /metrics, /healthz and /readyz)
  metrics  %s of the API, %s of the queue (at /metrics)
  data     %s%s

From another terminal:

  go run ./deploy/local upload PHOTO|DIR...

or with curl:

  TOKEN=$(go run ./deploy/local token)
  curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
    -d '{"contentType":"image/jpeg","contentLength":123456}' %s/v1/boards/%s/uploads

Press Ctrl-C to stop.

`, a.API, a.API, a.Issuer, a.S3, fake.AccessKey, fake.SecretKey, a.SQS, cdn, strings.Join(a.Workers, ", "), a.APIMetrics, a.Watch, a.Data, kept, a.API, demoBoard)
}
