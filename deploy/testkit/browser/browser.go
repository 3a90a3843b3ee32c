// Package browser lets tests use pages in a headless Chromium.
//
// The package collects console errors, uncaught exceptions and failed requests of an open page. Those that the test
// does not take with [Page.Troubles] fail the test when it ends. Service workers and other workers are not watched.
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

// patience is the longest that an action may take. It is generous enough for any machine.
const patience = time.Minute

// Browser is a Chromium with its own profile.
type Browser struct{ ctx context.Context }

// Start starts a browser and stops it when the test ends. It skips the test in short mode, and if no Chromium is in
// PATH: see [tool.Find].
func Start(t testing.TB) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a browser; not in short mode")
	}
	program := tool.Find(t, "chromium", "google-chrome", "chrome")
	// chromedp uses a temporary profile, which it removes, and a pipe instead of a port.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program),
		chromedp.NoSandbox, // it does not work in a container or as root, and the pages are trusted
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	// The context of the test ends before its cleanups, which must close the pages first.
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, _ = chromedp.NewContext(ctx) // Cancel below ends it
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
