package main

import (
	"fmt"

	"darkroom/worker/plural"
)

// letterCount compares the messages of a dead-letter queue with the bad messages that were sent.
type letterCount struct {
	planted, found int      // bad messages sent, and those found
	reasoned       int      // found with a reason
	copies         int      // found more than once: a queue delivers at least once
	strangers      []letter // messages that are not bad messages of this run
}

// countLetters counts the letters. A message that was not planted is a stranger only if ours reports that it belongs to
// this run.
func countLetters(planted []poison, letters []letter, ours func(letter) bool) letterCount {
	c := letterCount{planted: len(planted)}
	seen := map[string]bool{} // planted body: found
	for _, p := range planted {
		seen[p.body] = false
	}
	for _, l := range letters {
		found, known := seen[l.body]
		switch {
		case !known && ours(l):
			c.strangers = append(c.strangers, l)
		case !known: // another run's
		case found:
			c.copies++
		default:
			seen[l.body] = true
			c.found++
			if l.reason != "" {
				c.reasoned++
			}
		}
	}
	return c
}

func (c letterCount) String() string {
	return fmt.Sprintf("%d of %d planted, %d with a reason, %s, %s", c.found, c.planted, c.reasoned, plural.Count(c.copies, "duplicate"), plural.Count(len(c.strangers), "other"))
}
