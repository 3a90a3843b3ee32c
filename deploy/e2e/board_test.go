package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/testkit/browser"
	"darkroom/worker/photo"
)

// TestBoard uses the board page like a person: it drops thirty photos, all of which become pictures except the broken
// one, reloads the page, opens a photo and removes one. The browser must report no problem.
func TestBoard(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	b := browser.Start(t)
	page := s.board(b, t, "/#/cats", browser.View{Width: 1600, Height: 1000})
	page.Wait(`!document.querySelector("#empty").hidden`)
	axe := axeCore(t)
	page.accessible(axe, "the empty board")

	browser.Eval[chromedp.Void](page.Page, record)
	page.drop(thirtyPhotos(t)...)
	page.Wait(tiles("waiting", "> 0"))
	page.accessible(axe, "uploads")
	page.Wait(tiles("ready", "=== 29"))
	page.Wait(tiles("rejected", "=== 1"))
	if got := browser.Eval[string](page.Page, `document.querySelector(".tile[data-state=rejected] .told").innerText`); !strings.HasPrefix(got, "truncated.jpg") || !strings.Contains(got, "The file is incomplete") {
		t.Errorf("the rejected one says %q", got)
	}
	// The observer may miss short states of a tile, but sees each state of at least one tile.
	for _, state := range []string{"waiting", "uploading", "queued", "ready", "rejected"} {
		if !browser.Eval[bool](page.Page, fmt.Sprintf("seen.has(%q)", state)) {
			t.Errorf("no photo was ever %s", state)
		}
	}
	if !browser.Eval[bool](page.Page, `[...seen].some(s => /^Uploading \d+ %$/.test(s))`) {
		t.Error("no tile showed a percentage")
	}
	if most := browser.Eval[int](page.Page, "most"); most != 4 {
		t.Errorf("%d uploads at a time, want 4", most)
	}
	page.Wait(`document.querySelector("#live").textContent.includes("ready")`)
	page.Wait(`document.querySelector("[data-of=workers]").textContent === "1" && document.querySelector("[data-of=queue]").textContent === "0"`)
	page.pictures()
	page.accessible(axe, "thirty photos")
	page.Screenshot("board-1600")

	page.Do(chromedp.Reload())
	page.Wait(tiles("ready", "=== 29"))
	page.Wait(tiles("rejected", "=== 1"))
	page.pictures()
	page.reloadsFromCache()
	page.openLarge(axe)
	page.removeFirst(s, axe)
}

// TestBoardOnAPhone uses a dark page, 360 pixels wide.
func TestBoardOnAPhone(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	b := browser.Start(t)
	page := s.board(b, t, "/#/cats", browser.View{Width: 360, Height: 740, Touch: true, Dark: true})
	page.Wait(`!document.querySelector("#empty").hidden`)
	page.SetFiles("#photos", thirtyPhotos(t)[20:]...)
	page.Wait(tiles("ready", "=== 9"))
	page.Wait(tiles("rejected", "=== 1"))
	page.pictures()
	page.Screenshot("board-360")
	page.accessible(axeCore(t), "a phone, in the dark")
	if width := browser.Eval[int](page.Page, "document.documentElement.scrollWidth"); width != 360 {
		t.Errorf("the page is %d pixels wide", width)
	}
}

