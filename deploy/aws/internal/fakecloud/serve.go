package fakecloud

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Socket is the variable that tells a stand-in where the test listens.
const Socket = "DARKROOM_FAKE_CLOUD"

// Request is a call of a program.
type Request struct {
	Program string // aws, docker, go or git
	Args    []string
	Dir     string // working directory
	Target  string // GOOS and GOARCH
	In      string // standard input, of docker login
}

// Reply is what the program prints and how it ends.
type Reply struct {
	Out, Err string
	Status   int
}

// Serve lets stand-ins ask the cloud until the test ends. It returns the path of the socket.
func (c *Cloud) Serve(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			group.Go(func() {
				defer conn.Close()
				var r Request
				if json.NewDecoder(conn).Decode(&r) == nil {
					_ = json.NewEncoder(conn).Encode(c.Answer(r)) // a stand-in that was interrupted does not listen
				}
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	return path
}

// Standin builds the program that stands in for others into a folder, once under each of the names.
func Standin(folder string, names ...string) error {
	binary := filepath.Join(folder, "standin")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, "darkroom/deploy/aws/internal/fakecloud/standin")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Symlink(binary, filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
