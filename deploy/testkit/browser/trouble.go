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

// watch collects what goes wrong in a page. The browser's events come from a goroutine of their own.
type watch struct {
	mu       sync.Mutex
	urls     map[network.RequestID]string // "GET http://host/path" of requests under way
	troubles []string
}

// Troubles returns what went wrong since it was asked before: "console: ..." for what was logged as an error,
// "exception: ..." for what nothing caught, "request: ..." for a request that failed or was answered with 400 or more.
// No URL in them has its query, which may be a signature.
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
			trouble("console: %s", spoken(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + spoken([]*runtime.RemoteObject{x})
		}
		trouble("exception: %s", text)
	case *log.EventEntryAdded:
		// What belongs to a request comes again with the request.
		if e.Entry.Level == log.EntryLevelError && e.Entry.NetworkRequestID == "" {
			trouble("console: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if w.urls == nil {
			w.urls = map[network.RequestID]string{}
		}
		w.urls[e.RequestID] = e.Request.Method + " " + e.Request.URL
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			trouble("request: %s: %d", w.urls[e.RequestID], e.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled { // by the page, or because it was left
			trouble("request: %s: %s", w.urls[e.RequestID], e.ErrorText)
		}
		delete(w.urls, e.RequestID)
	case *network.EventLoadingFinished:
		delete(w.urls, e.RequestID)
	}
}

// spoken is the arguments as the console shows them, about.
func spoken(args []*runtime.RemoteObject) string {
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

// withoutQuery takes the queries out of the URLs in a text, but for punctuation at their end.
func withoutQuery(text string) string { return query.ReplaceAllString(text, "?...") }
