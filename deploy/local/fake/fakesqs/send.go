package fakesqs

import "time"

// draft is a message to send.
type draft struct {
	content
	delay *time.Duration // nil for the queue's own
}

// send adds messages to a queue in one commit and sets their ID, BodyMD5 and Sent. It returns an error for each draft
// that it refuses; the others are sent.
func (c *core) send(name string, drafts []draft) ([]*content, []error, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	q, err := c.find(name, now)
	if err != nil {
		return nil, nil, err
	}
	sent, refused := make([]*content, len(drafts)), make([]error, len(drafts))
	var added []*message
	for i, d := range drafts {
		if d.size() > q.attrs.maxSize {
			refused[i] = invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.",
				q.attrs.maxSize)
			continue
		}
		delay := q.attrs.delay
		if d.delay != nil {
			delay = *d.delay
		}
		d.ID, d.BodyMD5, d.Sent = newUUID(), md5Hex([]byte(d.Body)), now
		sent[i] = &d.content
		added = append(added, &message{seq: c.seq + uint64(len(added)) + 1, content: sent[i],
			state: state{queue: q.id, visibleAt: now.Add(delay)}})
	}
	if err := c.store.commit(change{add: added}); err != nil {
		return nil, nil, err
	}
	for _, m := range added {
		q.add(m, now)
	}
	c.seq += uint64(len(added))
	c.notify(q, now)
	return sent, refused, nil
}
