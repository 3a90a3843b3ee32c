package pool

import (
	"darkroom/worker/internal/queue"

	"context"
	"sync"
	"time"
)

// deleteWait is how long the first message of a batch waits for others to be deleted with.
const deleteWait = 100 * time.Millisecond

// delete hands a message to the deleter. The slot is free then, though the lease is kept until the message is gone.
// While deletes are slow it waits, so that no more than a few batches wait to be deleted.
func (p *Pool) delete(j *job, outcome string) {
	j.outcome = outcome
	select {
	case p.deletes <- j:
	case <-p.finished: // the drain timeout is over
		p.settled(j, outcomeNotDeleted)
	}
}

// deleter deletes messages in batches of BatchMax, or of as many as there are after deleteWait.
func (p *Pool) deleter(ph phases) {
	var calls sync.WaitGroup
	defer calls.Wait()
	inAir := make(chan struct{}, p.pollers+1)
	var batch []*job
	var ripe <-chan time.Time
	flush := func() {
		b := batch
		batch, ripe = nil, nil
		inAir <- struct{}{}
		calls.Go(func() {
			defer func() { <-inAir }()
			p.deleteBatch(ph, b)
		})
	}
	for {
		select {
		case j := <-p.deletes:
			batch = append(batch, j)
			switch len(batch) {
			case 1:
				ripe = time.After(deleteWait)
			case p.queue.Limits().Batch:
				flush()
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

// deleteBatch deletes up to BatchMax messages. Those that failed are tried again, without those that did not. One that
// fails for good comes back, and its handler finds that nothing is left to do.
func (p *Pool) deleteBatch(ph phases, batch []*job) {
	for try := 1; ; try++ {
		messages := make([]queue.Message, len(batch))
		for i, j := range batch {
			messages[i] = j.Message
		}
		ctx, cancel := context.WithTimeout(ph.calls, callTimeout)
		errs := p.queue.Delete(ctx, messages)
		cancel()
		var failed []*job
		var why error
		for i, j := range batch {
			if errs[i] == nil {
				p.settled(j, j.outcome)
			} else {
				failed, why = append(failed, j), errs[i]
			}
		}
		if batch = failed; len(batch) == 0 {
			return
		}
		if try == settleTries || ph.calls.Err() != nil {
			for _, j := range batch {
				p.settled(j, outcomeNotDeleted)
				p.cfg.Log.Error("message not deleted, it will be received again", "message", j.ID, "error", why)
			}
			return
		}
		sleep(ph.calls, backoff(try, settleFirst, settleMost))
	}
}
