package supervise

import "syscall"

// attributes puts a child into a process group of its own, and has the kernel kill it when the thread that started it
// ends. The Go runtime ends a thread only with the process, or with a goroutine that was locked to it: nothing here
// locks one.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
