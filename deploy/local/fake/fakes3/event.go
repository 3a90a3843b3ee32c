package fakes3

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// The names that S3 gives to what happened:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
const (
	createdPut      = "ObjectCreated:Put"
	createdCopy     = "ObjectCreated:Copy"
	createdComplete = "ObjectCreated:CompleteMultipartUpload"
	removedDelete   = "ObjectRemoved:Delete"
)

// A change is what happened to one object.
type change struct {
	name      string // such as createdPut
	bucket    string
	key       string
	size      int64  // bytes; of a created object
	etag      string // without quotes; of a created object
	versionID string // of a versioned bucket
	sourceIP  string // of the request
	account   string // access key of the request
}

// The structure of an event notification:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type notification struct {
	Records []record `json:"Records"`
}

type record struct {
	EventVersion      string            `json:"eventVersion"`
	EventSource       string            `json:"eventSource"`
	AWSRegion         string            `json:"awsRegion"`
	EventTime         time.Time         `json:"eventTime"`
	EventName         string            `json:"eventName"`
	UserIdentity      identity          `json:"userIdentity"`
	RequestParameters map[string]string `json:"requestParameters"`
	ResponseElements  map[string]string `json:"responseElements"`
	S3                entity            `json:"s3"`
}

type identity struct {
	PrincipalID string `json:"principalId"`
}

type entity struct {
	SchemaVersion   string       `json:"s3SchemaVersion"`
	ConfigurationID string       `json:"configurationId"`
	Bucket          bucketEntity `json:"bucket"`
	Object          objectEntity `json:"object"`
}

type bucketEntity struct {
	Name          string   `json:"name"`
	OwnerIdentity identity `json:"ownerIdentity"`
	ARN           string   `json:"arn"`
}

type objectEntity struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer"`
}

// event returns the notification of ch as S3 in region would send it.
func event(ch change, region, sequencer string, at time.Time) []byte {
	object := objectEntity{Key: escapeKey(ch.key), ETag: ch.etag, VersionID: ch.versionID, Sequencer: sequencer}
	if ch.name != removedDelete {
		object.Size = &ch.size
	}
	return encode(notification{Records: []record{{
		EventVersion:      "2.1",
		EventSource:       "aws:s3",
		AWSRegion:         region,
		EventTime:         at.UTC().Truncate(time.Millisecond),
		EventName:         ch.name,
		UserIdentity:      identity{"AWS:" + ch.account},
		RequestParameters: map[string]string{"sourceIPAddress": ch.sourceIP},
		ResponseElements:  map[string]string{"x-amz-request-id": randomHex(8), "x-amz-id-2": randomHex(32)},
		S3: entity{
			SchemaVersion:   "1.0",
			ConfigurationID: "darkroom",
			Bucket:          bucketEntity{ch.bucket, identity{ch.account}, "arn:aws:s3:::" + ch.bucket},
			Object:          object,
		},
	}}})
}

// testEvent is what S3 sends when a notification is configured:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func testEvent(bucket string, at time.Time) []byte {
	return encode(struct {
		Service, Event string
		Time           time.Time
		Bucket         string
		RequestID      string `json:"RequestId"`
		HostID         string `json:"HostId"`
	}{"Amazon S3", "s3:TestEvent", at.UTC().Truncate(time.Millisecond), bucket, randomHex(8), randomHex(32)})
}

// encode cannot fail: every value of an event is a string, a number or a time of this century.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// escapeKey encodes a key as S3 does in an event: form encoding, in which a space is +, but with slashes left alone.
func escapeKey(key string) string {
	return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // never fails: crypto/rand crashes the program instead
	return strings.ToUpper(hex.EncodeToString(b))
}

// A sequence gives the sequencers of events: hexadecimal texts of one length that grow with every call, also from
// one run of the program to the next as long as the clock is not set back.
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
