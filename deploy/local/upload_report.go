package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"darkroom/deploy/client"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// nameColumn is the width of the column of names. With it a line fits a terminal of 80 columns.
const nameColumn = 38

// uploadReport prints the outcomes of photos, and counts them.
type uploadReport struct {
	w    io.Writer
	json bool // print one JSON object per line
	urls bool // also print a line for each variant

	counts map[photo.State]int // "" counts photos that failed
	bytes  int64
	start  time.Time
}

// photoResult is the outcome of a photo for programs.
type photoResult struct {
	File    string  `json:"file"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds,omitempty"` // from the request for the token to the outcome
	Error   string  `json:"error,omitempty"`
	*contract.Upload
}

// add prints the outcome of a photo: its file, its state, the size of the picture in pixels and of the file, and how
// long it took. A photo that is not ready has the reason on a line of its own.
func (u *uploadReport) add(r client.Result) error {
	u.bytes += r.Photo.Size
	state := r.Outcome.State
	if r.Err != nil {
		state = ""
	}
	u.counts[state]++
	if u.json {
		return u.object(r)
	}
	pixels, word, why := "", string(state), ""
	if r.Outcome.Width > 0 {
		pixels = fmt.Sprintf("%dx%d", r.Outcome.Width, r.Outcome.Height)
	}
	switch {
	case r.Err != nil:
		word, why = "failed", r.Err.Error()
	case r.Outcome.Damaged:
		why = "the file is damaged: the variants show what could be read"
	case r.Outcome.Reason != "":
		why = fmt.Sprintf("%s: %s", r.Outcome.Reason, r.Outcome.Detail)
	}
	took := ""
	if r.Err == nil {
		took = fmt.Sprintf("%.1f s", r.Outcome.Took.Seconds())
	}
	if _, err := fmt.Fprintf(u.w, "%-*s  %-9s %11s %9s %7s\n", nameColumn, shortName(r.Photo.Name), word, pixels, size(r.Photo.Size), took); err != nil {
		return err
	}
	if why != "" {
		if _, err := fmt.Fprintf(u.w, "    %s\n", why); err != nil {
			return err
		}
	}
	if u.urls && r.Err == nil {
		for _, v := range r.Outcome.Variants {
			if _, err := fmt.Fprintf(u.w, "    %s %dx%d %s\n", v.Name, v.Width, v.Height, v.URL); err != nil {
				return err
			}
		}
	}
	return nil
}

// object prints the outcome of a photo as JSON.
func (u *uploadReport) object(r client.Result) error {
	o := photoResult{File: r.Photo.Name, Bytes: r.Photo.Size}
	if r.Err != nil {
		o.Error = r.Err.Error()
	} else {
		o.Seconds, o.Upload = r.Outcome.Took.Seconds(), &r.Outcome.Upload
	}
	return json.NewEncoder(u.w).Encode(o)
}

// summary prints how many photos have which outcome.
func (u *uploadReport) summary() error {
	if u.json {
		return nil
	}
	total, ready := 0, u.counts[photo.Ready]
	for _, n := range u.counts {
		total += n
	}
	text := fmt.Sprintf("%s, %d ready", plural.Count(total, "photo"), ready)
	for _, other := range []struct {
		state photo.State
		word  string
	}{{photo.Rejected, "rejected"}, {photo.Removed, "removed"}, {"", "failed"}} {
		if n := u.counts[other.state]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, other.word)
		}
	}
	_, err := fmt.Fprintf(u.w, "%s: %s in %.1f s\n", text, size(u.bytes), time.Since(u.start).Seconds())
	return err
}

// notReady returns how many photos have an outcome other than ready.
func (u *uploadReport) notReady() (n int) {
	for state, count := range u.counts {
		if state != photo.Ready {
			n += count
		}
	}
	return n
}

// shortName returns a name for the table: in quotes if it has characters that a terminal would act on, and only its end
// if it is wider than its column.
func shortName(name string) string {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		name = strconv.Quote(name)
	}
	if n := utf8.RuneCountInString(name); n > nameColumn {
		name = "…" + string([]rune(name)[n-nameColumn+1:])
	}
	return name
}

// size returns a number of bytes in a unit that fits it.
func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1e6:
		return fmt.Sprintf("%.0f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
