// Package process holds what every program of Darkroom needs to run well as a process: it reads the settings, reports
// the version, stops in order when it is asked to, serves HTTP until then, and checks a running server's health without
// a shell or another program.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"darkroom/worker/settings"
)

// Listen opens a TCP listener. If the address is in use, the error names the setting to change.
func Listen(addr, setting string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("cannot listen on %s: another program already does; set %s to another address", addr, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return l, nil
}

// Reachable returns the address at which a client on this machine reaches a server that listens on addr.
func Reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// Serve answers requests on l until ctx ends. Requests that are running then have drain to finish.
func Serve(ctx context.Context, l net.Listener, srv *http.Server, drain time.Duration, log *slog.Logger) error {
	if srv.ReadHeaderTimeout == 0 {
		srv.ReadHeaderTimeout = 5 * time.Second
	}
	srv.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	CloseUnused(srv)
	log.Info("listening", "addr", l.Addr().String())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := srv.Shutdown(end)
	if err != nil {
		srv.Close()
		err = fmt.Errorf("requests were still running after %v: %w", drain, err)
	}
	<-served
	log.Info("stopped", "addr", l.Addr().String())
	return err
}

// HealthPath is the path at which a program's server reports whether it is healthy.
const HealthPath = "/healthz"

// HealthCommand is a subcommand for a kong command line. It asks a server on this machine whether it is healthy.
type HealthCommand struct {
	ListenAddr string        `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" help:"Address that the server listens on."`
	Timeout    time.Duration `default:"2s" placeholder:"DURATION" help:"Longest wait for its answer."`
}

// Validate reports the first setting that cannot be used.
func (c *HealthCommand) Validate() error {
	if err := settings.Named("LISTEN_ADDR", settings.ListenAddress(c.ListenAddr)); err != nil {
		return err
	}
	return settings.Named("--timeout", settings.Range(c.Timeout, time.Millisecond, time.Hour))
}

// Run asks the server. The error is nil if it answers 200.
func (c *HealthCommand) Run() error {
	// The address is dialled as it is: Go's dialer takes an unspecified host, which servers listen on, as this machine.
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", c.ListenAddr)
	}
	client := http.Client{Timeout: c.Timeout, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	if err := Healthy(context.Background(), &client, "http://localhost"+HealthPath); err != nil {
		return fmt.Errorf("%s is not healthy: %w", c.ListenAddr, err)
	}
	return nil
}

// Healthy requests url. The error is nil if the answer is 200. Otherwise it has the first line of the answer.
func Healthy(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 2048))
	why, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if why == "" {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return fmt.Errorf("GET %s: %s: %s", url, resp.Status, why)
}
