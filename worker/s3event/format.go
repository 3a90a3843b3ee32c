package s3event

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// Record is an event with the other fields that S3 sends. [Parse] ignores them, and an empty one is left out.
type Record struct {
	Event
	Region    string
	Account   string // principal that owns the bucket and sent the request
	SourceIP  string // address that the request came from
	RequestID string // x-amz-request-id
	HostID    string // x-amz-id-2
	RuleID    string // name of the notification rule that matched
	Size      *int64 // bytes; nil for a deleted object
	ETag      string // without quotes; empty for a deleted object
	VersionID string // empty in a bucket without versioning
	Sequencer string // hexadecimal; orders the events of a key
}

// Format returns the body of a notification of one event, as S3 sends it.
func Format(e Event) string { return FormatRecords(Record{Event: e}) }

// FormatRecords returns the body of a notification with these records.
func FormatRecords(records ...Record) string {
	n := notification{Records: make([]wireRecord, len(records))}
	for i, r := range records {
		n.Records[i] = r.wire()
	}
	return encode(n)
}

// FormatEventBridge returns the event as S3 sends it through EventBridge. Its Name is the detail type, such as "Object
// Created": https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func FormatEventBridge(e Event) string {
	return encode(eventBridge{
		Version: "0", DetailType: e.Name, Source: "aws.s3", Time: e.Time.UTC(), Resources: []string{bucketARN(e.Bucket)},
		Detail: wireEntity{Bucket: wireBucket{Name: e.Bucket}, Object: wireObject{Key: e.Key}},
	})
}

// FormatSNS returns the message that an SNS topic sends to SQS for a notification with this body.
func FormatSNS(body string) string {
	return encode(snsMessage{Type: "Notification", TopicArn: "arn:aws:sns:us-east-1:000000000000:photos", Message: body})
}

// FormatTestEvent returns the message that S3 sends when a notification is set up:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func FormatTestEvent(bucket string, at time.Time, requestID, hostID string) string {
	return encode(wireTestEvent{Service: "Amazon S3", Event: testEvent, Time: at.UTC(), Bucket: bucket,
		RequestID: requestID, HostID: hostID})
}

// notification and the types below have the structure of
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type notification struct {
	Records []wireRecord `json:"Records"`
}

type wireRecord struct {
	EventVersion      string            `json:"eventVersion"`
	EventSource       string            `json:"eventSource"`
	AWSRegion         string            `json:"awsRegion,omitempty"`
	EventTime         time.Time         `json:"eventTime,omitzero"`
	EventName         string            `json:"eventName"`
	UserIdentity      wireIdentity      `json:"userIdentity,omitzero"`
	RequestParameters map[string]string `json:"requestParameters,omitempty"`
	ResponseElements  map[string]string `json:"responseElements,omitempty"`
	S3                wireEntity        `json:"s3"`
}

type wireIdentity struct {
	PrincipalID string `json:"principalId"`
}

type wireEntity struct {
	SchemaVersion   string     `json:"s3SchemaVersion,omitempty"`
	ConfigurationID string     `json:"configurationId,omitempty"`
	Bucket          wireBucket `json:"bucket"`
	Object          wireObject `json:"object"`
}

type wireBucket struct {
	Name          string       `json:"name"`
	OwnerIdentity wireIdentity `json:"ownerIdentity,omitzero"`
	ARN           string       `json:"arn,omitempty"`
}

type wireObject struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer,omitempty"`
}

type wireTestEvent struct {
	Service   string
	Event     string
	Time      time.Time
	Bucket    string
	RequestID string `json:"RequestId"`
	HostID    string `json:"HostId"`
}

type eventBridge struct {
	Version    string     `json:"version"`
	DetailType string     `json:"detail-type"`
	Source     string     `json:"source"`
	Time       time.Time  `json:"time,omitzero"`
	Resources  []string   `json:"resources"`
	Detail     wireEntity `json:"detail"`
}

type snsMessage struct {
	Type     string
	TopicArn string
	Message  string
}

func (r Record) wire() wireRecord {
	w := wireRecord{
		EventVersion: "2.1", EventSource: "aws:s3", AWSRegion: r.Region, EventTime: r.Time, EventName: r.Name,
		S3: wireEntity{
			SchemaVersion: "1.0", ConfigurationID: r.RuleID,
			Bucket: wireBucket{Name: r.Bucket, ARN: bucketARN(r.Bucket)},
			Object: wireObject{Key: escapeKey(r.Key), Size: r.Size, ETag: r.ETag, VersionID: r.VersionID,
				Sequencer: r.Sequencer},
		},
	}
	if r.Account != "" {
		w.UserIdentity.PrincipalID = "AWS:" + r.Account
		w.S3.Bucket.OwnerIdentity.PrincipalID = r.Account
	}
	if r.SourceIP != "" {
		w.RequestParameters = map[string]string{"sourceIPAddress": r.SourceIP}
	}
	if r.RequestID != "" {
		w.ResponseElements = map[string]string{"x-amz-request-id": r.RequestID, "x-amz-id-2": r.HostID}
	}
	return w
}

func bucketARN(name string) string { return "arn:aws:s3:::" + name }

// escapeKey encodes a key as S3 does in a record: form encoding, in which a space is a plus, with slashes left alone.
func escapeKey(key string) string {
	return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
}

// encode panics on an error, which cannot happen: every field is a string, a number or a time that S3 or a clock gave.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
