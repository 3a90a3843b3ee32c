package reconcile

import (
	"context"
	"fmt"
	"io"
	"time"

	"darkroom/worker/internal/store"
)

// download reads a whole original into memory, for which it waits first. The caller calls discard when it no longer
// needs the data.
func (r *Reconciler) download(ctx context.Context, t *target, object store.Object, body io.Reader) (data []byte, discard func(), err error) {
	r.enter(ctx, t, stageWaitMemory)
	if err := r.gate.originals.Acquire(ctx, object.Bytes); err != nil {
		return nil, nil, fmt.Errorf("wait for memory: %w", context.Cause(ctx))
	}
	discard = func() { r.gate.originals.Release(object.Bytes) }
	r.enter(ctx, t, stageDownload)
	data, err = readAll(body, object.Bytes)
	if err != nil {
		discard()
		return nil, nil, err
	}
	r.cfg.Metrics.bytesIn.Add(float64(object.Bytes))
	return data, discard, nil
}

// readAll reads a body that must have exactly that many bytes. The body checks them against the stored checksum at its
// end, so readAll reads to the end before anything is decoded.
func readAll(body io.Reader, bytes int64) ([]byte, error) {
	data := make([]byte, bytes)
	if n, err := io.ReadFull(body, data); err != nil {
		return nil, fmt.Errorf("read original: %d of %d bytes: %w", n, bytes, err)
	}
	if n, err := body.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		return nil, fmt.Errorf("read original: %d bytes after the expected %d: %w", n, bytes, err)
	}
	return data, nil
}

// stallReader reads a body and cancels its context when a read delivers nothing for too long.
type stallReader struct {
	body    io.Reader
	timeout time.Duration
	timer   *time.Timer
}

// newStallReader returns a reader of body, which must have been opened with the context that cancel ends.
func newStallReader(body io.Reader, timeout time.Duration, cancel context.CancelCauseFunc) *stallReader {
	r := &stallReader{body: body, timeout: timeout, timer: time.AfterFunc(timeout, func() { cancel(store.ErrStalled) })}
	r.timer.Stop() // until the first read
	return r
}

func (r *stallReader) Read(p []byte) (int, error) {
	r.timer.Reset(r.timeout)
	defer r.timer.Stop()
	return r.body.Read(p)
}
