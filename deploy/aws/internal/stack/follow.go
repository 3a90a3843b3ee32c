package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"darkroom/worker/wait"
)

// event is something that happened to a resource of a stack, or to the stack.
type event struct {
	EventID   string `json:"EventId"`
	Timestamp time.Time
	StackID   string `json:"StackId"`
	Logical   string `json:"LogicalResourceId"`
	Physical  string `json:"PhysicalResourceId"`
	Status    string `json:"ResourceStatus"`
	Reason    string `json:"ResourceStatusReason"`
}

// isOfStack reports whether the event is about the stack itself.
func (e event) isOfStack() bool { return e.Physical == e.StackID && e.StackID != "" }

// failed reports whether a resource failed. One that was cancelled because of another failure does not count.
func (e event) failed() bool {
	return strings.HasSuffix(e.Status, "_FAILED") && !strings.Contains(e.Reason, "cancelled") && !e.isOfStack()
}

// watcher follows the events of one stack.
type watcher struct {
	client   Client
	stack    string // name or ARN
	seen     string // newest event that was read
	underWay map[string]time.Time
	failures []string
	spoke    time.Time
}

// recentEvents is how many of the newest events are read at once.
const recentEvents = "200"

// watch starts to follow a stack, and skips its earlier events. A stack that does not exist has none.
func (c Client) watch(ctx context.Context, stack string) (*watcher, error) {
	w := &watcher{client: c, stack: stack, underWay: map[string]time.Time{}, spoke: time.Now()}
	_, err := w.newEvents(ctx)
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		err = nil
	}
	return w, err
}

// newEvents returns the events since the last call, the oldest first.
func (w *watcher) newEvents(ctx context.Context) (all []event, err error) {
	var out struct{ StackEvents []event } // the newest first
	if err := w.client.Ask(ctx, &out, "cloudformation", "describe-stack-events", "--stack-name", w.stack, "--max-items", recentEvents); err != nil {
		return nil, err
	}
	for _, e := range out.StackEvents {
		if e.EventID == w.seen {
			break
		}
		all = append(all, e)
	}
	if len(out.StackEvents) > 0 {
		w.seen = out.StackEvents[0].EventID
	}
	slices.Reverse(all)
	return all, nil
}

const (
	// mostFailures is how many polls in a row may fail before follow gives up. CloudFormation continues regardless.
	mostFailures = 5
	// silence is how long follow prints nothing before it says what it is waiting for.
	silence = time.Minute
)

// follow prints what happens until the stack has a final status, and returns that.
func (w *watcher) follow(ctx context.Context) (status string, err error) {
	for failed := 0; ; {
		events, err := w.newEvents(ctx)
		switch {
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case err != nil:
			if failed++; failed == mostFailures {
				return "", err
			}
		default:
			failed = 0
		}
		for _, e := range events {
			if w.report(e); e.isOfStack() && final(e.Status) {
				return e.Status, nil
			}
		}
		w.remind()
		if err := wait.For(ctx, w.client.Poll); err != nil {
			return "", err
		}
	}
}

// final reports whether a stack stays in this status.
func final(status string) bool {
	return !strings.HasSuffix(status, "_IN_PROGRESS")
}

// report prints an event: the end of a resource's change, and each step of the stack.
func (w *watcher) report(e event) {
	if strings.HasSuffix(e.Status, "_IN_PROGRESS") && !e.isOfStack() {
		w.underWay[e.Logical] = e.Timestamp
		return
	}
	delete(w.underWay, e.Logical)
	reason := ""
	if e.failed() {
		w.failures = append(w.failures, e.Logical+": "+e.Reason)
		reason = ": " + e.Reason
	}
	w.say("%s  %-28s %s%s", e.Timestamp.Local().Format(time.TimeOnly), e.Logical, strings.ToLower(strings.ReplaceAll(e.Status, "_", " ")), reason)
}

// remind says what is under way if nothing was printed for a while.
func (w *watcher) remind() {
	if time.Since(w.spoke) < silence || len(w.underWay) == 0 {
		return
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(w.underWay)) {
		names = append(names, fmt.Sprintf("%s (%v)", name, time.Since(w.underWay[name]).Round(time.Second)))
	}
	w.say("%s  waiting for %s", time.Now().Format(time.TimeOnly), strings.Join(names, ", "))
}

func (w *watcher) say(format string, args ...any) {
	w.client.Printf(format+"\n", args...)
	w.spoke = time.Now()
}

// causes returns the failures as the end of a sentence, or "".
func (w *watcher) causes() string {
	if len(w.failures) == 0 {
		return ""
	}
	return ":\n  " + strings.Join(w.failures, "\n  ")
}

// Delete deletes a stack and follows the deletion to its end. It does nothing if the stack does not exist.
func (c Client) Delete(ctx context.Context, s Stack) error {
	if s.Status == "" && !c.Dry {
		return nil
	}
	w, err := c.watch(ctx, cmp.Or(s.ID, s.Name)) // the ARN, since the name of a deleted stack means nothing
	if err != nil {
		return err
	}
	if err := c.Do(ctx, "cloudformation", "delete-stack", "--stack-name", s.Name); err != nil || c.Dry {
		return err
	}
	status, err := w.follow(ctx)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted, but CloudFormation goes on to delete the stack %s, which cannot be cancelled: run destroy again to see it through", s.Name)
	case err != nil:
		return fmt.Errorf("the events of the stack %s cannot be read: %w", s.Name, err)
	case status != "DELETE_COMPLETE":
		return errors.New("the stack " + s.Name + " is in the state " + status + w.causes())
	}
	return nil
}
