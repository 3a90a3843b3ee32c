// Package fakedynamodb emulates the part of Amazon DynamoDB that Darkroom uses, for development and tests: UpdateItem,
// over the JSON protocol of current AWS SDKs, as an [http.Handler]. Updates are atomic, and conditions, returned
// values, the checksum of answers and the error codes are DynamoDB's.
//
// It differs from DynamoDB:
//   - Tables are those that the program names, and are in memory: a restart empties them.
//   - Values are strings and whole numbers. A key is one string.
//   - Expressions have SET of a value, ADD, REMOVE, comparisons, attribute_exists, attribute_not_exists, AND, OR, NOT and
//     parentheses. Paths are names of attributes, and reserved words are accepted.
//   - Expired items are removed within an hour, not within days.
//   - No request is authenticated, and none is throttled.
package fakedynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// TargetPrefix begins the header X-Amz-Target of every request to DynamoDB. A server of several services can tell by it
// which one a request is for.
const TargetPrefix = "DynamoDB_20120810."

const (
	contentType = "application/x-amz-json-1.0"
	// maxRequest is the largest request body in bytes: the 400 KB of an item, and its expressions.
	maxRequest = 1 << 20
)

// Table describes a table.
type Table struct {
	Name string
	Key  string // name of the partition key, a string
	TTL  string // name of the attribute with the second since 1970 at which an item expires; empty for none
}

// Server is a running emulator. Several goroutines may use it at once.
type Server struct {
	tables map[string]*table
	log    *slog.Logger
}

// New returns a server with these tables. A nil log discards.
func New(log *slog.Logger, tables ...Table) *Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{tables: map[string]*table{}, log: log}
	for _, t := range tables {
		s.tables[t.Name] = &table{Table: t, items: map[string]attributes{}}
	}
	return s
}

// ServeHTTP answers one request at any path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation, known := strings.CutPrefix(r.Header.Get("X-Amz-Target"), TargetPrefix)
	out, err := s.run(w, r, operation, known)
	status := http.StatusOK
	var body []byte
	if refused, ok := errors.AsType[*apiError](err); ok {
		status, body = http.StatusBadRequest, refused.json()
		s.log.Debug("dynamodb operation refused", "operation", operation, "error", err)
	} else if body, err = json.Marshal(out); err != nil {
		status, body = http.StatusInternalServerError, (&apiError{shape: coral + "InternalServerError", message: "Internal server error"}).json()
		s.log.Error("dynamodb operation failed", "operation", operation, "error", err)
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	w.Write(body) // an error here means that the client has gone
}

func (s *Server) run(w http.ResponseWriter, r *http.Request, operation string, known bool) (any, error) {
	if r.Method != http.MethodPost || !known || operation != "UpdateItem" {
		return nil, &apiError{shape: coral + "UnknownOperationException"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, &apiError{shape: coral + "SerializationException", message: "The request body could not be read."}
	}
	var in updateInput
	if err := json.Unmarshal(body, &in); err != nil {
		if refused, ok := errors.AsType[*apiError](err); ok { // the error is in a value
			return nil, refused
		}
		return nil, &apiError{shape: coral + "SerializationException", message: err.Error()}
	}
	t, ok := s.tables[in.TableName]
	if !ok {
		return nil, &apiError{shape: dynamo + "ResourceNotFoundException", message: "Requested resource not found"}
	}
	return t.update(&in, time.Now())
}

// Namespaces of the types of errors.
const (
	coral    = "com.amazon.coral.service#"
	validate = "com.amazon.coral.validate#"
	dynamo   = "com.amazonaws.dynamodb.v20120810#"
)

// apiError is an error in the form of DynamoDB.
type apiError struct {
	shape, message string
	item           attributes // sent with ConditionalCheckFailedException, if the client asked for it
}

func (e *apiError) Error() string { return e.shape + ": " + e.message }

func (e *apiError) json() []byte {
	b, err := json.Marshal(struct {
		Type    string     `json:"__type"`
		Message string     `json:"message,omitempty"`
		Item    attributes `json:",omitempty"`
	}{e.shape, e.message, e.item})
	if err != nil {
		panic(err) // strings always marshal
	}
	return b
}

// invalid returns a ValidationException.
func invalid(format string, args ...any) error {
	return &apiError{shape: validate + "ValidationException", message: fmt.Sprintf(format, args...)}
}
