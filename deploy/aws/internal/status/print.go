package status

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Print writes a report for people.
func (r Report) Print(out io.Writer) {
	line := func(what, format string, args ...any) {
		fmt.Fprintf(out, "%-9s %s\n", what, fmt.Sprintf(format, args...))
	}
	line("stack", "%s in %s: %s since %s%s", r.Stack, r.Region, r.State, r.Changed.Format(time.RFC3339), colon(r.Reason))
	if r.Revision != nil {
		line("revision", "%s, commit %s, image %s, %s", r.Revision.ID, r.Revision.Commit, r.Revision.Tag(), r.Revision.Architecture)
	} else {
		line("revision", "none that the command deploy recorded")
	}
	for _, q := range r.Queues {
		line("queue", "%-20s %d waiting, %d in flight", q.Name, q.Visible+q.Delayed, q.InFlight)
	}
	if w := r.Workers; w != nil {
		line("workers", "%d desired, %d running, %d pending; deployment %s", w.Desired, w.Running, w.Pending, w.Deployment)
	}
	if r.Errors != nil {
		line("API", "%g answers with a 5xx in the last %d minutes", *r.Errors, ErrorMinutes)
	}
	if len(r.Alarms) > 0 {
		line("ALARM", "%s", strings.Join(r.Alarms, ", "))
	} else if r.Errors != nil {
		line("alarms", "none")
	}
	for _, u := range r.Unknown {
		line("not known", "%s", u)
	}
}

func colon(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// PrintJSON writes a report as one line of JSON.
func (r Report) PrintJSON(out io.Writer) error {
	return json.NewEncoder(out).Encode(r)
}
