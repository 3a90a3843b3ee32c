package queue

import (
	"context"
	"errors"
)

// Joined adds up the depths of several queues. It implements [Inspector].
type Joined []Inspector

// Depth returns the sum of the depths.
func (j Joined) Depth(ctx context.Context) (Depth, error) {
	var sum Depth
	for _, q := range j {
		d, err := q.Depth(ctx)
		if err != nil {
			return Depth{}, err
		}
		sum = sum.add(d)
	}
	return sum, nil
}

// DeadLetterDepth returns the sum of the depths of the dead-letter queues. A queue without one adds nothing; the error
// is an [ErrNoDeadLetterQueue] if no queue has one. A dead-letter queue that two queues share counts once.
func (j Joined) DeadLetterDepth(ctx context.Context) (Depth, error) {
	var sum Depth
	none := error(ErrNoDeadLetterQueue)
	counted := map[string]bool{}
	for _, q := range j {
		d, err := q.DeadLetterDepth(ctx)
		switch {
		case errors.Is(err, ErrNoDeadLetterQueue):
			continue
		case err != nil:
			return Depth{}, err
		case d.Shared != "" && counted[d.Shared]:
			continue
		}
		counted[d.Shared] = true
		sum, none = sum.add(d), nil
	}
	return sum, none
}

// add returns the sum of two depths. It leaves out Shared, which identifies a single queue.
func (d Depth) add(e Depth) Depth {
	return Depth{Visible: d.Visible + e.Visible, InFlight: d.InFlight + e.InFlight, Delayed: d.Delayed + e.Delayed}
}
