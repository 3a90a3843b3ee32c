package supervise

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"darkroom/deploy/testkit/freeport"
)

func TestChildDiesWithItsParent(t *testing.T) {
	addr := freeport.Addresses(t, 1)[0]
	parent := exec.Command(os.Args[0])
	parent.Env = []string{role + "=parent", "ADDR=" + addr}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(line, err)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	parent.Wait()
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	// The server waits for a request, so the connection closes only when the server ends.
	if _, err := conn.Read(make([]byte, 1)); os.IsTimeout(err) {
		t.Error("the child still runs")
	}
}
