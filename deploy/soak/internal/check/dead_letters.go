package check

import (
	"fmt"

	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/worker/plural"
)

// DeadLetters compares the messages of a dead-letter queue with the bad messages that were sent.
type DeadLetters struct {
	Planted, Found int             // bad messages that were sent, and how many of them were found
	reasoned       int             // found messages that have a reason
	Copies         int             // further copies of found messages: a queue delivers at least once
	Unexpected     []system.Letter // messages that are not bad messages of this run
}

// CountDeadLetters counts the messages of the dead-letter queues. A message that was not planted is unexpected only if ours
// reports that it belongs to this run.
func CountDeadLetters(planted []load.BadMessage, letters []system.Letter, ours func(system.Letter) bool) DeadLetters {
	c := DeadLetters{Planted: len(planted)}
	seen := map[string]bool{} // key: planted body; true once it was found
	for _, p := range planted {
		seen[p.Body] = false
	}
	for _, l := range letters {
		found, known := seen[l.Body]
		switch {
		case !known && ours(l):
			c.Unexpected = append(c.Unexpected, l)
		case !known: // belongs to another run
		case found:
			c.Copies++
		default:
			seen[l.Body] = true
			c.Found++
			if l.Reason != "" {
				c.reasoned++
			}
		}
	}
	return c
}

func (c DeadLetters) String() string {
	return fmt.Sprintf("%d of %d planted, %d with a reason, %s, %s", c.Found, c.Planted, c.reasoned, plural.Count(c.Copies, "duplicate"), plural.Count(len(c.Unexpected), "other"))
}
