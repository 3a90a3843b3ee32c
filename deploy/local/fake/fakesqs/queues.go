package fakesqs

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// purgePause is the shortest time between two purges of a queue (PurgeQueue).
const purgePause = 60 * time.Second

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkName checks the name of a new queue.
func checkName(name string) error {
	switch {
	case name == "":
		return missingParameter("QueueName")
	case strings.HasSuffix(name, ".fifo"):
		return invalidParameter("FIFO queues are not supported: %s.", name)
	case !queueName.MatchString(name):
		return invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

// createQueue creates a queue. If the queue exists with other attributes, it is changed if update is set, and
// createQueue fails otherwise.
func (c *core) createQueue(name string, wanted, tags map[string]string, update bool) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return unavailable()
	}
	now := time.Now()
	if q, ok := c.queues[name]; ok {
		attribute, err := q.attrs.difference(wanted)
		if err != nil || attribute == "" {
			return err
		}
		if !update {
			return queueNameExists(attribute)
		}
		return c.configure(q, wanted, now)
	}
	attrs, err := c.planAttributes(name, attributes{}, wanted)
	if err != nil {
		return err
	}
	q := newQueue(newID(), name, attrs, tags, now)
	if err := c.store.commit(change{save: []savedQueue{q.saved()}}); err != nil {
		return err
	}
	c.queues[name], c.byID[q.id] = q, q
	return nil
}

// configure changes the attributes of a queue.
func (c *core) configure(q *queue, changes map[string]string, now time.Time) error {
	attrs, err := c.planAttributes(q.name, q.attrs, changes)
	if err != nil {
		return err
	}
	saved := q.saved()
	saved.Attributes, saved.Modified = attrs.set, now
	if err := c.store.commit(change{save: []savedQueue{saved}}); err != nil {
		return err
	}
	q.attrs, q.modified = attrs, now
	return nil
}

// planAttributes returns the attributes after changes, checked against the other queues.
func (c *core) planAttributes(name string, attrs attributes, changes map[string]string) (attributes, error) {
	next, err := attrs.withChanges(changes)
	if err != nil || changes["RedrivePolicy"] == "" {
		return next, err
	}
	invalid := func(reason string) error {
		return invalidValue(changes["RedrivePolicy"], "RedrivePolicy", "%s", reason)
	}
	dead := c.queueByARN(next.redrive.Target)
	switch {
	case dead == nil:
		return next, invalid("Dead letter target does not exist.")
	case dead.name == name:
		return next, invalid("A queue cannot be its own dead letter target.")
	case !dead.attrs.allowsSource(c.arn(name)):
		return next, invalid("The dead letter target does not allow this source queue.")
	}
	return next, nil
}

func (q *queue) saved() savedQueue {
	return savedQueue{ID: q.id, Name: q.name, Attributes: q.attrs.set, Tags: q.tags, Created: q.created,
		Modified: q.modified}
}

// arn returns the ARN of the queue with this name.
func (c *core) arn(name string) string {
	return arn{region: c.region, account: c.account, name: name}.String()
}

// arnByID returns the ARN of the queue with this id, or "" if there is no such queue.
func (c *core) arnByID(id uint64) string {
	if q, ok := c.byID[id]; ok {
		return c.arn(q.name)
	}
	return ""
}

// queueByARN returns the queue with this ARN, or nil.
func (c *core) queueByARN(s string) *queue {
	if a, ok := parseARN(s); ok && a.region == c.region && a.account == c.account {
		return c.queues[a.name]
	}
	return nil
}

// deadLetterQueue returns the dead-letter queue of q, or nil. If that queue was deleted after it was set, messages stay
// in q.
func (c *core) deadLetterQueue(q *queue) *queue {
	if q.attrs.redrive == nil {
		return nil
	}
	return c.queueByARN(q.attrs.redrive.Target)
}

// sources returns the names of the queues whose dead-letter queue is q, sorted.
func (c *core) sources(q *queue) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.queues)) {
		if c.deadLetterQueue(c.queues[name]) == q {
			names = append(names, name)
		}
	}
	return names
}

// withQueue calls f with a queue while it holds the lock.
func (c *core) withQueue(name string, f func(q *queue, now time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	q, err := c.find(name, now)
	if err != nil {
		return err
	}
	return f(q, now)
}

// queueNames returns the names of the queues that begin with prefix, sorted.
func (c *core) queueNames(prefix string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := slices.Sorted(maps.Keys(c.queues))
	return slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, prefix) })
}

// purge deletes every message of a queue, in flight or not.
func (c *core) purge(name string) error {
	return c.withQueue(name, func(q *queue, now time.Time) error {
		if !q.purged.IsZero() && now.Sub(q.purged) < purgePause {
			return sqsError("PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.", name)
		}
		all := slices.Collect(maps.Values(q.messages))
		if err := c.store.commit(change{drop: all}); err != nil {
			return err
		}
		for _, m := range all {
			q.remove(m, now)
		}
		q.purged = now
		return nil
	})
}

// deleteQueue deletes a queue and its messages. Its name can be used again at once; SQS requires a minute's pause.
func (c *core) deleteQueue(name string) error {
	return c.withQueue(name, func(q *queue, _ time.Time) error {
		all := slices.Collect(maps.Values(q.messages))
		if err := c.store.commit(change{drop: all, dropQueues: []uint64{q.id}}); err != nil {
			return err
		}
		delete(c.queues, name)
		delete(c.byID, q.id)
		for _, w := range q.waiters { // they will find that the queue is gone
			w.wake <- struct{}{}
		}
		q.waiters = nil
		return nil
	})
}

// describe returns the named attributes of a queue.
func (c *core) describe(name string, names []string) (map[string]string, error) {
	found := map[string]string{}
	err := c.withQueue(name, func(q *queue, _ time.Time) error {
		all := map[string]string{
			"ApproximateNumberOfMessages":           strconv.Itoa(q.ready.Len()),
			"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(q.ready.InFlight()),
			"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(q.pending.Len() - q.ready.InFlight()),
			"CreatedTimestamp":                      strconv.FormatInt(q.created.Unix(), 10),
			"LastModifiedTimestamp":                 strconv.FormatInt(q.modified.Unix(), 10),
			"QueueArn":                              c.arn(name),
		}
		settable := slices.Concat(slices.Collect(maps.Keys(numeric)), stored, []string{"RedrivePolicy", "RedriveAllowPolicy"})
		for _, n := range settable {
			if v, ok := q.attrs.value(n); ok {
				all[n] = v
			}
		}
		for _, n := range names {
			v, ok := all[n]
			switch {
			case n == "All":
				maps.Copy(found, all)
			case ok:
				found[n] = v
			case !slices.Contains(settable, n) && !slices.Contains(fifoOnly, n):
				return plainError("InvalidAttributeName", "Unknown Attribute %s.", n)
			}
		}
		return nil
	})
	return found, err
}
