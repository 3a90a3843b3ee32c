// Package logging sets up the log of every program of Darkroom: structured records through log/slog, as text on a
// terminal and as JSON, one record a line, everywhere else.
package logging

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// Flags are a program's logging options. Embed them in its command line structure.
type Flags struct {
	Level  slog.Level `name:"log-level" env:"LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"Lowest level to log: debug, info, warn or error."`
	Format string     `name:"log-format" env:"LOG_FORMAT" default:"auto" enum:"auto,json,text" placeholder:"FORMAT" help:"json, text, or auto: text on a terminal, json elsewhere."`
}

// New returns a logger that writes to w. Each record carries the name of the program.
func (f Flags) New(w io.Writer, program string) (*slog.Logger, error) {
	text := f.Format == "text"
	switch f.Format {
	case "auto", "":
		file, ok := w.(*os.File)
		text = ok && term.IsTerminal(int(file.Fd()))
	case "json", "text":
	default:
		return nil, fmt.Errorf("log format %q: want auto, json or text", f.Format)
	}
	opts := &slog.HandlerOptions{Level: f.Level}
	var h slog.Handler = slog.NewJSONHandler(w, opts)
	if text {
		h = slog.NewTextHandler(w, opts)
	}
	return slog.New(h).With("program", program), nil
}
