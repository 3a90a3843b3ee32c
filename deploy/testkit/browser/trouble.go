package browser

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch collects the troubles and the answers of a page. The browser's events arrive in another goroutine.
type watch struct {
	mu       sync.Mutex
	urls     map[network.RequestID]string // "GET http://host/path" of requests in progress
	cached   map[network.RequestID]bool   // requests in progress that the memory cache answers
	troubles []string
	answers  []Answer
}

// Troubles returns the troubles since the last call: "console: ..." for a logged error, "exception: ..." for an
// uncaught exception, "request: ..." for a request that failed or was answered with 400 or more. URLs are without their
// query, which may be a signature.
func (w *watch) Troubles() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.troubles
	w.troubles = nil
	return t
}

func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	trouble := func(format string, args ...any) {
		w.troubles = append(w.troubles, withoutQuery(fmt.Sprintf(format, args...)))
	}
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			trouble("console: %s", consoleText(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + consoleText([]*runtime.RemoteObject{x})
		}
		trouble("exception: %s", text)
	case *log.EventEntryAdded:
		// Entries of a request are reported with the request.
		if e.Entry.Level == log.EntryLevelError && e.Entry.NetworkRequestID == "" {
			trouble("console: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if w.urls == nil {
			w.urls = map[network.RequestID]string{}
		}
		w.urls[e.RequestID] = e.Request.Method + " " + e.Request.URL
	case *network.EventRequestServedFromCache:
		if w.cached == nil {
			w.cached = map[network.RequestID]bool{}
		}
		w.cached[e.RequestID] = true
	case *network.EventResponseReceived:
		w.answers = append(w.answers, Answer{URL: withoutQuery(e.Response.URL),
			Cached: e.Response.FromDiskCache || w.cached[e.RequestID]})
		if e.Response.Status >= 400 {
			trouble("request: %s: %d", w.urls[e.RequestID], e.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled { // canceled by the page or by navigation
			trouble("request: %s: %s", w.urls[e.RequestID], e.ErrorText)
		}
		w.forget(e.RequestID)
	case *network.EventLoadingFinished:
		w.forget(e.RequestID)
	}
}

// consoleText returns the arguments roughly as the console shows them.
func consoleText(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		var text string
		switch {
		case a.Description != "":
			words = append(words, a.Description)
		case json.Unmarshal(a.Value, &text) == nil:
			words = append(words, text)
		case len(a.Value) > 0:
			words = append(words, string(a.Value))
		default:
			words = append(words, string(a.Type))
		}
	}
	return strings.Join(words, " ")
}

var query = regexp.MustCompile(`\?[^\s"'<>)]*[^\s"'<>):;,.]`)

// withoutQuery removes the queries of the URLs in a text, except for punctuation at their end.
func withoutQuery(text string) string { return query.ReplaceAllString(text, "?...") }
