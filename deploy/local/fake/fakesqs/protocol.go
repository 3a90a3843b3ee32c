package fakesqs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRequest is the largest request body in bytes. A full batch is 1 MiB of text, and JSON may take six bytes for a
// character.
const maxRequest = 8 << 20

const (
	targetPrefix = "AmazonSQS."
	contentType  = "application/x-amz-json-1.0"
)

// call is one request.
type call struct {
	*Server
	r *http.Request
	// undo, if not nil, reverts the operation if its response cannot be written.
	undo func() error
}

// operation decodes its input from JSON and returns its output.
type operation func(ctx context.Context, c *call, body []byte) (any, error)

// withInput returns an operation that calls f with the decoded input.
func withInput[In any](f func(ctx context.Context, c *call, in *In) (any, error)) operation {
	return func(ctx context.Context, c *call, body []byte) (any, error) {
		in := new(In)
		if len(bytes.TrimSpace(body)) > 0 {
			if err := json.Unmarshal(body, in); err != nil {
				return nil, malformed("The request body is not the JSON of this operation: %v", err)
			}
		}
		return f(ctx, c, in)
	}
}

// withQueueInput returns an operation that calls f with the name of the queue and the decoded input.
func withQueueInput[In any, P interface {
	*In
	url() *string
}](f func(ctx context.Context, c *call, name string, in *In) (any, error)) operation {
	return withInput(func(ctx context.Context, c *call, in *In) (any, error) {
		name, err := c.queueName(P(in).url())
		if err != nil {
			return nil, err
		}
		return f(ctx, c, name, in)
	})
}

var operations = map[string]operation{
	"CreateQueue":                  withInput(createQueue),
	"DeleteQueue":                  withQueueInput(deleteQueue),
	"ListQueues":                   withInput(listQueues),
	"GetQueueUrl":                  withInput(getQueueURL),
	"GetQueueAttributes":           withQueueInput(getQueueAttributes),
	"SetQueueAttributes":           withQueueInput(setQueueAttributes),
	"PurgeQueue":                   withQueueInput(purgeQueue),
	"ListDeadLetterSourceQueues":   withQueueInput(listDeadLetterSourceQueues),
	"TagQueue":                     withQueueInput(tagQueue),
	"UntagQueue":                   withQueueInput(untagQueue),
	"ListQueueTags":                withQueueInput(listQueueTags),
	"SendMessage":                  withQueueInput(sendMessage),
	"SendMessageBatch":             withQueueInput(sendMessageBatch),
	"ReceiveMessage":               withQueueInput(receiveMessage),
	"DeleteMessage":                withQueueInput(deleteMessage),
	"DeleteMessageBatch":           withQueueInput(deleteMessageBatch),
	"ChangeMessageVisibility":      withQueueInput(changeMessageVisibility),
	"ChangeMessageVisibilityBatch": withQueueInput(changeMessageVisibilityBatch),
	"StartMessageMoveTask":         withInput(startMessageMoveTask),
	"ListMessageMoveTasks":         withInput(listMessageMoveTasks),
	"CancelMessageMoveTask":        withInput(cancelMessageMoveTask),
}

// ServeHTTP answers one SQS request at any path. A long poll takes up to 20 seconds, so the timeouts of the
// [http.Server] must be longer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	w.Header().Set("X-Amzn-Requestid", newUUID())
	c := &call{Server: s, r: r}
	out, err := c.run(w, name)
	if r.Context().Err() != nil {
		c.undoReceive(r.Context().Err())
		return
	}
	if err != nil {
		e := asAPIError(err)
		if !e.sender() {
			s.cfg.Log.Error("sqs operation failed", "operation", name, "error", err)
		} else {
			s.cfg.Log.Debug("sqs operation refused", "operation", name, "code", e.code)
		}
		e.write(w)
		return
	}
	body, err := json.Marshal(out)
	if err == nil {
		err = writeJSON(w, http.StatusOK, body)
	}
	if err != nil {
		c.undoReceive(err)
		return
	}
	s.cfg.Log.Debug("sqs operation", "operation", name, "duration", time.Since(start))
}

// run reads the request and runs the operation that it names.
func (c *call) run(w http.ResponseWriter, name string) (any, error) {
	if c.r.Method != http.MethodPost {
		return nil, &apiError{shape: unmodelled + "InvalidHttpRequest", code: "InvalidHttpRequest",
			status: http.StatusMethodNotAllowed, message: "SQS operations are POST requests."}
	}
	do, ok := operations[name]
	if !ok || !strings.HasPrefix(c.r.Header.Get("X-Amz-Target"), targetPrefix) {
		return nil, &apiError{shape: unmodelled + "UnknownOperationException", code: "InvalidAction",
			message: "The header X-Amz-Target must name a supported operation of the JSON protocol, such as AmazonSQS.SendMessage."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxRequest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &apiError{shape: unmodelled + "RequestEntityTooLargeException", code: "RequestEntityTooLarge",
			status: http.StatusRequestEntityTooLarge, message: "The request body is larger than " + strconv.Itoa(maxRequest) + " bytes."}
	}
	if err != nil {
		return nil, malformed("The request body could not be read.")
	}
	return do(c.r.Context(), c, body)
}

// undoReceive makes messages receivable again whose response did not reach the client.
func (c *call) undoReceive(why error) {
	if c.undo == nil {
		return
	}
	if err := c.undo(); err != nil {
		c.cfg.Log.Warn("cannot undo a receive whose response was lost", "error", err)
		return
	}
	c.cfg.Log.Debug("messages made visible again: the client did not get the response", "cause", why)
}

// writeJSON sends and flushes a whole response, so that it sees a failed write.
func writeJSON(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// queueName returns the name of the queue in a queue URL. Only the path counts, because clients reach a server by
// several addresses.
func (c *call) queueName(queueURL *string) (string, error) {
	if queueURL == nil || *queueURL == "" {
		return "", missingParameter("QueueUrl")
	}
	_, path, _ := strings.Cut(*queueURL, "://")
	parts := strings.Split(path, "/")
	if len(parts) != 3 || parts[2] == "" {
		return "", plainError("InvalidAddress", "The address %s is not valid for this endpoint.", *queueURL)
	}
	if parts[1] != c.cfg.AccountID {
		return "", queueDoesNotExist()
	}
	return parts[2], nil
}

// seconds returns a duration parameter, or nil if it was not given.
func seconds(n *int32, parameter string, limit time.Duration) (*time.Duration, error) {
	if n == nil {
		return nil, nil
	}
	d := time.Duration(*n) * time.Second
	if d < 0 || d > limit {
		return nil, invalidValue(*n, parameter, outOfRange, 0, int(limit/time.Second))
	}
	return &d, nil
}
