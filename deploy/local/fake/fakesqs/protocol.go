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

// maxRequest bounds a request body: a full batch is 1 MiB of text, and JSON may write a character in six bytes.
const maxRequest = 8 << 20

const (
	targetPrefix = "AmazonSQS."
	contentType  = "application/x-amz-json-1.0"
)

// call is one request on its way through an operation.
type call struct {
	*Server
	r *http.Request
	// undo, if set, takes the operation back when its response cannot be written.
	undo func() error
}

// operation decodes its input from JSON and returns what to answer with.
type operation func(ctx context.Context, c *call, body []byte) (any, error)

// op makes an operation of a function on the decoded input.
func op[In any](f func(ctx context.Context, c *call, in *In) (any, error)) operation {
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

// onQueue makes an operation of a function on a queue, by its name, and the decoded input.
func onQueue[In any, P interface {
	*In
	url() *string
}](f func(ctx context.Context, c *call, name string, in *In) (any, error)) operation {
	return op(func(ctx context.Context, c *call, in *In) (any, error) {
		name, err := c.queueIn(P(in).url())
		if err != nil {
			return nil, err
		}
		return f(ctx, c, name, in)
	})
}

var operations = map[string]operation{
	"CreateQueue":                  op(createQueue),
	"DeleteQueue":                  onQueue(deleteQueue),
	"ListQueues":                   op(listQueues),
	"GetQueueUrl":                  op(getQueueURL),
	"GetQueueAttributes":           onQueue(getQueueAttributes),
	"SetQueueAttributes":           onQueue(setQueueAttributes),
	"PurgeQueue":                   onQueue(purgeQueue),
	"ListDeadLetterSourceQueues":   onQueue(listDeadLetterSourceQueues),
	"TagQueue":                     onQueue(tagQueue),
	"UntagQueue":                   onQueue(untagQueue),
	"ListQueueTags":                onQueue(listQueueTags),
	"SendMessage":                  onQueue(sendMessage),
	"SendMessageBatch":             onQueue(sendMessageBatch),
	"ReceiveMessage":               onQueue(receiveMessage),
	"DeleteMessage":                onQueue(deleteMessage),
	"DeleteMessageBatch":           onQueue(deleteMessageBatch),
	"ChangeMessageVisibility":      onQueue(changeMessageVisibility),
	"ChangeMessageVisibilityBatch": onQueue(changeMessageVisibilityBatch),
	"StartMessageMoveTask":         op(startMessageMoveTask),
	"ListMessageMoveTasks":         op(listMessageMoveTasks),
	"CancelMessageMoveTask":        op(cancelMessageMoveTask),
}

// ServeHTTP answers one SQS request, at any path. A long poll takes up to 20 seconds, which the timeouts of the
// [http.Server] around it must allow.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	w.Header().Set("X-Amzn-Requestid", newUUID())
	c := &call{Server: s, r: r}
	out, err := c.run(w, name)
	if r.Context().Err() != nil {
		c.takeBack(r.Context().Err())
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
		c.takeBack(err)
		return
	}
	s.cfg.Log.Debug("sqs operation", "operation", name, "duration", time.Since(start))
}

// run reads the request and runs the operation it names.
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

// takeBack undoes an operation whose response did not reach the client.
func (c *call) takeBack(why error) {
	if c.undo == nil {
		return
	}
	if err := c.undo(); err != nil {
		c.cfg.Log.Warn("a receive whose response was lost could not be undone", "error", err)
		return
	}
	c.cfg.Log.Debug("messages released: the client did not get the response", "cause", why)
}

// writeJSON sends a whole response, so that a write that fails is seen here.
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

// queueIn returns the name of the queue that a queue URL points at. Only the path counts, since a server is reached by
// several addresses.
func (c *call) queueIn(queueURL *string) (string, error) {
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

// seconds checks a duration parameter; nil where it was not given.
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
