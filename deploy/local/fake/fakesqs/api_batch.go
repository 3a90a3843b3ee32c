package fakesqs

import (
	"context"
	"regexp"
)

// maxBatch is the greatest number of entries of a batch, and of messages of a receive.
const maxBatch = 10

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// batchInput is the input of the batch operations.
type batchInput[E any] struct {
	queueInput
	Entries []*E
}

type batchOutput struct {
	Successful []any         `json:",omitempty"`
	Failed     []failedEntry `json:",omitempty"`
}

type failedEntry struct {
	ID          string `json:"Id"`
	SenderFault bool
	Code        string
	Message     string
}

type okEntry struct {
	ID string `json:"Id"`
}

// entry is an entry of a batch.
type entry[E any] interface {
	*E
	entryID() string
}

// checkBatch checks the number and the ids of the entries.
func checkBatch[E any, P entry[E]](in *batchInput[E]) error {
	if len(in.Entries) == 0 {
		return sqsError("EmptyBatchRequest", "There should be at least one entry in the request.")
	}
	if n := len(in.Entries); n > maxBatch {
		return sqsError("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.",
			maxBatch, n)
	}
	seen := map[string]bool{}
	for i, e := range in.Entries {
		if e == nil {
			in.Entries[i] = new(E)
		}
		id := P(in.Entries[i]).entryID()
		if !entryID.MatchString(id) {
			return sqsError("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return sqsError("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

// addFailure adds a failed entry. A fault of the emulator fails the whole batch, so err is always a fault of the
// sender.
func (o *batchOutput) addFailure(id string, err error) {
	e := asAPIError(err)
	o.Failed = append(o.Failed, failedEntry{ID: id, SenderFault: e.sender(), Code: e.code, Message: e.message})
}

// addResult adds a successful entry if err is nil, and a failed one otherwise.
func (o *batchOutput) addResult(id string, err error) {
	if err != nil {
		o.addFailure(id, err)
		return
	}
	o.Successful = append(o.Successful, okEntry{id})
}

func sendMessageBatch(_ context.Context, c *call, name string, in *batchInput[sendInput]) (any, error) {
	if err := checkBatch(in); err != nil {
		return nil, err
	}
	var out batchOutput
	var drafts []draft
	var entries []*sendInput // parallel to drafts
	size := 0
	for _, e := range in.Entries {
		d, err := e.draft()
		if err != nil {
			out.addFailure(e.ID, err)
			continue
		}
		size += d.size()
		drafts, entries = append(drafts, d), append(entries, e)
	}
	if size > maxMessageSize {
		return nil, sqsError("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.",
			maxMessageSize, size)
	}
	sent, refused, err := c.core.send(name, drafts)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if refused[i] != nil {
			out.addFailure(e.ID, refused[i])
		} else {
			out.Successful = append(out.Successful, e.output(sent[i]))
		}
	}
	return out, nil
}

func deleteMessageBatch(_ context.Context, c *call, name string, in *batchInput[handleInput]) (any, error) {
	if err := checkBatch(in); err != nil {
		return nil, err
	}
	handles := make([]string, len(in.Entries))
	for i, e := range in.Entries {
		handles[i] = e.ReceiptHandle
	}
	failed, err := c.core.deleteMessages(name, handles)
	if err != nil {
		return nil, err
	}
	var out batchOutput
	for i, e := range in.Entries {
		out.addResult(e.ID, failed[i])
	}
	return out, nil
}

func changeMessageVisibilityBatch(_ context.Context, c *call, name string, in *batchInput[handleInput]) (any, error) {
	if err := checkBatch(in); err != nil {
		return nil, err
	}
	var out batchOutput
	var changes []visibility
	var ids []string // parallel to changes
	for _, e := range in.Entries {
		v, err := e.visibility()
		if err != nil {
			out.addFailure(e.ID, err)
			continue
		}
		changes, ids = append(changes, v), append(ids, e.ID)
	}
	failed, err := c.core.changeVisibility(name, changes)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		out.addResult(id, failed[i])
	}
	return out, nil
}
