package pool

import (
	"context"
	"sync"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/wait"
)

// deleteWait is how long the first message of a batch waits for others to be deleted with it.
const deleteWait = 100 * time.Millisecond

// scheduleDelete hands a message to the delete loop. The slot is then free, but the message stays in flight until it is
// deleted. While deletes are slow, scheduleDelete blocks, so that only a few batches wait.
func (p *Pool) scheduleDelete(d *delivery, outcome string) {
	d.outcome = outcome
	select {
	case p.deletes <- d:
	case <-p.finished: // the drain timeout is over
		p.settled(d, outcomeNotDeleted)
	}
}

// deleteLoop deletes messages in full batches, or in smaller ones after deleteWait.
func (p *Pool) deleteLoop(ph phases) {
	var calls sync.WaitGroup
	defer calls.Wait()
	inProgress := make(chan struct{}, p.maxPolls+1)
	var batch []*delivery
	var ripe <-chan time.Time
	flush := func() {
		b := batch
		batch, ripe = nil, nil
		inProgress <- struct{}{}
		calls.Go(func() {
			defer func() { <-inProgress }()
			p.deleteBatch(ph, b)
		})
	}
	for {
		select {
		case d := <-p.deletes:
			batch = append(batch, d)
			switch len(batch) {
			case p.limits.Batch:
				flush()
			case 1:
				ripe = time.After(deleteWait)
			}
		case <-ripe:
			flush()
		case <-p.finished:
			if len(batch) > 0 {
				flush()
			}
			return
		}
	}
}

// deleteBatch deletes one batch. It retries only the messages that failed. A message that fails for good comes back,
// and its handler finds nothing left to do.
//
// If the queue refuses every delete, each message would come back until the redrive policy moves it. So while
// [Config.Prove] fails, deleteBatch keeps the messages, their visibility timeouts are extended, and the pool receives
// no others.
func (p *Pool) deleteBatch(ph phases, batch []*delivery) {
	for attempt := 1; ; attempt++ {
		messages := make([]queue.Message, len(batch))
		for i, d := range batch {
			messages[i] = d.Message
		}
		ctx, cancel := context.WithTimeout(ph.calling, callTimeout)
		errs := p.queue.Delete(ctx, messages)
		cancel()
		var failed []*delivery
		var why error
		for i, d := range batch {
			if errs[i] == nil {
				p.settled(d, d.outcome)
			} else {
				failed, why = append(failed, d), errs[i]
			}
		}
		if batch = failed; len(batch) == 0 {
			return
		}
		if attempt == settleAttempts && ph.running.Err() == nil && p.proof.resolve(ph.running, why) {
			attempt = 0
			continue
		}
		if attempt >= settleAttempts || ph.calling.Err() != nil {
			for _, d := range batch {
				p.settled(d, outcomeNotDeleted)
				p.cfg.Log.Error("message not deleted, it will be received again", "message", d.ID, "error", why)
			}
			return
		}
		_ = wait.For(ph.calling, backoff(attempt, settleFirst, settleMost)) // an ended context is noticed by what follows
	}
}
