package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// streamWriter records when each part of a stream is flushed, and the deadlines for that.
type streamWriter struct {
	*httptest.ResponseRecorder
	begun, deadline time.Time
	pending         string
	fails           error
	flushed         []part
}

type part struct {
	at   time.Duration
	text string
}

func (w *streamWriter) Write(b []byte) (int, error) {
	if w.fails != nil {
		return 0, w.fails
	}
	w.pending += string(b)
	return w.ResponseRecorder.Write(b)
}

func (w *streamWriter) Flush() {
	w.flushed = append(w.flushed, part{time.Since(w.begun), w.pending})
	w.pending = ""
}

func (w *streamWriter) SetWriteDeadline(at time.Time) error {
	w.deadline = at
	return nil
}

// streamOf lets the rig answer a request for a stream of the photos.
func (r *rig) streamOf(ctx context.Context, ids []photo.ID, more string) *streamWriter {
	w := &streamWriter{ResponseRecorder: httptest.NewRecorder(), begun: time.Now()}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	r.ServeHTTP(w, request("GET", boardOutcomes+"?ids="+strings.Join(names, ",")+more, "cats", "", "Accept", "text/event-stream",
		"Origin", "https://app.example").WithContext(ctx))
	return w
}

// outcomes returns the uploads of the events, and when the client got each.
func (w *streamWriter) outcomes(t *testing.T) (ids []photo.ID, at []time.Duration) {
	t.Helper()
	for _, p := range w.flushed {
		if strings.HasPrefix(p.text, ":") {
			continue
		}
		var up contract.Upload
		lines := strings.Split(p.text, "\n")
		if len(lines) != 5 || lines[1] != "event: outcome" || lines[3] != "" || lines[4] != "" || json.Unmarshal([]byte(strings.TrimPrefix(lines[2], "data: ")), &up) != nil ||
			lines[0] != "id: "+string(up.ID) {
			t.Fatalf("event %q", p.text)
		}
		ids, at = append(ids, up.ID), append(at, p.at)
	}
	return ids, at
}

func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, all := newBurst(), ids(30)
		for i, id := range all {
			store.ready[id] = time.Duration(i) * 3 * time.Second
		}
		rig := newRig(t, Config{MaxStreams: 1, CORSOrigins: []string{"https://app.example"}}, store)
		w := rig.streamOf(t.Context(), all, "&wait=1")
		got, at := w.outcomes(t)
		if !slices.Equal(got, all) {
			t.Fatalf("outcomes %v", got)
		}
		for i := range at {
			if late := at[i] - store.ready[all[i]]; late < 0 || late > 2*time.Second {
				t.Errorf("outcome %d comes after %v, and was there after %v", i, at[i], store.ready[all[i]])
			}
		}
		if took := time.Since(w.begun); took != at[29] {
			t.Errorf("the stream ends after %v, the last outcome came after %v", took, at[29])
		}
		h := w.Result().Header
		if w.Code != 200 || h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" || h.Get("Access-Control-Allow-Origin") != "https://app.example" {
			t.Errorf("%d, header %v", w.Code, h)
		}
		if rec := rig.record(t); rec["level"] != "DEBUG" || rec["status"] != 200.0 {
			t.Errorf("log has %v", rec)
		}
		if most := 30 * 12 * 3; store.total() > most {
			t.Errorf("%d reads, want at most %d", store.total(), most)
		}
	})
}

// TestStreamEnds: a stream without outcomes ends with its client, with the server, when nobody reads it, and in time.
func TestStreamEnds(t *testing.T) {
	for name, c := range map[string]struct {
		client, server time.Duration
		fails          error
		least, most    time.Duration
	}{
		"client":         {client: 3 * time.Second, least: 3 * time.Second, most: 3 * time.Second},
		"server":         {server: 40 * time.Second, least: 40 * time.Second, most: 40 * time.Second},
		"nobody reads":   {fails: errors.New("i/o timeout")},
		"longest stream": {least: streamLimit - 2*answerMargin, most: streamLimit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newRig(t, Config{MaxStreams: 1}, newBurst())
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.client > 0 {
					time.AfterFunc(c.client, cancel)
				}
				if c.server > 0 {
					time.AfterFunc(c.server, rig.Drain)
				}
				w := &streamWriter{ResponseRecorder: httptest.NewRecorder(), begun: time.Now(), fails: c.fails}
				rig.ServeHTTP(w, request("GET", boardOutcomes+"?ids="+testID, "cats", "", "Accept", "text/event-stream").WithContext(ctx))
				took := time.Since(w.begun)
				if took < c.least || took > c.most {
					t.Errorf("took %v", took)
				}
				last := time.Duration(0)
				for _, p := range append(w.flushed, part{took, ":"}) {
					if silent := p.at - last; silent > heartbeat+lastPause || !strings.HasPrefix(p.text, ":") {
						t.Errorf("%q after %v of silence", p.text, silent)
					}
					last = p.at
				}
				if want := int(took/heartbeat) + 2; len(w.flushed) > want {
					t.Errorf("%d heartbeats, want at most %d", len(w.flushed), want)
				}
				if c.fails == nil && w.deadline.Before(w.begun.Add(w.flushed[len(w.flushed)-1].at).Add(writeTimeout)) {
					t.Errorf("the last write may take until %v", w.deadline)
				}
				if rec := rig.record(t); rec["level"] != "DEBUG" {
					t.Errorf("log has %v", rec)
				}
				if rig.streams.open != 0 {
					t.Error("the stream still counts")
				}
			})
		})
	}
}

