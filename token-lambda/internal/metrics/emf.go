// Package metrics counts what the API does: for CloudWatch, as log lines in its embedded metric format, and for Prometheus.
package metrics

import (
	"encoding/json"
	"io"
	"time"

	"darkroom/token-lambda/internal/api"
)

// Namespace is that of the metrics in CloudWatch.
const Namespace = "Darkroom"

// EMF writes a line of JSON for each request, out of which CloudWatch Logs makes metrics:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
// Nothing is sent over the network. The metrics are, all by FunctionName,
//
//	TokensIssued  Count         by nothing else
//	Refused       Count, 0 or 1 by nothing else, and by Reason where it is 1
//	Latency       Milliseconds  by nothing else, and by Route and StatusClass
//
// so that each of them has data from the first request on, there are few to pay for, and two systems do not add up.
type EMF struct {
	w        io.Writer
	function string
}

// NewEMF returns an EMF that writes to w, a line a call, of the named Lambda function. The name may not be empty, as
// no dimension may.
func NewEMF(w io.Writer, function string) *EMF { return &EMF{w, function} }

// document is a line: its metadata, and the members that they name.
type document struct {
	AWS          metadata `json:"_aws"`
	FunctionName string
	TokensIssued int
	Refused      int
	Latency      float64
	Route        string
	StatusClass  string
	Reason       string `json:",omitempty"`
}

type metadata struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []directive
}

// directive makes metrics, each once for every set of dimensions.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct{ Name, Unit string }

const function = "FunctionName" // as in the metrics of AWS/Lambda

var (
	issued  = directive{Namespace, [][]string{{function}}, []definition{{"TokensIssued", "Count"}}}
	latency = directive{Namespace, [][]string{{function}, {function, "Route", "StatusClass"}}, []definition{{"Latency", "Milliseconds"}}}
	passed  = directive{Namespace, [][]string{{function}}, []definition{{"Refused", "Count"}}}
	refused = directive{Namespace, [][]string{{function}, {function, "Reason"}}, []definition{{"Refused", "Count"}}}
)

// Request implements [api.Metrics].
func (e *EMF) Request(m api.Measured) {
	d := document{
		AWS:          metadata{time.Now().UnixMilli(), []directive{issued, latency, passed}},
		FunctionName: e.function,
		TokensIssued: m.Issued,
		Latency:      float64(m.Took.Microseconds()) / 1000,
		Route:        m.Route,
		StatusClass:  m.Class(),
	}
	if m.Refused != "" {
		d.AWS.CloudWatchMetrics[2], d.Refused, d.Reason = refused, 1, m.Refused
	}
	line, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	// One write, so that no log line gets into it. If it fails there is nobody to tell.
	_, _ = e.w.Write(append(line, '\n'))
}
