package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/testkit/browser"
	"darkroom/token-lambda/contract"
)

// reloadsFromCache reloads the page twice. The second time, the browser's cache has every variant.
func (p board) reloadsFromCache() {
	p.t.Helper()
	var variants []browser.Answer
	for {
		period := time.Now().Truncate(contract.VariantRenewal)
		p.reloadVariants()
		p.Wait(fmt.Sprintf("Date.now() > %d", time.Now().Add(time.Second).UnixMilli())) // a URL that is signed now is another one
		variants = p.reloadVariants()
		if time.Now().Truncate(contract.VariantRenewal).Equal(period) { // otherwise the URLs have changed in between
			break
		}
	}
	if len(variants) < 29 {
		p.t.Errorf("the page loaded %d variants", len(variants))
	}
	for _, a := range variants {
		if !a.Cached {
			p.t.Errorf("the second reload fetched %s from S3", a.URL)
		}
	}
}

// reloadVariants reloads the page and returns the answers for variants.
func (p board) reloadVariants() (variants []browser.Answer) {
	p.t.Helper()
	p.Answers()
	p.Do(chromedp.Reload())
	p.Wait(tiles("ready", "=== 29"))
	p.Wait(`document.querySelectorAll(".tile img[alt^='IMG_23']").length === 28`) // the API says what the files were called
	p.pictures()
	for _, a := range p.Answers() {
		if strings.Contains(a.URL, "/"+fake.Variants+"/") {
			variants = append(variants, a)
		}
	}
	return variants
}
