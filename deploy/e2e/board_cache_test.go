package e2e

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/testkit/browser"
)

// reloadsFromCache reloads the page until every variant comes from the browser's cache. It fails the test if that takes
// too long.
func (p board) reloadsFromCache() {
	p.t.Helper()
	fetched := func(a browser.Answer) bool { return !a.Cached }
	var variants []browser.Answer
	for range 4 { // a busy browser may not have cached all yet, and the URLs may be renewed in between
		p.reloadVariants()
		// A URL that is signed now differs.
		p.Wait(fmt.Sprintf("Date.now() > %d", time.Now().Add(time.Second).UnixMilli()))
		if variants = p.reloadVariants(); !slices.ContainsFunc(variants, fetched) {
			break
		}
	}
	if len(variants) < 29 {
		p.t.Errorf("the page loaded %d variants", len(variants))
	}
	if i := slices.IndexFunc(variants, fetched); i >= 0 {
		p.t.Errorf("reloads go on fetching %s from S3", variants[i].URL)
	}
}

// reloadVariants reloads the page and returns the answers for variants.
func (p board) reloadVariants() (variants []browser.Answer) {
	p.t.Helper()
	p.Answers()
	p.Do(chromedp.Reload())
	p.Wait(tiles("ready", "=== 29"))
	// The API says what the files were called.
	p.Wait(`document.querySelectorAll(".tile img[alt^='IMG_23']").length === 28`)
	p.pictures()
	for _, a := range p.Answers() {
		if strings.Contains(a.URL, "/"+fake.Variants+"/") {
			variants = append(variants, a)
		}
	}
	return variants
}
