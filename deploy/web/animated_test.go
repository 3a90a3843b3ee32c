package web

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/photo"
)

// animatedBoard is a server of the page and of a board with one photo that moves: its animated variant is /moving, its
// poster /still.
func animatedBoard(t *testing.T) string {
	t.Helper()
	page, err := Handler(Config{Boards: []string{"cats"}, SignIn: &SignIn{Issuer: "https://issuer.example", ClientID: "board"}})
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewPaletted(image.Rect(0, 0, 320, 240), color.Palette{color.White, color.Black})
	other := image.NewPaletted(m.Rect, m.Palette)
	for i := range other.Pix {
		other.Pix[i] = uint8(i / 40 % 2)
	}
	var moving, still bytes.Buffer
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{m, other}, Delay: []int{20, 20}}); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&still, m, nil); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	serve := func(path, contentType string, body func(host string) []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(body("http://" + r.Host)) // fails if the page has gone
		})
	}
	serve("/moving", "image/gif", func(string) []byte { return moving.Bytes() })
	serve("/still", "image/jpeg", func(string) []byte { return still.Bytes() })
	serve("/favicon.ico", "image/x-icon", func(string) []byte { return nil })
	serve("/v1/boards/cats/uploads", "application/json", func(host string) []byte {
		variant := func(path, contentType string, moves bool) map[string]any {
			return map[string]any{"name": "small", "url": host + path, "contentType": contentType, "width": 320, "height": 240, "bytes": 1000, "animated": moves}
		}
		b, err := json.Marshal(map[string]any{"uploads": []any{map[string]any{"id": idOf(start, 0), "state": photo.Ready, "uploaded": "2026-01-01T00:00:00.000Z",
			"width": 320, "height": 240, "animated": true,
			"credit": map[string]string{"creator": "Ann", "copyright": "© 2026 Ann"}, "variants": []any{variant("/moving", "image/gif", true), variant("/still", "image/jpeg", false)}}}})
		if err != nil {
			t.Error(err)
		}
		return b
	})
	mux.Handle("/", page)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// TestAnimatedPhoto: an animation plays in the grid and in the viewer. Where people prefer less motion, its poster is
// shown, and the viewer has a button that plays it. The viewer also shows who made the photo.
func TestAnimatedPhoto(t *testing.T) {
	url := animatedBoard(t)
	for motion, want := range map[string]string{"no-preference": "/moving", "reduce": "/still"} {
		page := browser.Start(t).Open(t, url+"/still", browser.View{Width: 1000, Height: 800})
		page.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: motion}}})
			return err
		}))
		browser.Eval[chromedp.Void](page, `sessionStorage.setItem("darkroom.tokens", '{"token": "t", "expires": null}')`)
		page.Do(chromedp.Navigate(url + "/#/cats"))
		currentSource := func(where string) string {
			page.Wait(`document.querySelector("` + where + ` img.in")?.currentSrc`)
			return strings.TrimPrefix(browser.Eval[string](page, `document.querySelector("`+where+` img").currentSrc`), url)
		}
		if got := currentSource(".tile"); got != want {
			t.Errorf("%s: the grid shows %s, want %s", motion, got, want)
		}
		browser.Eval[chromedp.Void](page, `document.querySelector(".tile .open").click()`)
		if got := currentSource("#viewer"); got != want {
			t.Errorf("%s: the viewer shows %s, want %s", motion, got, want)
		}
		if got := browser.Eval[string](page, `document.querySelector("#viewer .credit").checkVisibility() && document.querySelector("#viewer .credit").innerText`); got != "Ann · © 2026 Ann" {
			t.Errorf("the credit is %q", got)
		}
		if hidden := browser.Eval[bool](page, `document.querySelector("[data-do=play]").hidden`); hidden != (motion == "no-preference") {
			t.Errorf("%s: the button is hidden: %v", motion, hidden)
		}
		for _, next := range []string{"/moving", "/still"} {
			if motion == "no-preference" {
				break
			}
			browser.Eval[chromedp.Void](page, `document.querySelector("[data-do=play]").click()`)
			page.Wait(`document.querySelector("#viewer img").currentSrc.endsWith("` + next + `")`)
		}
		page.Screenshot("animated-" + motion)
	}
}
