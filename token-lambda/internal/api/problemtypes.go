package api

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"sync"

	"github.com/munnerz/goautoneg"

	"darkroom/token-lambda/contract"
)

//go:embed problemtypes.html
var pageText string

// pages are the templates "type" and "list". They are parsed at the first request for a page, to keep starts short.
var pages = sync.OnceValue(func() *template.Template { return template.Must(template.New("").Parse(pageText)) })

const htmlType = "text/html"

// typePage is what the template "type" shows.
type typePage struct {
	contract.ProblemType
	URL        string // type of problem documents
	StatusText string
}

// listProblemTypes answers GET /problems/.
func (a *API) listProblemTypes(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path != contract.ProblemsPath { // the ServeMux passes all longer paths too
		return errNoSuchPath
	}
	list := contract.ProblemTypeList{Problems: contract.ProblemTypes}
	return writePageOrJSON(w, r, "list", list, list)
}

// showProblemType answers GET /problems/{slug}.
func (a *API) showProblemType(w http.ResponseWriter, r *http.Request) error {
	t, ok := contract.FindProblemType(contract.Slug(r.PathValue("slug")))
	if !ok {
		return newProblem(contract.ProblemNotFound, "There is no such type of problem: "+contract.ProblemsPath+" lists them.")
	}
	return writePageOrJSON(w, r, "type", typePage{t, a.baseURL(r) + t.Slug.Path(), http.StatusText(t.Status)}, t)
}

// writePageOrJSON answers with a page, or with JSON if the client prefers that.
func writePageOrJSON(w http.ResponseWriter, r *http.Request, name string, page, document any) error {
	h := w.Header()
	h.Add("Vary", "Accept")
	h.Set("Cache-Control", "no-cache")
	if goautoneg.Negotiate(r.Header.Get("Accept"), []string{htmlType, contract.ContentType}) == contract.ContentType {
		return writeJSON(w, http.StatusOK, document)
	}
	var text bytes.Buffer
	if err := pages().ExecuteTemplate(&text, name, page); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	h.Set("Content-Type", htmlType+"; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(http.StatusOK)
	w.Write(text.Bytes()) // an error here means that the client has gone
	return nil
}