// TestBoardAcceptsFolder drops a folder. The page skips files that are not pictures, and says so.
func TestBoardAcceptsFolder(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	b := browser.Start(t)
	page := s.board(b, t, "/", browser.View{})
	page.Wait(`location.hash === "#/demo" && !document.querySelector("#empty").hidden`)
	browser.Eval[chromedp.Void](page.Page, record)
	photos := thirtyPhotos(t)[:2]
	folder := filepath.Join(t.TempDir(), "holiday")
	for i, name := range []string{"a.jpg", "more/b.jpg", "notes.txt", "more/.hidden.jpg"} {
		path := filepath.Join(folder, name)
		text, err := os.ReadFile(photos[i%2])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page.drop(folder)
	page.Wait(tiles("ready", "=== 2"))
	if got := browser.Eval[string](page.Page, `said[0]`); got != "2 photos added, 2 other files left out." {
		t.Errorf("said %q", got)
	}
	// A file that is chosen explicitly is uploaded, whatever its name.
	page.SetFiles("#photos", filepath.Join(folder, "notes.txt"))
	page.Wait(tiles("ready", "=== 3")) // it holds a photo
	// Paste a picture, as from a screenshot tool.
	browser.Eval[bool](page.Page, `new Promise(done => {
		const canvas = document.createElement("canvas");
		canvas.getContext("2d").fillRect(0, 0, 99, 99);
		canvas.toBlob(blob => {
			const clipboardData = new DataTransfer();
			clipboardData.items.add(new File([blob], "image.png", {type: blob.type}));
			done(document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true})));
		});
	})`)
	page.Wait(tiles("ready", "=== 4"))
}

// TestBoardOffline loses the connection during uploads. Every photo is stored exactly once in the end.
func TestBoardOffline(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	b := browser.Start(t)
	page := s.board(b, t, "/#/cats", browser.View{})
	page.Wait(`!document.querySelector("#empty").hidden`)
	page.SetFiles("#photos", thirtyPhotos(t)[:12]...)
	page.Wait(tiles("ready", "> 0"))
	page.setOffline(true)
	page.Wait(`!document.querySelector("#trouble").hidden`)
	page.SetFiles("#photos", thirtyPhotos(t)[12])
	page.Wait(`[...document.querySelectorAll(".tile[data-state=uploading] .state")].some(s => s.textContent === "The connection was lost. Trying again.")`)
	page.Screenshot("board-offline")
	page.setOffline(false)
	page.Wait(tiles("ready", "=== 13"))
	page.Wait(`document.querySelector("#trouble").hidden`)
	if keys := s.keys(t, fake.Uploads); len(keys) != 13 {
		t.Errorf("%d originals, want 13", len(keys))
	}
	for _, trouble := range page.Troubles() {
		if !strings.Contains(trouble, "net::ERR_INTERNET_DISCONNECTED") {
			t.Error(trouble)
		}
	}
}

// networkConditions is Network.emulateNetworkConditions. It is deprecated, but its replacement cannot disconnect the
// network.
var networkConditions = cdp.Command[network.OverrideNetworkStateParams, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

// setOffline disconnects the page from the network, or connects it again.
func (p board) setOffline(yes bool) {
	p.t.Helper()
	p.Do(chromedp.Func(call(networkConditions, network.OverrideNetworkStateParams{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1})))
}

// removeFirst removes the first photo and checks that it is gone from S3.
func (p board) removeFirst(s *system, axe string) {
	p.t.Helper()
	before := s.keys(p.t, fake.Uploads)
	// The focus shows the button, as a mouse does.
	browser.Eval[chromedp.Void](p.Page, `document.querySelector(".tile[data-state=ready] .bin").focus()`)
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Wait(`document.querySelector("#confirm").open`)
	p.accessible(axe, "the question whether to remove")
	p.Do(chromedp.Click(chromedp.CSS("#confirm [data-do=remove]")))
	p.Wait(tiles("ready", "=== 28"))
	p.Wait(`!document.querySelector("#confirm").open && document.activeElement.closest(".tile")`)
	after := s.keys(p.t, fake.Uploads)
	gone := slices.DeleteFunc(before, func(k string) bool { return slices.Contains(after, k) })
	if len(gone) != 1 {
		p.t.Fatalf("gone from S3: %q", gone)
	}
	ref, err := photo.ParseKey(gone[0])
	if err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, "its variants are removed", func() bool {
		left := slices.DeleteFunc(s.keys(p.t, fake.Variants), func(k string) bool { return !strings.HasPrefix(k, ref.Prefix()) })
		return slices.Equal(left, []string{ref.ManifestKey()})
	})
	p.Do(chromedp.Reload())
	p.Wait(`document.querySelector("#reading").hidden && ` + tiles("ready", "=== 28"))
}
