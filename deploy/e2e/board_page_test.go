package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"darkroom/deploy/local/samples"
	"darkroom/deploy/testkit/browser"
	"darkroom/deploy/testkit/tool"
)

// board is the page of a board.
type board struct {
	*browser.Page
	t *testing.T
}

// board opens a board's page and signs in with what the issuer's page suggests.
func (s *system) board(b *browser.Browser, t *testing.T, path string, v browser.View) board {
	t.Helper()
	p := board{b.Open(t, s.API+path, v), t}
	p.signIn()
	p.Wait(`!document.querySelector("#sign-out").hidden`)
	return p
}

// signIn clicks the button of the issuer's sign-in page.
func (p board) signIn() {
	p.t.Helper()
	p.Wait(`document.querySelector("[name=subject]").value === "you" && document.readyState === "complete"`)
	p.Do(chromedp.Click(chromedp.CSS("form button")))
}

// thirtyPhotos writes 30 files for a board: 27 drawn photos, one with an EXIF orientation, a HEIC and a truncated JPEG.
func thirtyPhotos(t *testing.T) []string {
	t.Helper()
	var all []samples.Sample
	for i := range uint32(28) {
		orientation := uint8(0)
		if i == 27 {
			orientation = 6
		}
		s, err := samples.Photo(fmt.Sprintf("IMG_%04d.jpg", 2300+i), 320+40*int(i%7), 480-30*int(i%5), orientation, i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	demo, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range demo {
		if s.Name == "phone.heic" || s.Name == "truncated.jpg" {
			all = append(all, s)
		}
	}
	dir := t.TempDir()
	var paths []string
	for _, s := range all {
		path := filepath.Join(dir, s.Name)
		if err := os.WriteFile(path, s.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if len(paths) != 30 {
		t.Fatalf("%d photos", len(paths))
	}
	return paths
}

// tiles returns a JavaScript expression that compares the number of tiles in a state.
func tiles(state, is string) string {
	return fmt.Sprintf("document.querySelectorAll('.tile[data-state=%s]').length %s", state, is)
}

// record makes the page collect the states and texts of tiles in seen, the highest number of concurrent uploads in
// most, and the messages to screen readers in said.
const record = `(() => {
	window.seen = new Set(); window.most = 0; window.said = [];
	new MutationObserver(() => {
		for (const tile of document.querySelectorAll(".tile")) seen.add(tile.dataset.state).add(tile.querySelector(".state").textContent);
		most = Math.max(most, document.querySelectorAll(".tile[data-state=uploading]").length);
	}).observe(document.querySelector("#grid"), {subtree: true, childList: true, attributes: true, characterData: true});
	const live = document.querySelector("#live");
	new MutationObserver(() => said.push(live.textContent)).observe(live, {childList: true, characterData: true, subtree: true});
})()`

// call returns a chromedp action that sends a command to the browser.
func call[P, R any](command cdp.Command[P, R], params P) func(context.Context, *chromedp.Target) error {
	return func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	}
}

// drop drops files or folders onto the page like a file manager.
func (p board) drop(paths ...string) {
	p.t.Helper()
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		if kind == input.DispatchDragEventTypeDrop {
			p.Wait(`!document.querySelector("#drop").hidden`)
		}
		p.Do(chromedp.Func(call(input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: 300, Y: 300,
			Data: &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1}})))
	}
	p.Wait(`document.querySelector("#drop").hidden`)
}

// pictures waits until every ready photo shows its variant, and checks the placeholders below.
func (p board) pictures() {
	p.t.Helper()
	browser.Eval[chromedp.Void](p.Page, `void document.querySelectorAll(".tile img").forEach(img => { img.loading = "eager" })`)
	p.Wait(`[...document.querySelectorAll(".tile[data-state=ready] img")].every(img => img.classList.contains("in") && /^http.*X-Amz-Signature/.test(img.currentSrc) && /small-.* 320w|, /.test(img.srcset) && img.sizes)`)
	// The placeholder shows the colours of the photo's quarters, even with an EXIF orientation.
	got := browser.Eval[[]string](p.Page, `[...new Set([...document.querySelectorAll(".tile[data-state=ready] canvas")].map(canvas => {
		const at = (x, y) => [...canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data];
		return [[.1, .1], [.9, .1], [.1, .9], [.9, .9]].map(([x, y]) => {
			const [r, g, b] = at(x, y), most = Math.max(r, g, b);
			return r > most * .7 && g > most * .7 ? "yellow" : {[r]: "red", [g]: "green", [b]: "blue"}[most];
		}).join(" ");
	}))]`)
	if !slices.Equal(got, []string{"red green blue yellow"}) {
		p.t.Errorf("the placeholders' quarters are %q", got)
	}
}

// openLarge opens a photo, moves to the next one and returns, by keyboard.
func (p board) openLarge(axe string) {
	p.t.Helper()
	browser.Eval[chromedp.Void](p.Page, `document.querySelector(".tile[data-state=ready] .open").focus()`)
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Wait(`document.querySelector("#viewer").open && document.querySelector("#viewer img").classList.contains("in")`)
	p.accessible(axe, "a photo, large")
	p.Screenshot("board-large")
	first := browser.Eval[string](p.Page, `document.querySelector("#viewer img").currentSrc.split("?")[0]`)
	p.Do(chromedp.KeyEvent(kb.ArrowRight))
	p.Wait(fmt.Sprintf(`document.querySelector("#viewer img").classList.contains("in") && document.querySelector("#viewer img").currentSrc.split("?")[0] !== %q`, first))
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Wait(`!document.querySelector("#viewer").open && document.activeElement === document.querySelectorAll(".tile[data-state=ready] .open")[1]`)
}

// axeCore returns the script of axe-core, which finds accessibility problems.
func axeCore(t *testing.T) string {
	t.Helper()
	dir := tool.InstallNPM(t, os.DirFS("../web"))
	b, err := os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// accessible fails the test for every problem that axe-core rates serious or critical.
func (p board) accessible(axe, what string) {
	p.t.Helper()
	if !browser.Eval[bool](p.Page, `"axe" in window`) {
		browser.Eval[chromedp.Void](p.Page, "void (() => {"+axe+"})()")
	}
	found := browser.Eval[string](p.Page, `axe.run().then(r => JSON.stringify(r.violations.map(v => ({impact: v.impact, help: v.help, where: v.nodes.map(n => n.html.slice(0, 200))}))))`)
	var violations []struct {
		Impact, Help string
		Where        []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range violations {
		say := p.t.Logf
		if v.Impact == "serious" || v.Impact == "critical" {
			say = p.t.Errorf
		}
		say("%s: %s: %s:\n\t%s", what, v.Impact, v.Help, strings.Join(v.Where, "\n\t"))
	}
}
