package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/programs"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// holding is a proxy before S3 that holds the answers with the originals of some photos, and the variants of others.
type holding struct {
	next http.Handler

	originals, writes  map[string]bool // photos by key
	mu                 sync.Mutex
	held               map[string]bool // those of which a request is held
	answered, forwards chan struct{}   // closed to let the answers and the writes go on
}

func (h *holding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.Method == http.MethodGet && h.hold(h.originals, key):
		answer := httptest.NewRecorder()
		h.next.ServeHTTP(answer, r)
		<-h.answered
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
		return
	case r.Method == http.MethodPut && h.writes[originalOf(key)]:
		body, err := io.ReadAll(r.Body) // a worker that is frozen sends nothing more
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.hold(h.writes, originalOf(key))
		<-h.forwards
	}
	h.next.ServeHTTP(w, r)
}

// originalOf returns the key of the original to which a key in the variants bucket belongs, or nothing.
func originalOf(key string) string {
	ref, err := photo.ParseVariantKey(key)
	if err != nil {
		return ""
	}
	return ref.Key()
}

// hold reports whether a request for one of these photos is held.
func (h *holding) hold(photos map[string]bool, key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !photos[key] {
		return false
	}
	h.held[key] = true
	return true
}

func (h *holding) holds() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.held)
}

// TestFrozenWorkerLeavesNothing freezes a worker for longer than its visibility timeout. Meanwhile another worker gets
// its messages, photos are removed by their user, and originals are replaced. A worker that was frozen before it wrote
// variants writes none. A sweep finds those that it had already sent.
func TestFrozenWorkerLeavesNothing(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.DeferWorkers = true })
	bearer := s.token(t, "ann", "cats")
	jpeg := small(t)
	one := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}
	grants := s.requestUploads(t, bearer, "cats", []contract.UploadRequest{one, one, one, one})
	removed, replaced := grants[:2], grants[2:]
	early := []grant{removed[0], replaced[0]} // the worker is frozen before it has the original
	late := []grant{removed[1], replaced[1]}  // the worker is frozen while it sends a variant

	direct, err := url.Parse(s.S3)
	if err != nil {
		t.Fatal(err)
	}
	next, transport := faults.Proxy(direct.Host)
	h := &holding{next: next, originals: map[string]bool{}, writes: map[string]bool{}, held: map[string]bool{}, answered: make(chan struct{}), forwards: make(chan struct{})}
	for i := range early {
		h.originals[early[i].key()], h.writes[late[i].key()] = true, true
	}
	proxy := httptest.NewServer(h)
	defer proxy.Close()
	defer transport.CloseIdleConnections()
	answer, forward := sync.OnceFunc(func() { close(h.answered) }), sync.OnceFunc(func() { close(h.forwards) })
	defer forward()
	defer answer()

	log := &logged{}
	cmd := exec.CommandContext(t.Context(), filepath.Join(programs.Shared(t), "worker"), "run")
	cmd.Env = append(s.workerEnv(), "LISTEN_ADDR=127.0.0.1:0", "AWS_ENDPOINT_URL_S3="+proxy.URL, "VISIBILITY_TIMEOUT=3s", "SLOTS=4")
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("the frozen worker's log:\n%s", log)
		}
	}()
	for _, g := range grants {
		if status, text := g.put(t, jpeg, nil); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
	}
	eventually(t, "the worker is at work on all photos", func() bool { return h.holds() == 4 })
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}

	for _, g := range removed {
		s.call(t, bearer, http.MethodDelete, g.StatusURL, http.StatusNoContent, nil)
	}
	other, err := samples.Photo("other.jpg", 48, 64, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range replaced {
		if _, err := s.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(fake.Uploads), Key: aws.String(g.key()),
			ContentType: aws.String("image/jpeg"), Body: bytes.NewReader(other.Bytes)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.StartWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantQueuesEmpty(t)
	for _, g := range grants {
		s.wantOnlyNamed(t, g)
	}

	// The requests in flight arrive. Then the worker goes on, with originals that are gone.
	before := s.keys(t, fake.Variants)
	forward()
	eventually(t, "variants of both late photos are stored", func() bool {
		arrived := slices.DeleteFunc(s.keys(t, fake.Variants), func(k string) bool { return slices.Contains(before, k) })
		return !slices.ContainsFunc(late, func(g grant) bool {
			return !slices.ContainsFunc(arrived, func(k string) bool { return strings.HasPrefix(k, g.ref().Prefix()) })
		})
	})
	answer()
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker notices that its messages are lost", func() bool {
		return strings.Count(log.String(), "visibility timeout ended before the handler") == 4
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // after its handlers have returned
	for _, g := range early {
		s.wantOnlyNamed(t, g)
	}

	sweep := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), filepath.Join(programs.Shared(t), "worker"), append([]string{"sweep", "--older-than", "0s"}, args...)...)
		cmd.Env = s.workerEnv()
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return string(text)
	}
	// The frozen worker may also have held the event of a removal. It has forwarded that event by now, and the worker
	// that handled it has removed what was left. Only the sweep removes what is left of a replaced photo.
	s.wantQueuesEmpty(t)
	text := sweep("--dry-run")
	for _, g := range late {
		named, held := s.variants(t, g)
		left := len(held) > len(named)
		if found := strings.Contains(text, g.key()+"\tvariants that no manifest names: "); found != left {
			t.Errorf("%s: something is left: %v, the sweep finds it: %v\n%s", g.key(), left, found, text)
		}
		if !left && g.ID == replaced[1].ID {
			t.Errorf("%s: the frozen worker has left nothing", g.key())
		}
	}
	sweep()
	s.wantQueuesEmpty(t)
	for _, g := range grants {
		s.wantOnlyNamed(t, g)
	}
}

// wantOnlyNamed checks that the variants bucket holds the manifest of a photo and what it names, and nothing else of
// it.
func (s *system) wantOnlyNamed(t *testing.T, g grant) {
	t.Helper()
	if named, held := s.variants(t, g); !slices.Equal(held, named) {
		t.Errorf("%s: the bucket holds\n%v, want\n%v", g.key(), held, named)
	}
}

// variants returns the sorted keys that the manifest of a photo names, with its own, and those of the photo that the
// variants bucket holds.
func (s *system) variants(t *testing.T, g grant) (named, held []string) {
	t.Helper()
	key := g.ref().ManifestKey()
	out, err := s.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(fake.Variants), Key: &key})
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	defer out.Body.Close()
	var m photo.Manifest
	if err := json.NewDecoder(out.Body).Decode(&m); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	named = []string{key}
	for _, v := range m.Variants {
		named = append(named, v.Key)
	}
	held = slices.DeleteFunc(s.keys(t, fake.Variants), func(k string) bool { return !strings.HasPrefix(k, g.ref().Prefix()) })
	slices.Sort(named)
	slices.Sort(held)
	return named, held
}
