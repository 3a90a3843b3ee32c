// Package browser lets tests look at pages in a headless Chromium.
//
// A page that a test has opened must not be in trouble: what goes to the console as an error, exceptions that nothing
// catches and requests that fail are collected, and what the test has not taken with [Page.Troubles] fails it at its
// end. What service workers and other workers do is not seen.
//
//	page := browser.Start(t).Open(t, url, browser.View{Width: 390, Height: 844, Touch: true})
//	page.SetFiles("input[type=file]", "photo.jpg")
//	page.Wait(`document.querySelector("img")?.complete`)
package browser

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"darkroom/deploy/testkit/tool"
)

// patience is how long anything may take. It is no measure of speed: no machine should need as much.
const patience = time.Minute

// Browser is a Chromium with a profile of its own.
type Browser struct{ ctx context.Context }

// Start starts a browser, which is stopped at the end of the test. The test is skipped in short mode,
// and without a Chromium in PATH: see [tool.Find].
func Start(t testing.TB) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a browser; not in short mode")
	}
	program := tool.Find(t, "chromium", "google-chrome", "chrome")
	// chromedp adds a temporary profile, which it removes, and talks through a pipe, so that no port is taken.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program),
		chromedp.NoSandbox, // it cannot be had in a container, or as root; the pages are ours
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	// The context of the test ends before its cleanups, which are to close pages first.
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, _ = chromedp.NewContext(ctx) // ended by Cancel below
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("stop %s: %v", program, err)
		}
	})
	return &Browser{ctx}
}
