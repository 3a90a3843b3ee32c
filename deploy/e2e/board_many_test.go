package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/chromedp/chromedp"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/testkit/browser"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// TestBoardOfMany checks that a page reads only as much of a large board as it shows.
func TestBoardOfMany(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	const many = 2*contract.MaxPage + 50
	jpeg := small(t)
	for range many {
		key := photo.Ref{Board: "cats", ID: photo.NewID()}.Key()
		if _, err := s.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: ptr(fake.Uploads), Key: &key, Body: bytes.NewReader(jpeg)}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all photos are ready", func() bool {
		return strings.Count(strings.Join(s.keys(t, fake.Variants), "\n")+"\n", "/"+photo.ManifestName+"\n") == many
	})
	page := s.board(browser.Start(t), t, "/#/cats", browser.View{Width: 1000, Height: 800})
	lists := func() (n int) {
		for _, a := range page.Answers() {
			if strings.HasSuffix(a.URL, contract.UploadsPath("cats")+"?...") {
				n++
			}
		}
		return n
	}
	page.Wait(`document.querySelector("#live").textContent === "cats: the newest 100 photos."`)
	if n := lists(); n != 1 {
		t.Errorf("the page reads the list %d times, want once", n)
	}
	browser.Eval[chromedp.Void](page.Page, `document.querySelector(".tile .open").click()`)
	page.Wait(`document.querySelector("#viewer .bar p").textContent.startsWith("1 of 100+")`)
	browser.Eval[chromedp.Void](page.Page, `document.querySelector("#viewer").close()`)
	for _, want := range []string{"the newest 200", "250"} {
		page.Wait(fmt.Sprintf(`(scrollTo(0, document.documentElement.scrollHeight), document.querySelector("#live").textContent === "cats: %s photos.")`, want))
	}
	page.Wait(`(scrollTo(0, document.documentElement.scrollHeight), document.querySelector(".tile:last-child[aria-posinset='250'][aria-setsize='250'] img.in"))`)
	if n := lists(); n != 2 {
		t.Errorf("the page reads the rest of the list in %d requests, want 2", n)
	}
}
