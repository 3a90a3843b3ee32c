package api

import "sync"

// maxCallerStreams is how many streams a server keeps open for one caller, so that one cannot take those of all others.
// A page needs one.
const maxCallerStreams = 20

// streams counts the open streams.
type streams struct {
	mu       sync.Mutex
	most     int
	open     int
	byCaller map[string]int // open streams by the caller's subject
}

// begin reports whether another stream may be opened for the caller with this subject. If so, end must follow.
func (s *streams) begin(subject string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.most || s.byCaller[subject] >= maxCallerStreams {
		return false
	}
	if s.byCaller == nil {
		s.byCaller = make(map[string]int)
	}
	s.open++
	s.byCaller[subject]++
	return true
}

// end closes a stream of the caller.
func (s *streams) end(subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	if s.byCaller[subject]--; s.byCaller[subject] == 0 {
		delete(s.byCaller, subject)
	}
}
