package process

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Interruptible returns a context that ends when the process is asked to stop: by SIGINT, by SIGTERM, or by SIGHUP,
// which a closing terminal sends. A process started with nohup ignores SIGHUP and goes on. A second signal ends the
// process at once. The returned function ends the context too.
func Interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(parent, signals...)
	context.AfterFunc(ctx, stop) // the next signal has its default effect
	return ctx, stop
}
