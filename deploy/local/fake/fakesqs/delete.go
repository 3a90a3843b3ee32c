package fakesqs

import "time"

// deleteMessages deletes received messages and returns one error for each handle. A handle of an earlier receive, or of
// a message that no longer exists, has no effect and is not an error (DeleteMessage: "the request will succeed, but the
// message might not be deleted").
func (c *core) deleteMessages(name string, handles []string) ([]error, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	q, err := c.find(name, now)
	if err != nil {
		return nil, err
	}
	failed := make([]error, len(handles))
	found := map[uint64]*message{}
	var drop []*message
	for i, h := range handles {
		seq, receipt, ok := decodeHandle(h, q.id)
		if !ok {
			failed[i] = receiptHandleIsInvalid()
		} else if m := q.messages[seq]; m != nil && m.receipt == receipt && found[seq] == nil {
			found[seq] = m
			drop = append(drop, m)
		}
	}
	if err := c.store.commit(change{drop: drop}); err != nil {
		return nil, err
	}
	for _, m := range drop {
		q.remove(m, now)
	}
	return failed, nil
}
