package web

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/photo"
)

// largeBoard is a server of the page and of an API whose boards have a given number of ready photos, all with the same
// picture. An upload is created and never sent.
type largeBoard struct {
	*httptest.Server
	photos   int
	listings atomic.Int64
}

// startLargeBoard starts the server and stops it when the test ends.
func startLargeBoard(t *testing.T, photos int) *largeBoard {
	t.Helper()
	page, err := Handler(Config{Boards: []string{"cats"}, SignIn: &SignIn{Issuer: "https://issuer.example", ClientID: "board"}})
	if err != nil {
		t.Fatal(err)
	}
	b := &largeBoard{photos: photos}
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /picture", func(w http.ResponseWriter, _ *http.Request) {
		img := image.NewRGBA(image.Rect(0, 0, 320, 240))
		for i := range img.Pix {
			img.Pix[i] = uint8(i % 251)
		}
		img.Set(0, 0, color.White)
		w.Header().Set("Cache-Control", "max-age=3600")
		if err := jpeg.Encode(w, img, nil); err != nil {
			return // the page has gone
		}
	})
	mux.HandleFunc("GET /v1/boards/cats/uploads", b.list)
	stop := make(chan struct{})
	mux.HandleFunc("POST /v1/boards/cats/uploads", func(http.ResponseWriter, *http.Request) { <-stop })
	b.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		close(stop)
		b.Close()
	})
	return b
}

// open opens the board in a window of 1600 by 1000 pixels, for a person who has signed in.
func (b *largeBoard) open(t *testing.T) *browser.Page {
	t.Helper()
	page := browser.Start(t).Open(t, b.URL+"/picture", browser.View{Width: 1600, Height: 1000})
	browser.Eval[chromedp.Void](page, `sessionStorage.setItem("darkroom.tokens", '{"token": "t", "expires": null}')`)
	page.Do(chromedp.Navigate(b.URL + "/#/cats"))
	return page
}

// start is when the newest photo of a large board was uploaded.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// list answers with a page of the board. The cursor is the number of photos before it.
func (b *largeBoard) list(w http.ResponseWriter, r *http.Request) {
	b.listings.Add(1)
	first, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	end := min(first+limit, b.photos)
	uploads := []map[string]any{}
	for i := first; i < end; i++ {
		width, height := 320, 180+20*(i%7)
		at := start.Add(-time.Duration(i) * time.Second)
		uploads = append(uploads, map[string]any{
			"id": idOf(at, i), "state": photo.Ready, "uploaded": at.Format("2006-01-02T15:04:05.000Z"),
			"width": width, "height": height, "thumbHash": "3wcKNZqAh4CHh4h4h4eIeAgI+Hc=", "colour": "#888888",
			"variants": []map[string]any{{"name": "small", "url": fmt.Sprintf("%s/picture?%d", b.URL, i), "contentType": "image/jpeg", "width": width, "height": height, "bytes": 1000}},
		})
	}
	answer := map[string]any{"uploads": uploads}
	if end < b.photos {
		answer["next"] = strconv.Itoa(end)
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		return // the page has gone
	}
}

// idOf returns the id of the i-th photo, which was uploaded at this time.
func idOf(at time.Time, i int) string {
	return fmt.Sprintf("%s%016d", strconv.FormatInt(1<<42-1-at.UnixMilli(), 32), i)
}
