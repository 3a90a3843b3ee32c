package faults

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"darkroom/worker/wait"
)

// S3 returns next with the faults of S3. An answer is lost only if S3 carried out a PUT, POST or DELETE. Bodies are
// stalled or truncated only in a GET of an object.
func S3(next http.Handler, c Config) http.Handler {
	if c.StallFor == 0 {
		c.StallFor = defaultStall
	}
	s := &s3{next: next, stallFor: c.StallFor, tally: newTally(), dice: newDice(c.Seed, streamS3, chance{Error, c.S3Error},
		chance{SlowDown, c.S3SlowDown}, chance{Stall, c.S3Stall}, chance{Truncate, c.S3Truncate}, chance{Lost, c.S3Lost})}
	return s.tally.handler(s, next, &s.refuses)
}

type s3 struct {
	next     http.Handler
	stallFor time.Duration
	tally    *tally
	dice     *dice
	refuses  refusal
}

func (s *s3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	object := ""
	if key != "" {
		object = bucket + "/" + key
	}
	operation := r.Method + " " + bucket
	s.tally.countRequest(operation)
	if now := s.refuses.applies(r, operation); now != nil {
		s.tally.countFault(Refused, object)
		refuse(w, r, now.Status, now.Code, "The request is refused.")
		return
	}
	a := &answer{ResponseWriter: w}
	switch kind := s.dice.roll(); {
	case kind == Error:
		s.tally.countFault(kind, object)
		refuse(w, r, http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
		return
	case kind == SlowDown:
		s.tally.countFault(kind, object)
		refuse(w, r, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
		return
	case (kind == Stall || kind == Truncate) && r.Method == http.MethodGet && object != "":
		a.half = func() error {
			s.tally.countFault(kind, object)
			http.NewResponseController(w).Flush() // the first half must reach the client
			if kind == Stall {
				_ = wait.For(r.Context(), s.stallFor) // ends early if the client disconnects
			}
			return errCut
		}
	case kind == Lost && r.Method != http.MethodGet && r.Method != http.MethodHead:
		a.withhold = true
	}
	s.next.ServeHTTP(a, r)
	done := a.status >= 200 && a.status < 300
	if done && r.Method == http.MethodPut && object != "" {
		s.tally.countStored(object)
	}
	if a.withhold && done {
		s.tally.countFault(Lost, object)
		panic(http.ErrAbortHandler)
	}
}

// refuse answers with an error in the form of S3:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	io.Copy(io.Discard, r.Body) // S3 reads the body too; a client that is still sending would see a cut connection
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead && code != "" {
		fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>",
			code, message)
	}
}

var errCut = errors.New("connection cut on purpose")

// answer passes on a response: all of it, half of its body or, if it reports success, nothing.
type answer struct {
	http.ResponseWriter
	status   int
	withhold bool
	half     func() error // called after half of the body; nil to pass on all of it
	left     int64        // bytes until half is called
}

func (a *answer) WriteHeader(status int) {
	if status < 200 { // informational, such as 100 Continue
		a.ResponseWriter.WriteHeader(status)
		return
	}
	a.status = status
	size, err := strconv.ParseInt(a.Header().Get("Content-Length"), 10, 64)
	if err != nil || size < 2 || status >= 300 {
		a.half = nil // nothing to cut in half
	}
	a.left = size / 2
	a.withhold = a.withhold && status < 300
	if !a.withhold {
		a.ResponseWriter.WriteHeader(status)
	}
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.withhold {
		return len(b), nil
	}
	if a.half == nil || int64(len(b)) < a.left {
		a.left -= int64(len(b))
		return a.ResponseWriter.Write(b)
	}
	n, err := a.ResponseWriter.Write(b[:a.left])
	if err == nil {
		err = a.half()
	}
	return n, err
}

// Flush implements [http.Flusher].
func (a *answer) Flush() {
	if !a.withhold {
		http.NewResponseController(a.ResponseWriter).Flush()
	}
}
