package fake

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestFolderError(t *testing.T) {
	if err := folderError("/data", nil); err != nil {
		t.Error(err)
	}
	other := errors.New("other")
	for cause, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "/data/sqs.db", Err: syscall.EACCES}:        "data folder /data: user ",
		fmt.Errorf("commit: %w", syscall.ENOSPC):                                    "data folder /data: its disk is full: ",
		&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}: "listen",
		other: "other",
	} {
		if err := folderError("/data", cause); !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: %v, want %q", cause, err, want)
		}
	}
}
