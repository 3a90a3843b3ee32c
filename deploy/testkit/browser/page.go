package browser

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// View is the device that shows a page.
type View struct {
	Width, Height int  // CSS pixels at a device pixel ratio of 1; default 1280 and 800
	Dark          bool // prefers-color-scheme: dark instead of light
	Touch         bool // a phone or tablet: no mouse, and the viewport of the page applies
}

// Page is a tab. Its methods fail the test if they cannot do their work.
type Page struct {
	t   testing.TB
	ctx context.Context
	watch
}

// Open opens the URL in a new tab and waits until it has loaded. When the test ends, Open closes the tab, and fails the
// test if there are troubles that [Page.Troubles] did not return.
func (b *Browser) Open(t testing.TB, url string, v View) *Page {
	t.Helper()
	if v.Width == 0 {
		v.Width = 1280
	}
	if v.Height == 0 {
		v.Height = 800
	}
	ctx, close := chromedp.NewContext(b.ctx)
	t.Cleanup(close)
	p := &Page{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.see); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	t.Cleanup(func() {
		for _, trouble := range p.Troubles() {
			t.Errorf("%s: %s", withoutQuery(url), trouble)
		}
	})
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	var device []chromedp.EmulateViewportOption
	if v.Touch {
		device = append(device, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	p.Do(chromedp.EmulateViewport(int64(v.Width), int64(v.Height), device...),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			return err
		}),
		chromedp.Navigate(url))
	return p
}

// Do runs actions of chromedp, such as Click, Tap, KeyEvent and Reload.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%v%s", err, p.soFar())
	}
}

// Eval returns the value of a JavaScript expression. It awaits a promise.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v%s", expression, err, p.soFar())
	}
	return v
}

// Wait waits up to a minute until a JavaScript expression is true. It survives navigation, and treats an expression
// that throws as false.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if yes && err == nil {
			return
		}
		if thrown, ok := errors.AsType[*chromedp.ExceptionError](err); ok {
			err = errors.New(withoutQuery(thrown.Error()))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.t.Fatalf("never true: %s (%v)%s", expression, err, p.soFar())
		}
	}
}

// SetFiles chooses files in the <input type=file> that the CSS selector matches, as a user would.
func (p *Page) SetFiles(selector string, paths ...string) {
	p.t.Helper()
	var all []string
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			p.t.Fatal(err)
		}
		all = append(all, abs)
	}
	p.Do(chromedp.SetUploadFiles(chromedp.CSS(selector), all))
}

// Screenshot writes a screenshot to name.png in the folder DARKROOM_SHOTS, or in a temporary folder of the test, and
// returns its path.
func (p *Page) Screenshot(name string) string {
	p.t.Helper()
	dir := os.Getenv("DARKROOM_SHOTS")
	if dir == "" {
		dir = p.t.TempDir()
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("screenshot %s: %v", name, err)
	}
	path := filepath.Join(dir, name+".png")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, png, 0o644)); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// soFar formats the troubles so far, which may explain a failure.
func (p *Page) soFar() string {
	troubles := p.Troubles()
	if len(troubles) == 0 {
		return ""
	}
	return "\n\t" + strings.Join(troubles, "\n\t")
}
