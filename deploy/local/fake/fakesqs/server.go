// Package fakesqs emulates Amazon SQS for development and tests. It serves standard queues over the JSON protocol of
// current AWS SDKs and the AWS CLI as an [http.Handler]. A program can also create queues and send messages in process.
//
// Like SQS, it has visibility timeouts and their limits, receive counts, delays, retention, long polls, batches with a
// failure per entry, dead-letter queues and their redrive, message attributes with the digests that SDKs check, fair
// queues, and SQS's error codes. If Config.Path names a file, queues and messages survive a restart and a kill of the
// process. All messages are kept in memory as well.
//
// It differs from SQS:
//   - No request is authenticated, and queue policies have no effect. Listen on an address that only trusted programs
//     can reach.
//   - FIFO queues, the query (XML) protocol, AddPermission and RemovePermission are not supported.
//   - Short polls see every message and counts are exact. A message is delivered twice only if its visibility timeout
//     ends.
//   - The thresholds of fair queues are exact. A restart forgets which groups were noisy.
//   - A deleted queue's name can be used again at once.
package fakesqs

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"

	"darkroom/worker/settings"
)

// Config configures the server. A zero field stands for its default.
type Config struct {
	BaseURL   string       // start of queue URLs for requests without a Host header; default http://127.0.0.1:9324
	Region    string       // region in ARNs; default us-east-1
	AccountID string       // 12 digits, in ARNs and queue URLs; default 000000000000
	Path      string       // file of the queues and messages; default: they are kept in memory only
	Log       *slog.Logger // default: discards
}

func (c Config) withDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = "http://127.0.0.1:9324"
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.AccountID == "" {
		c.AccountID = "000000000000"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

var (
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	regionForm  = regexp.MustCompile(`^[a-z0-9-]+$`)
)

// Validate reports every invalid field of c, after its defaults are filled in.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	if u, err := settings.HTTPURL(c.BaseURL); err != nil || u.Path != "" {
		errs = append(errs, fmt.Errorf("base URL %q: want http://host:port", c.BaseURL))
	}
	if !accountForm.MatchString(c.AccountID) {
		errs = append(errs, fmt.Errorf("account id %q: want 12 digits", c.AccountID))
	}
	if !regionForm.MatchString(c.Region) {
		errs = append(errs, fmt.Errorf("region %q: want letters, digits and hyphens", c.Region))
	}
	return errors.Join(errs...)
}

// Server is a running emulator. Several goroutines may use it at once.
type Server struct {
	cfg  Config
	core *core
}

// Open starts a server with the queues and messages in the file at c.Path, which it creates if there is none. One
// process at a time can open a file.
func Open(c Config) (*Server, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("sqs: %w", err)
	}
	c = c.withDefaults()
	core, err := openCore(c.Region, c.AccountID, c.Path, c.Log)
	if err != nil {
		return nil, fmt.Errorf("sqs: %w", err)
	}
	return &Server{cfg: c, core: core}, nil
}

// Close ends long polls, which then return no messages, and closes the file. Later requests fail with
// ServiceUnavailable.
func (s *Server) Close() error {
	if err := s.core.close(); err != nil {
		return fmt.Errorf("sqs: %w", err)
	}
	return nil
}

// Send sends a message with the queue's delay. The message is on file when Send returns nil.
func (s *Server) Send(queueName, body string) error {
	d, err := (&sendInput{MessageBody: &body}).draft()
	if err == nil {
		var refused []error
		if _, refused, err = s.core.send(queueName, []draft{d}); err == nil {
			err = refused[0]
		}
	}
	if err != nil {
		return fmt.Errorf("sqs: send to queue %s: %w", queueName, err)
	}
	return nil
}

// EnsureQueue creates a queue, or sets these attributes of an existing queue. Names and values are those of the SQS
// operations CreateQueue and SetQueueAttributes. A dead-letter queue must exist before a RedrivePolicy names it.
func (s *Server) EnsureQueue(name string, attributes map[string]string) error {
	if err := s.core.createQueue(name, attributes, nil, true); err != nil {
		return fmt.Errorf("sqs: queue %s: %w", name, err)
	}
	return nil
}

// QueueARN returns the ARN of a queue with this name, for a RedrivePolicy.
func (s *Server) QueueARN(name string) string { return s.core.arn(name) }

// queueURL returns the URL of a queue at the address that the client used to reach this server.
func (s *Server) queueURL(r *http.Request, name string) string {
	base := s.cfg.BaseURL
	if r.Host != "" {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		base = scheme + r.Host
	}
	return base + "/" + s.cfg.AccountID + "/" + name
}
