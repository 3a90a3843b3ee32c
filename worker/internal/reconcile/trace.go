package reconcile

import (
	"regexp"
	"strings"
)

// metaTraceparent is the user metadata of an original (x-amz-meta-traceparent) that carries the trace context of the
// request that asked for its upload.
const metaTraceparent = "traceparent"

// traceparent is the header of https://www.w3.org/TR/trace-context/#traceparent-header: version, trace id, parent id
// and flags. A version after 00 may have more.
var traceparent = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}($|-)`)

// traceID returns the trace id of a traceparent, or "" if there is none in it.
func traceID(header string) string {
	m := traceparent.FindStringSubmatch(header)
	if m == nil || m[1] == "ff" || m[1] == "00" && m[3] != "" || strings.Trim(m[2], "0") == "" {
		return ""
	}
	return m[2]
}
