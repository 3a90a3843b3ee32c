package fakes3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"darkroom/worker/process"
	"darkroom/worker/wait"
)

// entrance accepts the connections of S3's clients, and connects each to the gateway when its first byte arrives. When
// the gateway stops, it waits up to 10 s for a connection that has sent nothing, as if a request were in progress.
// Browsers and connection pools open such connections in advance.
type entrance struct {
	listener net.Listener
	gateway  string // socket that the gateway listens on

	mu      sync.Mutex
	open    map[net.Conn]bool // connections, and whether each has sent anything
	stopped bool
	all     sync.WaitGroup
}

// newEntrance listens on addr. No connection is accepted before serve.
func newEntrance(addr, gateway string) (*entrance, error) {
	l, err := process.Listen(addr, "S3_ADDR")
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	return &entrance{listener: l, gateway: gateway, open: map[net.Conn]bool{}}, nil
}

// gatewaySocket returns an address for the gateway's socket, and a function that removes the socket. Linux has sockets
// without a file, which need no folder to write to.
func gatewaySocket() (address string, remove func(), err error) {
	if runtime.GOOS == "linux" {
		return fmt.Sprintf("@darkroom-s3-%d-%d", os.Getpid(), time.Now().UnixNano()), func() {}, nil
	}
	dir, err := os.MkdirTemp("", "darkroom-s3-")
	if err != nil {
		return "", nil, fmt.Errorf("s3: socket: %w", err)
	}
	return filepath.Join(dir, "gateway"), func() { os.RemoveAll(dir) }, nil
}

// acceptPause is how long the entrance waits after it could not accept a connection, for example because there is no
// free file descriptor.
const acceptPause = 50 * time.Millisecond

// serve accepts connections until stop.
func (e *entrance) serve() {
	for {
		c, err := e.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			wait.For(context.Background(), acceptPause)
			continue
		}
		if !e.note(c, false) {
			c.Close()
			return
		}
		e.all.Go(func() {
			defer e.forget(c)
			e.connect(c.(*net.TCPConn))
		})
	}
}

// connect waits for the client's first bytes and then connects it to the gateway until one of them closes the
// connection.
func (e *entrance) connect(client *net.TCPConn) {
	first := make([]byte, 4096)
	n, err := client.Read(first)
	if err != nil || !e.note(client, true) {
		return
	}
	gateway, err := net.DialUnix("unix", e.socketOf(client), &net.UnixAddr{Name: e.gateway})
	if err != nil {
		return // the gateway has stopped
	}
	defer gateway.Close()
	if _, err := gateway.Write(first[:n]); err != nil {
		return
	}
	var requests sync.WaitGroup
	requests.Go(func() {
		io.Copy(gateway, client) // ends with the connection, for whatever reason
		gateway.CloseWrite()
	})
	io.Copy(client, gateway)
	client.Close()
	gateway.Close()
	requests.Wait()
}

// socketOf returns the address of this side of a connection to the gateway: the gateway's own address, a slash, and the
// address of the client. From it, an event gets the address of the client. Only a socket without a file can have such
// an address.
func (e *entrance) socketOf(client net.Conn) *net.UnixAddr {
	if !strings.HasPrefix(e.gateway, "@") {
		return nil
	}
	return &net.UnixAddr{Name: e.gateway + "/" + client.RemoteAddr().String()}
}

// remoteIP returns the client's address if ctx is a request of the gateway's server and its socket names the client, or
// else the loopback address.
func remoteIP(ctx context.Context) string {
	if r, ok := ctx.(interface{ RemoteAddr() net.Addr }); ok {
		_, address, _ := strings.Cut(r.RemoteAddr().String(), "/")
		if client, err := netip.ParseAddrPort(address); err == nil {
			return client.Addr().Unmap().String()
		}
	}
	return "127.0.0.1"
}

// note records that a connection is open, and whether it has sent anything. It reports false if the entrance has
// stopped.
func (e *entrance) note(c net.Conn, sent bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.stopped {
		e.open[c] = sent
	}
	return !e.stopped
}

// forget closes a connection.
func (e *entrance) forget(c net.Conn) {
	c.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.open, c)
}

// stop refuses new connections and closes those that have sent nothing. The gateway closes the others.
func (e *entrance) stop() {
	e.listener.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped = true
	for c, sent := range e.open {
		if !sent {
			c.Close()
		}
	}
}

// end closes all connections, after the gateway has stopped, and waits for their goroutines. The gateway gives up on
// requests that take longer than its timeout.
func (e *entrance) end() {
	e.mu.Lock()
	for c := range e.open {
		c.Close()
	}
	e.mu.Unlock()
	e.all.Wait()
}
