package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

// SQS returns next, which speaks the JSON protocol of SQS, with the faults of SQS. Only operations that change
// something lose their answer. A receive loses it only if it has messages: they are then in flight, but no client has
// them.
func SQS(next http.Handler, c Config) http.Handler {
	s := &sqs{next: next, tally: newTally(), dice: newDice(c.Seed, streamSQS,
		chance{Error, c.SQSError}, chance{Partial, c.SQSPartial}, chance{Lost, c.SQSLost})}
	return s.tally.handler(s, next, &s.refuses)
}

type sqs struct {
	next    http.Handler
	tally   *tally
	dice    *dice
	refuses refusal
}

func (s *sqs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	s.tally.countRequest(operation)
	if now := s.refuses.applies(r, operation); now != nil {
		s.tally.countFault(Refused, "")
		refuseSQS(w, r, now.Status, now.Code, "The request is refused.")
		return
	}
	switch kind := s.dice.roll(); {
	case kind == Error:
		s.tally.countFault(kind, "")
		refuseSQS(w, r, http.StatusInternalServerError, "InternalFailure", "The request failed for an unknown reason.")
	case kind == Partial && strings.HasSuffix(operation, "Batch"):
		s.failPartially(w, r)
	case kind == Lost && changes(operation):
		a := &recorded{header: http.Header{}}
		s.next.ServeHTTP(a, r)
		if a.status != http.StatusOK || operation == "ReceiveMessage" && !bytes.Contains(a.body.Bytes(), []byte(`"ReceiptHandle"`)) {
			a.replay(w)
			return
		}
		s.tally.countLost(operation)
		panic(http.ErrAbortHandler)
	default:
		s.next.ServeHTTP(w, r)
	}
}

// refuseSQS answers with an error in the form of SQS.
func refuseSQS(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	io.Copy(io.Discard, r.Body)
	fault := "Sender"
	if status >= 500 {
		fault = "Receiver"
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Query-Error", code+";"+fault)
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":"com.amazon.coral.service#%s","message":%q}`, code, message)
}

// changes reports whether an operation changes a queue.
func changes(operation string) bool {
	return !strings.HasPrefix(operation, "Get") && !strings.HasPrefix(operation, "List")
}

// failedEntry is an entry of a batch that failed:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_BatchResultErrorEntry.html
type failedEntry struct {
	ID          json.RawMessage `json:"Id"`
	SenderFault bool
	Code        string
	Message     string
}

// failPartially fails the last entry of a batch, which has no effect, and passes on the others. Which entry fails does not
// matter, because clients order the entries as they like.
func (s *sqs) failPartially(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	var batch map[string]json.RawMessage
	var entries []map[string]json.RawMessage
	if json.Unmarshal(body, &batch) != nil || json.Unmarshal(batch["Entries"], &entries) != nil || len(entries) == 0 {
		s.next.ServeHTTP(w, withBody(r, body)) // the server answers with an error
		return
	}
	last := len(entries) - 1
	out := map[string][]json.RawMessage{}
	if last > 0 {
		rest := maps.Clone(batch)
		rest["Entries"] = encode(entries[:last])
		a := &recorded{header: http.Header{}}
		s.next.ServeHTTP(a, withBody(r, encode(rest)))
		if a.status != http.StatusOK || json.Unmarshal(a.body.Bytes(), &out) != nil {
			a.replay(w)
			return
		}
	}
	s.tally.countFault(Partial, "")
	out["Failed"] = append(out["Failed"], encode(failedEntry{ID: entries[last]["Id"], Code: "InternalError",
		Message: "The entry failed for an unknown reason."}))
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Write(encode(out))
}

// encode cannot fail: v was decoded from JSON.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// withBody returns the request with another body.
func withBody(r *http.Request, body []byte) *http.Request {
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r
}

// recorded is an answer that is recorded.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recorded) Header() http.Header { return a.header }

func (a *recorded) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorded) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// replay passes on the recorded answer, if there is one: the client may have disconnected.
func (a *recorded) replay(w http.ResponseWriter) {
	if a.status == 0 {
		return
	}
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	w.Write(a.body.Bytes())
}
