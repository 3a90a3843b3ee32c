package fakes3_test

import (
	"net"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestStopDoesNotWaitForConnectionsWithoutARequest opens connections of each kind. A gateway that gives up on one of
// them reports it on standard error, which stop checks.
func TestStopDoesNotWaitForConnectionsWithoutARequest(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for s.line() != "ready" {
	}
	unused, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer unused.Close()
	bucket, key := uploads, "cats/1"
	// The connection is idle after this request.
	if _, err := s.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
	s.stop()
	if n, err := unused.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the unused connection is open: %d bytes, %v", n, err)
	}
}

// TestTakenPort names the address that another program listens on.
func TestTakenPort(t *testing.T) {
	t.Parallel()
	first := start(t, t.TempDir())
	for first.line() != "ready" {
	}
	defer first.stop()
	second := startAt(t, first.addr, t.TempDir())
	for range second.lines {
	}
	if err := second.cmd.Wait(); err == nil || !strings.Contains(second.stderr.String(), first.addr) || !strings.Contains(second.stderr.String(), "another program already does") {
		t.Errorf("it ended with %v and wrote: %s", err, second.stderr)
	}
}
