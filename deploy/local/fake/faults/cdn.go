package faults

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// CDN returns next, which serves variants and the API of CloudFront, with the faults of that API. Variants are served
// without faults and are not counted.
func CDN(next http.Handler, c Config) http.Handler {
	f := &cdn{next: next, tally: newTally(), dice: newDice(c.Seed, streamCDN, chance{Error, c.CDNError}, chance{Busy, c.CDNBusy}, chance{Skip, c.CDNSkip})}
	return f.tally.handler(f, next, &f.refuses)
}

type cdn struct {
	next    http.Handler
	tally   *tally
	dice    *dice
	refuses refusal
}

// invalidations is in the path of each request about purges.
const invalidations = "/invalidation"

// tag is an item of an InvalidationBatch that is a cache tag.
var tag = regexp.MustCompile(`<Path>#[^<]*</Path>`)

func (f *cdn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.URL.Path, invalidations) {
		f.next.ServeHTTP(w, r)
		return
	}
	operation := map[string]string{http.MethodPost: "CreateInvalidation", http.MethodGet: "GetInvalidation"}[r.Method]
	f.tally.countRequest(operation)
	if now := f.refuses.applies(r, operation); now != nil {
		f.tally.countFault(Refused, "")
		refuseCDN(w, r, now.Status, now.Code, "The request is refused.")
		return
	}
	switch kind := f.dice.roll(); {
	case kind == Error:
		f.tally.countFault(kind, "")
		refuseCDN(w, r, http.StatusServiceUnavailable, "ServiceUnavailable", "CloudFront is unavailable.")
		return
	case kind == Busy && r.Method == http.MethodPost:
		f.tally.countFault(kind, "")
		refuseCDN(w, r, http.StatusBadRequest, "TooManyInvalidationsInProgress", "You have exceeded the maximum number of allowable invalidations.")
		return
	case kind == Skip && r.Method == http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the client is gone
		}
		f.tally.countFault(kind, "")
		r = withBody(r, tag.ReplaceAll(body, []byte("<Path>#skipped</Path>")))
	}
	f.next.ServeHTTP(w, r)
}

// refuseCDN answers with an error in the form of CloudFront.
func refuseCDN(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>local</RequestId></ErrorResponse>`, code, message)
}
