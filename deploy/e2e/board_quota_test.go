package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/browser"
)

// TestBoardShowsTheQuota drops more photos on a board than its quota of the day allows. The page uploads what is
// allowed. For each of the others it says why it was not uploaded, in words for the person who dropped it.
func TestBoardShowsTheQuota(t *testing.T) {
	t.Parallel()
	const limit, dropped = 2, 5
	s := startSystem(t, func(c *stack.Config) { c.Quotas = `{"subject": {"photosPerDay": ` + strconv.Itoa(limit) + `}}` })
	dir := t.TempDir()
	var paths []string
	for i := range dropped {
		sample, err := samples.Small(uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.Join(dir, strconv.Itoa(i)+filepath.Ext(sample.Name)))
		if err := os.WriteFile(paths[i], sample.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page := s.board(browser.Start(t), t, "/#/cats", browser.View{Width: 1200, Height: 800})
	page.Wait(`!document.querySelector("#empty").hidden`)
	page.SetFiles("#photos", paths...)
	page.Wait(tiles("ready", "=== "+strconv.Itoa(limit)))
	page.Wait(tiles("failed", "=== "+strconv.Itoa(dropped-limit)))
	for _, told := range browser.Eval[[]string](page.Page, `[...document.querySelectorAll(".tile[data-state=failed] .told")].map(e => e.innerText.trim())`) {
		if !strings.Contains(told, "No more photos can be added today. Try again tomorrow.") {
			t.Errorf("a tile says %q", told)
		}
	}
	page.Screenshot("board-quota")
	troubles := page.Troubles()
	for _, trouble := range troubles {
		if !strings.HasSuffix(trouble, "/v1/boards/cats/uploads: 429") {
			t.Error(trouble)
		}
	}
	if len(troubles) != dropped-limit { // a wait of hours is not tried again
		t.Errorf("%d refused requests, want %d: %q", len(troubles), dropped-limit, troubles)
	}
}
