package process

import (
	"net"
	"net/http"
	"sync"
)

// unused holds the connections of a server that have sent nothing yet.
type unused struct {
	mu      sync.Mutex
	conns   map[net.Conn]bool
	closing bool
}

// CloseUnused makes Shutdown of srv close connections that have sent nothing yet, as it closes idle ones. By itself it
// waits 5 s for the request of such a connection, which browsers and pools of connections open in advance. It sets
// srv.ConnState, and must be called before the server accepts a connection.
func CloseUnused(srv *http.Server) {
	u := &unused{conns: map[net.Conn]bool{}}
	srv.ConnState = u.changed
	srv.RegisterOnShutdown(u.close)
}

// changed records the new state of a connection.
func (u *unused) changed(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(u.conns, c)
	case u.closing:
		c.Close()
	default:
		u.conns[c] = true
	}
}

// close closes the connections. A client whose request is in transit is refused, as it would be a moment later.
func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closing = true
	for c := range u.conns {
		c.Close()
	}
}
