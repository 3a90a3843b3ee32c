// Package metrics exports what the API measures: to CloudWatch, as log lines in its embedded metric format, and to
// Prometheus.
package metrics

import (
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/photos"
)

// Namespace is the namespace of the metrics in CloudWatch.
const Namespace = "Darkroom"

// EMF writes a line of JSON for each request, from which CloudWatch Logs creates metrics:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
// It sends nothing over the network. The metrics, all by FunctionName, are
//
//	TokensIssued   Count
//	TokenBytes     Bytes, sizes of the photos that these tokens are for
//	Refused        Count, 0 or 1; also by Reason where it is 1
//	Latency        Milliseconds; also by Route and StatusClass
//	StoreFailures  Count, failed operations on S3
//	Faults         Count, 0 or 1: the request was answered with 500, which no retry repairs
//	QuotaFailures  Count, 0 or 1: the photos could not be counted for the quotas. Only where quotas apply
//	UnusableManifests  Count, photos answered as processing because their manifest cannot be used
//
// Each has data from the first request on. FunctionName keeps two systems in one account apart. CloudWatch charges every
// combination of dimension values as a metric of its own, so there are few. StoreFailures is therefore one sum, and the
// log record of a failed request names the operation.
type EMF struct {
	w             io.Writer
	function      string
	storeFailures atomic.Int64 // since the last line
}

// NewEMF returns an EMF for the named Lambda function. It writes each line to w in one call. The name must not be
// empty, because no dimension may be.
func NewEMF(w io.Writer, function string) *EMF { return &EMF{w: w, function: function} }

// document is a line: its metadata, and the members that the metadata refers to.
type document struct {
	AWS               metadata `json:"_aws"`
	FunctionName      string
	TokensIssued      int
	TokenBytes        int64
	Refused           int
	Latency           float64
	StoreFailures     int64
	Faults            int
	UnusableManifests int
	QuotaFailures     *int `json:",omitempty"`
	Route             string
	StatusClass       string
	Reason            string `json:",omitempty"`
}

type metadata struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []directive
}

// directive creates metrics, one for each set of dimensions.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct{ Name, Unit string }

const function = "FunctionName" // the dimension that AWS/Lambda's own metrics have

var (
	issued    = directive{Namespace, [][]string{{function}}, []definition{{"TokensIssued", "Count"}, {"TokenBytes", "Bytes"}}}
	latency   = directive{Namespace, [][]string{{function}, {function, "Route", "StatusClass"}}, []definition{{"Latency", "Milliseconds"}}}
	troubles  = directive{Namespace, [][]string{{function}}, []definition{{"StoreFailures", "Count"}, {"Faults", "Count"}, {"UnusableManifests", "Count"}}}
	uncounted = directive{Namespace, [][]string{{function}}, []definition{{"QuotaFailures", "Count"}}}
	accepted  = directive{Namespace, [][]string{{function}}, []definition{{"Refused", "Count"}}}
	refused   = directive{Namespace, [][]string{{function}, {function, "Reason"}}, []definition{{"Refused", "Count"}}}
)

// StoreOperation implements [photos.Metrics].
func (e *EMF) StoreOperation(_, outcome string, _ time.Duration) {
	if outcome == photos.OutcomeError {
		e.storeFailures.Add(1)
	}
}

// Request implements [api.Metrics].
func (e *EMF) Request(m api.Measured) {
	d := document{
		AWS:               metadata{time.Now().UnixMilli(), []directive{issued, latency, troubles, accepted}},
		FunctionName:      e.function,
		TokensIssued:      m.Issued,
		TokenBytes:        m.Bytes,
		Latency:           float64(m.Took.Microseconds()) / 1000,
		StoreFailures:     e.storeFailures.Swap(0),
		UnusableManifests: m.UnusableManifests,
		Route:             m.Route,
		StatusClass:       m.Class(),
	}
	if m.Status == http.StatusInternalServerError {
		d.Faults = 1
	}
	if m.Refused != "" {
		d.AWS.CloudWatchMetrics[3], d.Refused, d.Reason = refused, 1, m.Refused
	}
	if m.Quota != "" {
		failures := 0
		if m.Quota == api.QuotaUnknown {
			failures = 1
		}
		d.AWS.CloudWatchMetrics, d.QuotaFailures = append(d.AWS.CloudWatchMetrics, uncounted), &failures
	}
	line, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	// One write keeps other log lines out of this one. There is nowhere to report an error.
	_, _ = e.w.Write(append(line, '\n'))
}
