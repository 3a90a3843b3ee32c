// Package fakesqs is a local stand-in for Amazon SQS: standard queues over the JSON protocol that current AWS SDKs and the
// AWS CLI speak, as an [http.Handler], with an in-process API for a program that feeds queues itself.
//
// What a consumer builds on is as in SQS: visibility timeouts and their limits, receive counts, delays, retention,
// long polls, batches with failures by entry, dead-letter queues and their redrive, message attributes with the
// digests that SDKs check, and the error codes. Queues and messages survive a restart and a kill of the process when
// Config.Path names a file. All messages are held in memory as well.
//
// What differs from SQS:
//   - No request is authenticated, and queue policies are stored without effect. Listen on an address that only
//     trusted programs reach.
//   - FIFO queues, the query (XML) protocol, AddPermission and RemovePermission are not supported.
//   - Receives see every message, and the counts are exact: there are no sampled short polls, and a message comes
//     twice only when its visibility timeout ends.
//   - A deleted queue's name can be used again at once.
package fakesqs

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
)

// Config says what the server is. The zero value of an optional field means its default.
type Config struct {
	BaseURL   string       // begins the queue URLs of requests without a Host header; default http://127.0.0.1:9324
	Region    string       // in ARNs; default us-east-1
	AccountID string       // 12 digits, in ARNs and queue URLs; default 000000000000
	Path      string       // the file that keeps queues and messages; default none: they live in memory
	Log       *slog.Logger // default: no log
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

// Validate reports what is wrong with c, its defaults filled in.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	if u, err := url.Parse(c.BaseURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" {
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

// Server is a running emulator. Its methods may be called by several goroutines at once.
type Server struct {
	cfg  Config
	core *core
}

// Open starts a server on what the file at c.Path holds, creating it where there is none. Only one process can have a
// file open.
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

// Close ends long polls, which return no messages, and closes the file. Later requests fail with ServiceUnavailable.
func (s *Server) Close() error {
	if err := s.core.close(); err != nil {
		return fmt.Errorf("sqs: %w", err)
	}
	return nil
}

// Send puts a message in a queue, with the queue's delay. When it returns nil the message is on file.
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

// EnsureQueue creates a queue, or gives an existing one these attributes and leaves it the others. Names and values
// are those of the SQS operations CreateQueue and SetQueueAttributes. A dead-letter queue must exist before the queue
// whose RedrivePolicy names it.
func (s *Server) EnsureQueue(name string, attributes map[string]string) error {
	if err := s.core.create(name, attributes, nil, true); err != nil {
		return fmt.Errorf("sqs: queue %s: %w", name, err)
	}
	return nil
}

// QueueARN returns the ARN that a queue of this name has, for a RedrivePolicy.
func (s *Server) QueueARN(name string) string { return s.core.arn(name) }

// queueURL returns the URL of a queue, at the address by which the client reached this server.
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
