// Package sendlimit bounds how many messages an operator's command sends to a queue, and how fast.
package sendlimit

import (
	"fmt"

	"golang.org/x/time/rate"
)

// Limits bound the messages that a command sends. The zero value bounds nothing.
type Limits struct {
	Rate   float64 // messages a second; 0 means any rate
	Max    int     // messages; 0 means any number
	DryRun bool    // send nothing
}

// Validate reports the first limit that is out of range.
func (l Limits) Validate() error {
	switch {
	case l.Rate < 0:
		return fmt.Errorf("rate %v is negative: want messages a second, or 0 for no limit", l.Rate)
	case l.Max < 0:
		return fmt.Errorf("max %d is negative: want a number of messages, or 0 for no limit", l.Max)
	}
	return nil
}

// Limiter returns a limiter for the rate, and the largest number of messages to send in one batch, at most maxBatch.
func (l Limits) Limiter(maxBatch int) (*rate.Limiter, int) {
	if l.Rate == 0 {
		return rate.NewLimiter(rate.Inf, 0), maxBatch
	}
	batch := min(max(int(l.Rate), 1), maxBatch)
	return rate.NewLimiter(rate.Limit(l.Rate), batch), batch
}
