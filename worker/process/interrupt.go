package process

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Interruptible returns a context that ends when the process is asked to stop: by SIGINT, by SIGTERM, or by SIGHUP, which
// the end of a terminal sends to what runs there (but not what was started with nohup). Asked a second time, the process
// ends at once. The function ends the context too.
func Interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(parent, signals...)
	context.AfterFunc(ctx, stop) // the next signal does what it does to any program
	return ctx, stop
}
