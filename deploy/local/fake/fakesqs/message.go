package fakesqs

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"darkroom/deploy/testkit/fairqueue"
)

// content is what the sender sent and what the queue added when it accepted the message. It never changes.
type content struct {
	ID         string               `json:"id"` // a UUID
	Body       string               `json:"body"`
	BodyMD5    string               `json:"bodyMD5"` // hexadecimal
	Attributes map[string]attribute `json:"attributes,omitempty"`
	Trace      string               `json:"trace,omitempty"` // the system attribute AWSTraceHeader
	Group      string               `json:"group,omitempty"` // MessageGroupId, or "" if there is none
	Sent       time.Time            `json:"sent"`
}

// state is the part of a message that changes. It is small and separate from the content because every receive stores
// it.
type state struct {
	queue      uint64    // id of the queue that holds the message
	source     uint64    // id of the queue it was dead-lettered from, or 0
	receives   uint32    // number of receives in all queues
	before     uint32    // receives before it came to this queue
	receipt    uint32    // number of the latest receive; only grows, so stale handles stay invalid
	visibleAt  time.Time // not receivable before this time
	receivedAt time.Time // latest receive; zero unless the message is in flight
	first      time.Time // first receive, or zero
}

// message is a message in a queue. The core's lock guards everything but seq and content.
type message struct {
	seq uint64 // order of arrival; the message's key in the store
	*content
	state
	group   *fairqueue.Group[string, *message] // its group in its queue
	pending bool                               // in queue.pending, otherwise in queue.ready
	at      int                                // index there
	ageAt   int                                // index in queue.byAge
}

// delivery is a message as it was when it was received.
type delivery struct {
	*content
	seq      uint64
	receipt  uint32
	handle   string
	receives uint32
	first    time.Time
	source   string // ARN of the queue it was dead-lettered from, or ""
	firstNow bool   // this was the first receive
}

// newUUID returns a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newID returns a random number other than 0.
func newID() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:]) | 1
}
