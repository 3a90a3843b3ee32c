package fakes3

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"darkroom/worker/wait"
)

// notifying is versitygw's storage, plus an event for every object that a request creates or deletes.
//
// The event is sent after the object is stored and before the client gets its answer. Until then it is noted on disk.
// If the process dies in between, the next [Run] sends the event: as with S3, events are delivered at least once. An
// event gets its sequencer after the write, so those of two overlapping writes can be in either order.
type notifying struct {
	*posix.Posix
	config     Config
	ctx        context.Context // context of Run; the context of a request ends when its client disconnects
	attributes *sidecar
	unsent     journal
	buckets    map[string]bool // true for a bucket that notifies
	seq        sequence
}

// watch records the intent to change an object, runs write and sends the event for the change that write returns. A
// write that fails has no event.
func (n *notifying) watch(ctx context.Context, name, bucket, key string, write func() (change, error)) error {
	if !n.buckets[bucket] {
		_, err := write()
		return err
	}
	in := intent{Name: name, Bucket: bucket, Key: key}
	forget, err := n.unsent.record(in)
	if err != nil {
		return err
	}
	ch, err := write()
	if err != nil {
		forget()
		return err
	}
	ch.name, ch.bucket, ch.key = name, bucket, key
	ch.account, ch.sourceIP = n.config.AccessKey, remoteIP(ctx)
	if n.send(ch) {
		forget()
	}
	return nil
}

const firstRetry, lastRetry = 50 * time.Millisecond, 2 * time.Second

// send delivers the event of ch. It retries until that succeeds or Run ends, and reports whether it succeeded.
func (n *notifying) send(ch change) bool {
	ev := event(ch, n.config.Region, n.seq.next(), time.Now())
	delay := firstRetry
	for {
		// One attempt is made even if Run is ending, because the queue stops after this server.
		err := n.config.Notify(context.WithoutCancel(n.ctx), ch.bucket, ev)
		if err == nil {
			n.config.Log.Debug("sent an event", "event", ch.name, "bucket", ch.bucket, "key", ch.key)
			return true
		}
		n.config.Log.Warn("cannot send an event", "event", ch.name, "bucket", ch.bucket, "key", ch.key, "error", err)
		if wait.For(n.ctx, delay) != nil {
			n.config.Log.Error("event not sent: the next start sends it", "event", ch.name, "bucket", ch.bucket, "key", ch.key)
			return false
		}
		delay = min(2*delay, lastRetry)
	}
}

// replay sends the events that an earlier run did not send. They describe the object as it is now.
func (n *notifying) replay(ctx context.Context) error {
	return n.unsent.sendAll(func(in intent) bool {
		ch, err := n.describe(ctx, in.Bucket, in.Key)
		switch {
		case err != nil && (in.Name == removedDelete || in.Name == removedMarker):
			ch = change{} // deleted, as intended
		case err != nil:
			return true // the object was never stored
		}
		ch.name, ch.bucket, ch.key = in.Name, in.Bucket, in.Key
		if err == nil && (in.Name == removedDelete || in.Name == removedMarker) {
			ch.name = createdPut // the object was never deleted
		}
		ch.account, ch.sourceIP = n.config.AccessKey, "127.0.0.1"
		return n.send(ch)
	})
}

// describe returns the size, ETag and version of an object.
func (n *notifying) describe(ctx context.Context, bucket, key string) (change, error) {
	head, err := n.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return change{}, err
	}
	ch := change{etag: unquote(text(head.ETag)), versionID: text(head.VersionId)}
	if head.ContentLength != nil {
		ch.size = *head.ContentLength
	}
	return ch, nil
}

// settle gives an object the attributes that belong to it after a write that returned err.
func (n *notifying) settle(bucket, key *string, err error) error {
	if bad := n.attributes.settle(text(bucket), text(key)); bad != nil {
		return errors.Join(err, bad)
	}
	return err
}

func (n *notifying) PutObject(ctx context.Context, in s3response.PutObjectInput) (out s3response.PutObjectOutput, err error) {
	err = n.watch(ctx, createdPut, text(in.Bucket), text(in.Key), func() (change, error) {
		out, err = n.Posix.PutObject(ctx, in)
		if err = n.settle(in.Bucket, in.Key, err); err != nil {
			return change{}, err
		}
		if out.Size == nil { // a concurrent write replaced the object
			return n.describeOrBlank(ctx, in.Bucket, in.Key), nil
		}
		out.VersionID = text(n.currentID(in.Bucket, in.Key))
		return change{size: *out.Size, etag: unquote(out.ETag), versionID: out.VersionID}, nil
	})
	return out, err
}

func (n *notifying) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (out s3response.CopyObjectOutput, err error) {
	err = n.watch(ctx, createdCopy, text(in.Bucket), text(in.Key), func() (change, error) {
		out, err = n.Posix.CopyObject(ctx, in)
		if err = n.settle(in.Bucket, in.Key, err); err != nil {
			return change{}, err
		}
		return n.describeOrBlank(ctx, in.Bucket, in.Key), nil
	})
	return out, err
}

func (n *notifying) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (out s3response.CompleteMultipartUploadResult, version string, err error) {
	err = n.watch(ctx, createdComplete, text(in.Bucket), text(in.Key), func() (change, error) {
		out, version, err = n.Posix.CompleteMultipartUpload(ctx, in)
		if err = n.settle(in.Bucket, in.Key, err); err != nil {
			return change{}, err
		}
		return n.describeOrBlank(ctx, in.Bucket, in.Key), nil
	})
	return out, version, err
}

func (n *notifying) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (out *s3.DeleteObjectOutput, err error) {
	err = n.watch(ctx, n.removal(in.Bucket, in.VersionId), text(in.Bucket), text(in.Key), func() (change, error) {
		if out, err = n.deleteOne(ctx, in); err != nil {
			return change{}, err
		}
		return change{versionID: text(out.VersionId)}, nil
	})
	return out, err
}

// DeleteObjects deletes the objects one by one, so that each has its own intent and event.
func (n *notifying) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	var all s3response.DeleteResult
	for _, object := range in.Delete.Objects {
		out, err := n.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: in.Bucket, Key: object.Key, VersionId: object.VersionId})
		if err != nil {
			all.Error = append(all.Error, s3err.ObjectDeleteError(object.Key, object.VersionId, err))
			continue
		}
		deleted := types.DeletedObject{Key: object.Key, VersionId: object.VersionId, DeleteMarker: out.DeleteMarker}
		if out.DeleteMarker != nil && *out.DeleteMarker {
			deleted.DeleteMarkerVersionId = out.VersionId
		}
		all.Deleted = append(all.Deleted, deleted)
	}
	return all, nil
}

// describeOrBlank is like describe, for an object that was just written and may already be deleted.
func (n *notifying) describeOrBlank(ctx context.Context, bucket, key *string) change {
	ch, err := n.describe(ctx, text(bucket), text(key))
	if err != nil {
		return change{}
	}
	return ch
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func unquote(etag string) string { return strings.Trim(etag, `"`) }
