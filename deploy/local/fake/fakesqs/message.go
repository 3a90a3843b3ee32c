package fakesqs

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"
)

// content is what a sender gave, and what the queue stamped on it. It never changes.
type content struct {
	ID         string               `json:"id"` // a UUID
	Body       string               `json:"body"`
	BodyMD5    string               `json:"bodyMD5"` // hexadecimal
	Attributes map[string]attribute `json:"attributes,omitempty"`
	Trace      string               `json:"trace,omitempty"` // the system attribute AWSTraceHeader
	Group      string               `json:"group,omitempty"` // MessageGroupId, which a standard queue only carries
	Sent       time.Time            `json:"sent"`
}

// state is where a message stands. It is small, apart from the content, since every receive writes it.
type state struct {
	queue     uint64    // the id of the queue that holds the message
	source    uint64    // the id of the queue that it was dead-lettered from; 0 means none
	receives  uint32    // in every queue that held it
	before    uint32    // those of them that were before it came to this queue
	lease     uint32    // the number of its latest lease; only grows, so that a stale receipt handle never fits again
	visibleAt time.Time // not received before
	leasedAt  time.Time // the latest receive; zero unless the message is in flight
	first     time.Time // the first receive; zero where there was none
}

// message is a message in a queue. The core's lock guards all but seq and content.
type message struct {
	seq uint64 // the order in which messages came; the key of a message in the store
	*content
	state
	pending bool // in queue.pending; otherwise in queue.ready
	at      int  // index in that heap
	ageAt   int  // index in queue.byAge
}

// delivery is a received message as it was at the receive.
type delivery struct {
	*content
	seq      uint64
	lease    uint32
	handle   string
	receives uint32
	first    time.Time
	source   string // the ARN of the queue that it was dead-lettered from, or ""
	firstNow bool   // this receive was the first
}

// A receipt handle names a queue, a message in it and a lease of that message. It holds no secret and needs no table,
// so it stays valid across a restart. Clients treat it as opaque.
const handleVersion = 1

func encodeHandle(queue, seq uint64, lease uint32) string {
	b := make([]byte, 0, 25)
	b = append(b, handleVersion)
	b = binary.BigEndian.AppendUint64(b, queue)
	b = binary.BigEndian.AppendUint64(b, seq)
	b = binary.BigEndian.AppendUint32(b, lease)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.StdEncoding.EncodeToString(b)
}

// decodeHandle returns the message and the lease that a receipt handle of this queue names, or false.
func decodeHandle(handle string, queue uint64) (seq uint64, lease uint32, ok bool) {
	b, err := base64.StdEncoding.DecodeString(handle)
	if err != nil || len(b) != 25 || b[0] != handleVersion || crc32.ChecksumIEEE(b[:21]) != binary.BigEndian.Uint32(b[21:]) ||
		binary.BigEndian.Uint64(b[1:]) != queue {
		return 0, 0, false
	}
	return binary.BigEndian.Uint64(b[9:]), binary.BigEndian.Uint32(b[17:]), true
}

// newUUID returns a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newID returns a random number that is not 0.
func newID() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:]) | 1
}
