package supervise

import "syscall"

// attributes gives a child its own process group, and makes the kernel kill it when the thread that started it ends.
// The Go runtime ends a thread only with the process or with a goroutine that is locked to it; no goroutine here is.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
