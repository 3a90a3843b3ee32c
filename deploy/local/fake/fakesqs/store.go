package fakesqs

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// store keeps queues and messages in a bbolt file. commit writes a transaction but does not sync it: the kernel has the
// pages, so no signal that kills this process loses a committed message. A crash of the machine can lose or damage the
// file; a disk flush for each message would be too slow for a development queue.
type store struct{ db *bbolt.DB } // a nil db stores nothing

var (
	queueBucket   = []byte("queues")   // queue id → savedQueue as JSON
	contentBucket = []byte("contents") // seq → content as JSON; the bucket's sequence is the latest seq
	stateBucket   = []byte("states")   // seq → state, binary
)

// change is what one operation stores, atomically.
type change struct {
	add        []*message
	states     map[uint64]state // key: seq
	drop       []*message
	save       []savedQueue
	dropQueues []uint64 // ids
}

// savedQueue is a queue without its messages.
type savedQueue struct {
	ID         uint64            `json:"id"`
	Name       string            `json:"name"`
	Attributes map[string]string `json:"attributes"`
	Tags       map[string]string `json:"tags"`
	Created    time.Time         `json:"created"`
	Modified   time.Time         `json:"modified"`
}

func openStore(path string) (*store, error) {
	if path == "" {
		return &store{}, nil
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: time.Second, NoSync: true, NoGrowSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("queue file %s: another process has it open", path)
	}
	if err != nil {
		return nil, fmt.Errorf("queue file %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{queueBucket, contentBucket, stateBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("queue file %s: %w", path, err)
	}
	return &store{db: db}, nil
}

// commit stores c.
func (s *store) commit(c change) error {
	if s.db == nil || len(c.add)+len(c.states)+len(c.drop)+len(c.save)+len(c.dropQueues) == 0 {
		return nil
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		queues, contents, states := tx.Bucket(queueBucket), tx.Bucket(contentBucket), tx.Bucket(stateBucket)
		var errs []error
		for _, q := range c.save {
			b, err := json.Marshal(q)
			errs = append(errs, err, queues.Put(key(q.ID), b))
		}
		for _, id := range c.dropQueues {
			errs = append(errs, queues.Delete(key(id)))
		}
		for _, m := range c.add {
			b, err := json.Marshal(m.content)
			errs = append(errs, err, contents.Put(key(m.seq), b), states.Put(key(m.seq), m.encode()),
				contents.SetSequence(max(m.seq, contents.Sequence())))
		}
		for seq, st := range c.states {
			errs = append(errs, states.Put(key(seq), st.encode()))
		}
		for _, m := range c.drop {
			errs = append(errs, contents.Delete(key(m.seq)), states.Delete(key(m.seq)))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		return fmt.Errorf("queue file: %w", err)
	}
	return nil
}

// load calls queue for every stored queue, then message for every stored message in the order of arrival, and returns
// the latest seq.
func (s *store) load(queue func(savedQueue) error, message func(*message) error) (seq uint64, err error) {
	if s.db == nil {
		return 0, nil
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		contents, states := tx.Bucket(contentBucket), tx.Bucket(stateBucket)
		seq = contents.Sequence()
		err := tx.Bucket(queueBucket).ForEach(func(_, v []byte) error {
			var q savedQueue
			if err := json.Unmarshal(v, &q); err != nil {
				return err
			}
			return queue(q)
		})
		if err != nil {
			return err
		}
		return contents.ForEach(func(k, v []byte) error {
			m, err := decodeMessage(k, v, states.Get(k))
			if err != nil {
				return fmt.Errorf("message %x: %w", k, err)
			}
			return message(m)
		})
	})
	if err != nil {
		return 0, fmt.Errorf("queue file: %w", err)
	}
	return seq, nil
}

// close syncs the file to the disk and closes it.
func (s *store) close() error {
	if s.db == nil {
		return nil
	}
	return errors.Join(s.db.Sync(), s.db.Close())
}

// key returns n in big-endian order, so that bbolt sorts keys by number.
func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

const stateSize = 5*8 + 3*4

func (s state) encode() []byte {
	b := make([]byte, 0, stateSize)
	for _, n := range []uint64{s.queue, s.source, nanos(s.visibleAt), nanos(s.receivedAt), nanos(s.first)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	for _, n := range []uint32{s.receives, s.before, s.receipt} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

func decodeMessage(k, c, s []byte) (*message, error) {
	m := &message{content: new(content)}
	if len(k) != 8 || len(s) != stateSize {
		return nil, fmt.Errorf("key of %d bytes and state of %d bytes", len(k), len(s))
	}
	if err := json.Unmarshal(c, m.content); err != nil {
		return nil, err
	}
	long := func(i int) uint64 { return binary.BigEndian.Uint64(s[8*i:]) }
	short := func(i int) uint32 { return binary.BigEndian.Uint32(s[40+4*i:]) }
	m.seq = binary.BigEndian.Uint64(k)
	m.state = state{queue: long(0), source: long(1), visibleAt: instant(long(2)), receivedAt: instant(long(3)),
		first: instant(long(4)), receives: short(0), before: short(1), receipt: short(2)}
	return m, nil
}

// nanos returns nanoseconds since 1970, or 0 for the zero time.
func nanos(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(t.UnixNano())
}

func instant(n uint64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n))
}