// TestStreamOutlivesAnOutage: neither failed reads nor reads that hang end a stream, and the log has them.
func TestStreamOutlivesAnOutage(t *testing.T) {
	forMinute := func(err error) func(photo.ID, time.Duration) error {
		return func(_ photo.ID, after time.Duration) error {
			if after < time.Minute {
				return err
			}
			return nil
		}
	}
	for name, spoil := range map[string]func(*burst){
		"S3 is down":             func(b *burst) { b.fails = forMinute(errOutage) },
		"a manifest is unusable": func(b *burst) { b.fails = forMinute(errUnusable) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newBurst()
				store.ready[testID] = 2 * time.Second
				spoil(store)
				rig := newRig(t, Config{MaxStreams: 1}, store)
				got, at := rig.streamOf(t.Context(), []photo.ID{testID}, "").outcomes(t)
				if !slices.Equal(got, []photo.ID{testID}) || at[0] < time.Minute || at[0] > time.Minute+2*time.Second {
					t.Errorf("outcomes %v after %v", got, at)
				}
				if !strings.Contains(rig.log.String(), `"level":"WARN"`) {
					t.Errorf("log has %s", rig.log)
				}
			})
		})
	}
}

// TestStreamOrList: a request for a stream gets JSON where no stream is available.
func TestStreamOrList(t *testing.T) {
	for name, c := range map[string]struct {
		cfg     Config
		method  string
		accept  []string
		streams bool
	}{
		"events":              {Config{MaxStreams: 1}, "GET", []string{"text/event-stream"}, true},
		"events among others": {Config{MaxStreams: 1}, "GET", []string{"application/json;q=0.5, Text/Event-Stream; charset=utf-8"}, true},
		"in another header":   {Config{MaxStreams: 1}, "GET", []string{"application/json", "text/event-stream;q=0.1"}, true},
		"no events":           {Config{MaxStreams: 1}, "GET", []string{"text/event-stream;q=0, */*"}, false},
		"anything":            {Config{MaxStreams: 1}, "GET", []string{"*/*"}, false},
		"any text":            {Config{MaxStreams: 1}, "GET", []string{"text/*"}, false},
		"quoted":              {Config{MaxStreams: 1}, "GET", []string{`a/b;c="x, text/event-stream"`}, false},
		"nothing":             {Config{MaxStreams: 1}, "GET", nil, false},
		"no body":             {Config{MaxStreams: 1}, "HEAD", []string{"text/event-stream"}, false},
		"a Lambda function":   {Config{}, "GET", []string{"text/event-stream"}, false},
		"no waits":            {Config{MaxStreams: 1, MaxWait: new(time.Duration(0))}, "GET", []string{"text/event-stream"}, false},
	} {
		store := newBurst()
		store.ready[testID] = 0
		rig := newRig(t, c.cfg, store)
		r := request(c.method, boardOutcomes+"?ids="+testID, "cats", "")
		r.Header["Accept"] = c.accept
		resp := rig.do(r)
		if got := resp.Header.Get("Content-Type") == contract.EventsContentType; got != c.streams || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", name, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
		if got := strings.Join(resp.Header.Values("Vary"), ", "); got != "Prefer, Accept" {
			t.Errorf("%s: Vary %q", name, got)
		}
	}
}

// TestStreamsAreLimited: a client that gets no stream waits as long as any other, and the next one can stream again.
func TestStreamsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, Config{MaxStreams: 1}, newBurst())
		ctx, cancel := context.WithCancel(t.Context())
		go rig.streamOf(ctx, ids(2), "")
		synctest.Wait()
		second := rig.streamOf(t.Context(), ids(2), "")
		if took := time.Since(second.begun); took != contract.MaxWait || second.Result().Header.Get("Content-Type") != contract.ContentType {
			t.Errorf("the second client: %v after %v", second.Result().Header, took)
		}
		cancel()
		synctest.Wait()
		time.AfterFunc(time.Second, rig.Drain)
		if third := rig.streamOf(t.Context(), ids(2), ""); third.Result().Header.Get("Content-Type") != contract.EventsContentType {
			t.Errorf("the third client: %v", third.Result().Header)
		}
	})
}

// TestStreamIsAuthorised: a stream is for callers of the board, and a wrong query is refused before it begins.
func TestStreamIsAuthorised(t *testing.T) {
	rig := newRig(t, Config{MaxStreams: 1}, newBurst())
	for _, c := range []struct {
		token, query string
		status       int
	}{{"", "?ids=" + testID, 401}, {"dogs", "?ids=" + testID, 403}, {"cats", "?ids=17", 400}, {"cats", "?wait=x&ids=" + testID, 400}} {
		resp := rig.do(request("GET", boardOutcomes+c.query, c.token, "", "Accept", "text/event-stream"))
		if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != contract.ProblemContentType {
			t.Errorf("%q %s: %d %s, want %d", c.token, c.query, resp.StatusCode, resp.Header.Get("Content-Type"), c.status)
		}
	}
}
