package browser

import "github.com/chromedp/cdproto/network"

// Answer is an answer that a page received.
type Answer struct {
	URL    string // without its query, which may be a signature
	Cached bool   // the memory cache or the disk cache of the browser gave it, without a request to the server
}

// Answers returns the answers since the last call, in their order.
func (w *watch) Answers() []Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.answers
	w.answers = nil
	return a
}

// forget ends a request.
func (w *watch) forget(id network.RequestID) {
	delete(w.urls, id)
	delete(w.cached, id)
}
