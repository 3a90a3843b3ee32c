package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"darkroom/deploy/testkit/browser"
)

// TestBoardSignsIn cancels a sign-in, signs in for one board, and signs out.
func TestBoardSignsIn(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	b := browser.Start(t)
	axe := axeCore(t)
	page := board{b.Open(t, s.API+"/#/cats", browser.View{}), t}
	page.Wait(`document.querySelector("[name=subject]")`)
	asked, err := url.Parse(browser.Eval[string](page.Page, "location.href"))
	if err != nil {
		t.Fatal(err)
	}
	if q := asked.Query(); q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || q.Get("redirect_uri") != s.API+"/" || q.Get("state") == "" {
		t.Errorf("authorization request %v", q)
	}
	page.Screenshot("sign-in")
	page.Do(chromedp.Click(chromedp.CSS("[name=cancel]")))
	page.Wait(`document.querySelector("#sign-in").open && document.querySelector("#sign-in .fault").textContent.includes("cancelled")`)
	page.accessible(axe, "a cancelled sign-in")
	page.Screenshot("sign-in-cancelled")

	page.Do(chromedp.Click(chromedp.CSS("#sign-in button")))
	page.Wait(`document.querySelector("[name=subject]") && document.readyState === "complete"`)
	browser.Eval[chromedp.Void](page.Page, `document.querySelector("[name=boards]").value = "cats"`)
	page.signIn()
	page.Wait(`location.hash === "#/cats" && location.search === "" && !document.querySelector("#empty").hidden`)
	if browser.Eval[bool](page.Page, `Object.values(localStorage).concat(document.cookie).some(v => v.includes(JSON.parse(sessionStorage["darkroom.tokens"]).token))`) {
		t.Error("the token outlives the tab")
	}
	page.SetFiles("#photos", thirtyPhotos(t)[0])
	page.Wait(tiles("ready", "=== 1"))
	page.Do(chromedp.Reload())
	page.Wait(tiles("ready", "=== 1"))
	if troubles := page.Troubles(); len(troubles) > 0 {
		t.Error(troubles)
	}

	// The token is for one board.
	browser.Eval[chromedp.Void](page.Page, `location.hash = "#/dogs"`)
	page.Wait(`document.querySelector("#trouble p").textContent.includes("permission")`)
	for _, trouble := range page.Troubles() {
		if !strings.Contains(trouble, "/v1/boards/dogs/") {
			t.Error(trouble)
		}
	}

	page.Do(chromedp.Click(chromedp.CSS("#sign-out")))
	page.Wait(`document.querySelector("#sign-in").open && document.querySelector("#sign-in .fault").hidden`)
	page.Screenshot("signed-out")
	if left := browser.Eval[string](page.Page, "JSON.stringify(Object.keys(sessionStorage))"); left != `["darkroom.signed-out"]` {
		t.Errorf("left in the tab: %s", left)
	}
}

// TestBoardOfEndedSession checks that the page asks the person to sign in again when the issuer refuses the refresh
// token.
func TestBoardOfEndedSession(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	b := browser.Start(t)
	page := s.board(b, t, "/#/cats", browser.View{})
	page.Wait(`!document.querySelector("#empty").hidden`)
	// The next load finds a token that has expired, and its refresh token replaces it.
	expire := `(() => { const t = JSON.parse(sessionStorage["darkroom.tokens"]); window.before = t.token; t.expires = 0; %s; sessionStorage["darkroom.tokens"] = JSON.stringify(t); })()`
	browser.Eval[chromedp.Void](page.Page, fmt.Sprintf(expire, ""))
	before := browser.Eval[string](page.Page, "before")
	page.Do(chromedp.Reload())
	page.Wait(fmt.Sprintf(`!document.querySelector("#empty").hidden && JSON.parse(sessionStorage["darkroom.tokens"]).token !== %q`, before))

	browser.Eval[chromedp.Void](page.Page, fmt.Sprintf(expire, `t.refresh = "stolen"`))
	page.Do(chromedp.Reload())
	page.Wait(`document.querySelector("#sign-in").open && document.querySelector("#sign-in h2").textContent === "Your session has ended"`)
	for _, trouble := range page.Troubles() {
		if !strings.Contains(trouble, "/oauth2/token: 400") {
			t.Error(trouble)
		}
	}
	page.Do(chromedp.Click(chromedp.CSS("#sign-in button")))
	page.signIn()
	page.Wait(`location.hash === "#/cats" && !document.querySelector("#empty").hidden`)
}
