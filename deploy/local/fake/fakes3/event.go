package fakes3

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"darkroom/worker/s3event"
)

// S3's names of events:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
const (
	createdPut      = "ObjectCreated:Put"
	createdCopy     = "ObjectCreated:Copy"
	createdComplete = "ObjectCreated:CompleteMultipartUpload"
	removedDelete   = "ObjectRemoved:Delete"
	removedMarker   = "ObjectRemoved:DeleteMarkerCreated"
)

// change is what happened to one object.
type change struct {
	name      string // such as createdPut
	bucket    string
	key       string
	size      int64  // bytes; only of a created object
	etag      string // without quotes; only of a created object
	versionID string // only in a versioned bucket
	sourceIP  string // client of the request
	account   string // access key of the request
}

// event returns the notification of ch as S3 in region would send it.
func event(ch change, region, sequencer string, at time.Time) []byte {
	r := s3event.Record{
		Event:  s3event.Event{Name: ch.name, Bucket: ch.bucket, Key: ch.key, Time: at.UTC().Truncate(time.Millisecond)},
		Region: region, Account: ch.account, SourceIP: ch.sourceIP, RequestID: randomHex(8), HostID: randomHex(32), RuleID: "darkroom",
		ETag: ch.etag, VersionID: ch.versionID, Sequencer: sequencer,
	}
	if ch.name != removedDelete && ch.name != removedMarker {
		r.Size = &ch.size
	}
	return []byte(s3event.FormatRecords(r))
}

// testEvent returns what S3 sends when a notification is configured.
func testEvent(bucket string, at time.Time) []byte {
	return []byte(s3event.FormatTestEvent(bucket, at.Truncate(time.Millisecond), randomHex(8), randomHex(32)))
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // never fails: crypto/rand crashes the program instead
	return strings.ToUpper(hex.EncodeToString(b))
}

// sequence generates the sequencers of events: hexadecimal strings of one length that grow with every call, and from
// one run to the next unless the clock is set back.
type sequence struct{ last atomic.Int64 }

func (s *sequence) next() string {
	for {
		last := s.last.Load()
		n := max(time.Now().UnixNano(), last+1)
		if s.last.CompareAndSwap(last, n) {
			return fmt.Sprintf("%018X", n)
		}
	}
}
