package fakesqs

import "time"

// visibility is a new visibility timeout of one message.
type visibility struct {
	handle  string
	timeout time.Duration // from now
}

// changeVisibility sets when messages in flight become receivable again. It returns one error for each change.
func (c *core) changeVisibility(name string, changes []visibility) ([]error, error) {
	failed := make([]error, len(changes))
	err := c.updateStates(name, len(changes), func(q *queue, i int, now time.Time) (*message, state, error) {
		seq, receipt, ok := decodeHandle(changes[i].handle, q.id)
		if !ok {
			return nil, state{}, receiptHandleIsInvalid()
		}
		m, ok := q.messages[seq]
		if !ok || m.receipt != receipt {
			return nil, state{}, invalidParameter( // the handle is left out, because callers log errors
				"Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.")
		}
		if m.receivedAt.IsZero() {
			return nil, state{}, sqsError("MessageNotInflight", "The specified message isn't in flight.")
		}
		s := m.state
		s.visibleAt = now.Add(changes[i].timeout)
		if s.visibleAt.After(s.receivedAt.Add(maxVisibility)) {
			return nil, state{}, invalidValue(int(changes[i].timeout/time.Second), "VisibilityTimeout",
				"Total VisibilityTimeout for the message is beyond the limit [%d seconds]", int(maxVisibility/time.Second))
		}
		return m, s, nil
	}, failed)
	return failed, err
}

// updateStates changes the state of up to n messages of a queue in one commit. decide returns the message and its new
// state, or a nil message to change nothing. Its errors go to failed.
func (c *core) updateStates(name string, n int, decide func(q *queue, i int, now time.Time) (*message, state, error),
	failed []error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	q, err := c.find(name, now)
	if err != nil {
		return err
	}
	states := map[uint64]state{}
	for i := range n {
		m, s, err := decide(q, i, now)
		if err != nil {
			failed[i] = err
		} else if m != nil {
			states[m.seq] = s
		}
	}
	if err := c.store.commit(change{states: states}); err != nil {
		return err
	}
	for seq, s := range states {
		q.change(q.messages[seq], s, now)
	}
	c.notify(q, now)
	return nil
}
