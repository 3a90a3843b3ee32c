package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const (
	// DefaultMaxStreams is how many streams a server keeps open. Each polls S3 about once a second, with up to 12
	// requests: see [outcomes.poll]. A caller has at most maxCallerStreams. Clients of further streams get JSON, so
	// they still get their outcomes.
	DefaultMaxStreams = 200
	// streamLimit is the longest that a stream stays open. The client's next request is authorised again: a stream may
	// not outlive its caller's access by more.
	streamLimit = 5 * time.Minute
	// heartbeat is the longest silence of a stream. Proxies often close a connection that is silent for 30 to 60 s.
	heartbeat = 15 * time.Second
	// writeTimeout is how long a client may take to read what a stream sends. It replaces that of the server, which
	// would end a stream early.
	writeTimeout = 10 * time.Second
)

// wantsStream reports whether r asks for server-sent events where they are available. AWS Lambda and a server whose
// requests may not wait answer with JSON.
func (a *API) wantsStream(r *http.Request) bool {
	return a.cfg.MaxStreams > 0 && *a.cfg.MaxWait > 0 && r.Method == http.MethodGet && r.Pattern == contract.OutcomesPattern &&
		acceptsEvents(r.Header)
}

// acceptsEvents reports whether the header Accept names the media type of events (RFC 9110, section 12.5.1). A weight
// of 0 refuses it. A wildcard does not ask for it.
func acceptsEvents(h http.Header) bool {
	for _, value := range h.Values("Accept") {
		for accepted := range splitUnquoted(value, ',') {
			kind, parameters, err := mime.ParseMediaType(accepted)
			if err != nil || kind != contract.EventsContentType {
				continue
			}
			weight, err := strconv.ParseFloat(parameters["q"], 64)
			return err != nil || weight > 0
		}
	}
	return false
}

// stream sends each outcome as a server-sent event, in the order in which it learns them. It ends when every photo has
// its outcome, when the client goes, when the server drains, or after streamLimit. A failed read does not end it. See
// https://html.spec.whatwg.org/multipage/server-sent-events.html.
func (o *outcomes) stream(ctx context.Context, w http.ResponseWriter) {
	defer o.reportUnusable(ctx)
	h := w.Header()
	h.Set("Content-Type", contract.EventsContentType)
	h.Del(contract.PreferenceAppliedHeader) // a stream waits for as long as it takes
	h.Set("X-Accel-Buffering", "no")        // else nginx withholds events
	events := eventWriter{w, http.NewResponseController(w)}
	if events.comment() != nil {
		return
	}
	begun, sent := time.Now(), time.Now() // when the stream began, and when it last sent something
	for time.Since(begun) < streamLimit-answerMargin {
		err := o.await(ctx, max(time.Until(sent.Add(heartbeat)), lastPause))
		if ctx.Err() != nil {
			return
		}
		recordOf(ctx).readFailed(err)
		err = nil
		if len(o.found) == 0 {
			err = events.comment()
		}
		for _, status := range o.found {
			if err == nil {
				err = events.outcome(status.Upload)
			}
			o.ids = slices.DeleteFunc(o.ids, func(id photo.ID) bool { return id == status.ID })
		}
		o.found = o.found[:0]
		sent = time.Now()
		if err != nil || len(o.ids) == 0 || !o.api.pause(ctx, o.firstPause()) {
			return
		}
	}
}

// eventWriter writes server-sent events and flushes each at once. Its errors mean that the client has gone, or does not
// read.
type eventWriter struct {
	w       io.Writer
	control *http.ResponseController
}

// outcome sends an upload as one line of JSON.
func (e eventWriter) outcome(up contract.Upload) error {
	data, err := marshal(up)
	if err != nil {
		return err
	}
	return e.write(fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", up.ID, contract.OutcomeEvent,
		bytes.TrimSpace(data)))
}

// comment sends a line that clients ignore. Proxies then keep the connection.
func (e eventWriter) comment() error { return e.write([]byte(": waiting\n\n")) }

func (e eventWriter) write(b []byte) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("set the write deadline of a stream: %w", err)
	}
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.control.Flush()
}
