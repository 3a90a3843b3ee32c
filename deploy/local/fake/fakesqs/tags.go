package fakesqs

import (
	"maps"
	"time"
)

// Limits of queue tags (TagQueue; Developer Guide, "Amazon SQS cost allocation tags").
const (
	maxTags     = 50
	maxTagKey   = 128 // characters
	maxTagValue = 256 // characters
)

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return invalidParameter("Too many tags: %d, the limit is %d.", len(tags), maxTags)
	}
	for k, v := range tags {
		if k == "" || len([]rune(k)) > maxTagKey || len([]rune(v)) > maxTagValue {
			return invalidParameter("Tag %q: a key has 1 to %d characters, a value at most %d.", k, maxTagKey, maxTagValue)
		}
	}
	return nil
}

// updateTags sets the tags of a queue and removes those in removed.
func (c *core) updateTags(name string, tags map[string]string, removed []string) error {
	return c.withQueue(name, func(q *queue, _ time.Time) error {
		next := maps.Clone(q.tags)
		if next == nil {
			next = map[string]string{}
		}
		maps.Copy(next, tags)
		for _, k := range removed {
			delete(next, k)
		}
		if err := checkTags(next); err != nil {
			return err
		}
		saved := q.saved()
		saved.Tags = next
		if err := c.store.commit(change{save: []savedQueue{saved}}); err != nil {
			return err
		}
		q.tags = next
		return nil
	})
}
