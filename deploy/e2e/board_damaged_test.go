package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/browser"
)

// TestBoardShowsDamage adds a truncated JPEG and a whole one where damage is accepted. Only the damaged one is marked
// as damaged, in the grid and in the large view, also after the page was loaded again.
func TestBoardShowsDamage(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.WorkerEnv = []string{"DAMAGED=accept"} })
	whole, err := samples.Photo("whole.jpg", 480, 320, 0, 7)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var paths []string
	for name, data := range map[string][]byte{"whole.jpg": whole.Bytes, "cut.jpg": whole.Bytes[:len(whole.Bytes)*2/3]} {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(paths[len(paths)-1], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const words = "Damaged file: shown as far as it could be read"
	b := browser.Start(t)
	page := s.board(b, t, "/#/cats", browser.View{Width: 1200, Height: 800})
	page.Wait(`!document.querySelector("#empty").hidden`)
	page.SetFiles("#photos", paths...)
	axe := axeCore(t)
	for _, reload := range []bool{false, true} {
		if reload {
			page.Do(chromedp.Reload())
		}
		page.Wait(tiles("ready", "=== 2"))
		page.Wait(`[...document.querySelectorAll(".tile img")].every(img => img.classList.contains("in"))`)
		got := browser.Eval[[]string](page.Page, `[...document.querySelectorAll(".tile .told")].filter(e => e.checkVisibility()).map(e => e.innerText.trim())`)
		if len(got) != 1 || got[0] != words {
			t.Errorf("reloaded: %v: tiles say %q, want one that says %q", reload, got, words)
		}
		page.accessible(axe, "a damaged photo")
		page.Screenshot("board-damaged")
	}
	browser.Eval[chromedp.Void](page.Page, `document.querySelector(".tile[data-damaged] .open").focus()`)
	page.Do(chromedp.KeyEvent(kb.Enter))
	page.Wait(`document.querySelector("#viewer").open && document.querySelector("#viewer img").classList.contains("in")`)
	damageText := func() string {
		return browser.Eval[string](page.Page, `[...document.querySelectorAll("#viewer .damage")].filter(e => e.checkVisibility()).map(e => e.innerText).join()`)
	}
	if got := damageText(); got != words {
		t.Errorf("the large view says %q, want %q", got, words)
	}
	page.accessible(axe, "a damaged photo, large")
	page.Screenshot("board-damaged-large")
	page.Do(chromedp.KeyEvent(kb.ArrowRight))
	page.Do(chromedp.KeyEvent(kb.ArrowLeft))
	page.Do(chromedp.KeyEvent(kb.Escape))
	browser.Eval[chromedp.Void](page.Page, `document.querySelector(".tile:not([data-damaged]) .open").focus()`)
	page.Do(chromedp.KeyEvent(kb.Enter))
	page.Wait(`document.querySelector("#viewer").open`)
	if got := damageText(); got != "" {
		t.Errorf("the large view of the whole photo says %q", got)
	}
}
