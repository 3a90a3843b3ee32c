package web

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"darkroom/deploy/testkit/browser"
)

// mostTiles bounds the tiles in the document in a window of 1600 by 1000 pixels: those of the window and of one more
// above and below it.
const mostTiles = 150

// metrics returns what the browser has measured of the page since it was first asked: seconds, and numbers of things.
func metrics(p *browser.Page) map[string]float64 {
	values := map[string]float64{}
	p.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, performance.Enable, performance.EnableParams{}); err != nil {
			return err
		}
		answer, err := chromedp.Call(ctx, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			return err
		}
		for _, m := range answer.Metrics {
			values[m.Name] = m.Value
		}
		return nil
	}))
	return values
}

// logWork logs the work of the main thread since before. No limit depends on it, as machines differ.
func logWork(t *testing.T, what string, p *browser.Page, before map[string]float64) {
	t.Helper()
	m := metrics(p)
	t.Logf("%s: %.2f s of tasks, %.2f s of scripts, %.2f s of layout", what, m["TaskDuration"]-before["TaskDuration"],
		m["ScriptDuration"]-before["ScriptDuration"], m["LayoutDuration"]+m["RecalcStyleDuration"]-before["LayoutDuration"]-before["RecalcStyleDuration"])
}

// wantTiles fails the test if the document has no tile, or more than mostTiles.
func wantTiles(t *testing.T, p *browser.Page, when string) {
	t.Helper()
	if n := browser.Eval[int](p, `document.querySelectorAll(".tile").length`); n == 0 || n > mostTiles {
		t.Errorf("%s: %d tiles in the document, want 1 to %d", when, n, mostTiles)
	}
}

// posinset returns the position that the tile with the focus tells screen readers.
const posinset = `Number(document.activeElement.closest(".tile")?.getAttribute("aria-posinset"))`

// TestLargeBoard opens a board of 10,000 photos, scrolls through it and uses the keyboard. The document stays small,
// and scrolling within a row changes nothing in it.
func TestLargeBoard(t *testing.T) {
	t.Parallel()
	s := startLargeBoard(t, 10_000)
	page := s.open(t)
	page.Wait(`document.querySelector("#reading").hidden && document.querySelector(".tile img.in")`)
	logWork(t, "opened", page, nil)
	if n := s.listings.Load(); n > 2 {
		t.Errorf("opening the board took %d listings, want at most 2", n)
	}
	wantTiles(t, page, "opened")
	if got := browser.Eval[string](page, `[...document.querySelectorAll(".tile")].slice(0, 3).map(e => e.getAttribute("aria-posinset") + "/" + e.getAttribute("aria-setsize")).join()`); got != "1/-1,2/-1,3/-1" {
		t.Errorf("positions %s: want 1, 2 and 3 of an unknown number", got)
	}

	for want := int64(2); want <= 10; want++ {
		browser.Eval[chromedp.Void](page, `scrollTo(0, document.documentElement.scrollHeight)`)
		page.Wait(fmt.Sprintf(`Math.max(...[...document.querySelectorAll(".tile")].map(e => e.getAttribute("aria-posinset"))) > %d`, 100*(want-1)))
		wantTiles(t, page, "scrolled to the end")
	}
	// Each frame changes the nodes of a few rows at most, and only when a row comes or goes.
	before := metrics(page)
	got := browser.Eval[struct{ Most, Still, Over, Tiles int }](page, `new Promise(done => {
		scrollTo(0, 0);
		let last, changed = 0, frames = 0;
		const r = {Most: 0, Still: 0, Over: 0, Tiles: 0};
		const list = document.querySelector("#grid");
		const observer = new MutationObserver(all => { for (const m of all) if (m.target === list) changed += m.addedNodes.length + m.removedNodes.length; });
		observer.observe(list, {childList: true});
		const step = now => {
			if (frames > 3) {
				if (changed === 0) r.Still++;
				r.Most = Math.max(r.Most, changed);
				r.Tiles = Math.max(r.Tiles, list.childElementCount);
				if (now - last > 25) r.Over++;
			}
			changed = 0;
			last = now;
			if (++frames === 300) return done(r);
			scrollBy(0, 40);
			requestAnimationFrame(step);
		};
		requestAnimationFrame(step);
	})`)
	logWork(t, fmt.Sprintf("300 frames of scrolling, %d of them late", got.Over), page, before)
	if got.Most > 40 || got.Still < 150 || got.Tiles > mostTiles {
		t.Errorf("a frame of scrolling changed up to %d tiles of up to %d, and %d frames changed none: want at most 40 of %d, and 150 or more", got.Most, got.Tiles, got.Still, mostTiles)
	}

	// The tile with the focus stays in the document, and the keyboard goes on from it.
	browser.Eval[chromedp.Void](page, `document.querySelector(".tile .open").focus()`)
	page.Do(chromedp.KeyEvent(kb.Home))
	page.Wait(posinset + " === 1 && scrollY < 300")
	page.Do(chromedp.KeyEvent(kb.ArrowRight))
	page.Wait(posinset + " === 2")
	browser.Eval[chromedp.Void](page, `scrollTo(0, 20000)`)
	page.Wait(`[...document.querySelectorAll(".tile")].some(e => e.getAttribute("aria-posinset") > 300)`)
	wantTiles(t, page, "far from the focus")
	if got := browser.Eval[int](page, posinset); got != 2 {
		t.Errorf("the focus is on photo %d, want 2", got)
	}
	page.Do(chromedp.KeyEvent(kb.ArrowRight))
	page.Wait(posinset + " === 3 && scrollY < 1000")
	page.Do(chromedp.KeyEvent(kb.End))
	page.Wait(posinset + " >= 1000")
	page.Do(chromedp.KeyEvent(kb.ArrowLeft))
	page.Wait(posinset + " >= 999 && scrollY > 10000")
	order := browser.Eval[bool](page, `[...document.querySelectorAll(".tile")].every((e, i, all) => i === 0 || Number(e.getAttribute("aria-posinset")) > Number(all[i - 1].getAttribute("aria-posinset")))`)
	if !order {
		t.Error("the order of the tiles in the document is not that of the photos")
	}
}

// TestAddThousands adds 4,000 files at once. The document does not grow with them.
func TestAddThousands(t *testing.T) {
	t.Parallel()
	s := startLargeBoard(t, 0)
	page := s.open(t)
	page.Wait(`!document.querySelector("#empty").hidden`)
	browser.Eval[chromedp.Void](page, `(() => {
		const all = new DataTransfer();
		for (let i = 0; i < 4000; i++) all.items.add(new File([Uint8Array.of(0xff, 0xd8, 0xff, i)], i + ".jpg", {type: "image/jpeg"}));
		document.querySelector("#photos").files = all.files;
	})()`)
	before := metrics(page)
	browser.Eval[chromedp.Void](page, `document.querySelector("#photos").dispatchEvent(new Event("change"))`)
	page.Wait(`document.querySelector("#under-way p").textContent.includes("3,996 waiting")`)
	logWork(t, "4,000 photos added", page, before)
	wantTiles(t, page, "added")
	if got := browser.Eval[string](page, `document.querySelector(".tile").getAttribute("aria-setsize") + " " + document.querySelector(".tile .name").textContent`); got != "4000 0.jpg" {
		t.Errorf("the first of so many tiles is %q, want %q", got, "4000 0.jpg")
	}
}
