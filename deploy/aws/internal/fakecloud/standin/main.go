// Command standin stands in for aws, docker, go and git in tests: it passes its call to the test that listens on the
// socket in DARKROOM_FAKE_CLOUD, and prints the reply. Its name is the program that it stands in for. See package
// fakecloud.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
)

// statusLost is the exit status without a reply.
const statusLost = 9

func main() {
	reply := struct {
		Out, Err string
		Status   int
	}{Status: statusLost}
	if err := ask(&reply); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
	}
	fmt.Print(reply.Out)
	fmt.Fprint(os.Stderr, reply.Err)
	os.Exit(reply.Status)
}

// ask passes the call on.
func ask(reply any) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	in := ""
	if slices.Contains(os.Args, "--password-stdin") {
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		in = string(text)
	}
	conn, err := net.Dial("unix", os.Getenv("DARKROOM_FAKE_CLOUD"))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := json.NewEncoder(conn).Encode(map[string]any{"Program": filepath.Base(os.Args[0]), "Args": os.Args[1:], "Dir": dir, "Target": os.Getenv("GOOS") + os.Getenv("GOARCH"), "In": in}); err != nil {
		return err
	}
	return json.NewDecoder(conn).Decode(reply)
}
