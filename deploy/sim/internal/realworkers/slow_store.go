package realworkers

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/wait"
)

// slowStore is a proxy in front of S3 that delays the download of each original.
type slowStore struct {
	download time.Duration
	next     atomic.Pointer[upstream]
}

type upstream struct {
	http.Handler
	transport *http.Transport
}

// forwardTo sets the address of S3. Until then requests fail.
func (s *slowStore) forwardTo(addr string) {
	h, transport := faults.Proxy(addr)
	s.next.Store(&upstream{h, transport})
}

func (s *slowStore) close() {
	if next := s.next.Load(); next != nil {
		next.transport.CloseIdleConnections()
	}
}

func (s *slowStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	next := s.next.Load()
	if next == nil {
		http.Error(w, "S3 has not started", http.StatusServiceUnavailable)
		return
	}
	if key, ok := strings.CutPrefix(r.URL.Path, "/"+fake.Uploads+"/"); ok && key != "" && r.Method == http.MethodGet {
		if wait.For(r.Context(), s.download) != nil {
			return
		}
	}
	next.ServeHTTP(w, r)
}
