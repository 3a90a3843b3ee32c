package main

import "fmt"

// letterCount is what a dead-letter queue has, held against the bad messages that were sent.
type letterCount struct {
	planted, found int // bad messages, and those of them that are there
	reasoned       int // of those found, that say why
	copies         int // that are there once more: a queue delivers at least once
	strangers      []letter
}

// countLetters counts. A letter that was not planted counts where ours says that it is of this run.
func countLetters(planted []poison, letters []letter, ours func(letter) bool) letterCount {
	c := letterCount{planted: len(planted)}
	seen := map[string]bool{} // planted bodies, and whether they were found
	for _, p := range planted {
		seen[p.body] = false
	}
	for _, l := range letters {
		found, known := seen[l.body]
		switch {
		case !known && ours(l):
			c.strangers = append(c.strangers, l)
		case !known: // somebody else's
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
	return fmt.Sprintf("%d of %d planted, %d with a reason, %d once more, %d that are none", c.found, c.planted, c.reasoned, c.copies, len(c.strangers))
}
