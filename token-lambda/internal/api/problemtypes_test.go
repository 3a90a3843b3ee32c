package api

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"darkroom/token-lambda/contract"
)

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// wantPage reports how the answer differs from a valid page, and returns its text without the markup.
func wantPage(t *testing.T, resp *http.Response) string {
	t.Helper()
	page := body(t, resp)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	var text strings.Builder
	for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
		if token := z.Token(); token.Type == html.TextToken {
			text.WriteString(token.Data)
		}
	}
	return text.String()
}

// TestEveryProblemHasItsPage: the type of a problem document is the URL of a page that describes it.
func TestEveryProblemHasItsPage(t *testing.T) {
	for _, public := range []string{"", "https://photos.example/api"} {
		rig := newRig(t, Config{PublicURL: public}, fakeStore{})
		base := "http://example.com"
		if public != "" {
			base = public
		}
		for _, p := range contract.ProblemTypes {
			url := newProblem(p.Slug, "").document(base, "").Type
			text := wantPage(t, rig.do(request("GET", strings.TrimPrefix(url, base), "", "")))
			for _, want := range []string{p.Title, p.Meaning, p.Cause, p.Remedy, url} {
				if !strings.Contains(text, want) {
					t.Errorf("the page of %s does not have %q:\n%s", p.Slug, want, text)
				}
			}
			var got contract.ProblemType
			resp := rig.do(request("GET", p.Slug.Path(), "", "", "Accept", "application/json"))
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got != p {
				t.Errorf("%s: %+v, %v", p.Slug, got, err)
			}
		}
	}
}

func TestProblemsAreListed(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	resp := rig.do(request("GET", "/problems/", "", ""))
	page := body(t, resp)
	for _, link := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if resp := rig.do(request("GET", "/problems/"+link[1], "", "")); resp.StatusCode != http.StatusOK {
			t.Errorf("the link %s leads to %d", link[1], resp.StatusCode)
		}
	}
	if got := strings.Count(page, "href="); got != len(contract.ProblemTypes) {
		t.Errorf("%d links, want %d", got, len(contract.ProblemTypes))
	}
	var list contract.ProblemTypeList
	resp = rig.do(request("GET", "/problems/", "", "", "Accept", "application/json"))
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || !cmp.Equal(list.Problems, contract.ProblemTypes) {
		t.Errorf("%+v, %v", list, err)
	}
	for _, path := range []string{"/problems", "/problems/a/b", "/problems/timeout/", "/problems//", "/problems/Timeout"} {
		if resp := rig.do(request("GET", path, "", "")); resp.StatusCode != http.StatusNotFound || resp.Header.Get("Location") != "" {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

func TestAcceptDecidesBetweenPageAndJSON(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	for accept, want := range map[string]string{
		"": "text/html", "*/*": "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "text/html",
		"application/json": "application/json", "application/json, */*;q=0.5": "application/json", "text/html;q=0.5, application/json": "application/json",
		"application/*": "application/json", "application/json;q=0, */*": "text/html", "image/png": "text/html",
	} {
		resp := rig.do(request("GET", "/problems/timeout", "", "", "Accept", accept))
		if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, want) || resp.Header.Get("Vary") != "Accept" {
			t.Errorf("Accept %q: %s, Vary %q", accept, got, resp.Header.Get("Vary"))
		}
	}
}
