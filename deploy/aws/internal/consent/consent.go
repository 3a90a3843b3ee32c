// Package consent asks a person before something is changed.
//
// An answer is a line. It may come from a terminal or from a pipe. Without one, nothing is changed.
package consent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrDeclined says that the answer was not a yes.
var ErrDeclined = errors.New("nothing was changed")

// Asker asks questions.
type Asker struct {
	In  io.Reader
	Out io.Writer
	Yes bool // answer every question with yes
}

// Confirm asks a question that y or yes agrees to. It returns [ErrDeclined] for any other answer, and an error if there
// is none or ctx ends.
func (a Asker) Confirm(ctx context.Context, question string) error {
	if a.Yes {
		return nil
	}
	fmt.Fprintf(a.Out, "%s [y/N] ", question)
	answer, err := a.line(ctx)
	if err != nil {
		return err
	}
	if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
		return ErrDeclined
	}
	return nil
}

// Type asks the person to type a text, which nobody types by accident. It returns [ErrDeclined] for any other.
func (a Asker) Type(ctx context.Context, question, want string) error {
	fmt.Fprintf(a.Out, "%s: ", question)
	answer, err := a.line(ctx)
	if err != nil {
		return err
	}
	if answer != want {
		return fmt.Errorf("%q is not %q: %w", answer, want, ErrDeclined)
	}
	return nil
}

// line reads an answer. The goroutine that reads ends with the line or with the process, because a read from a terminal
// cannot be interrupted.
func (a Asker) line(ctx context.Context) (string, error) {
	type read struct {
		text string
		err  error
	}
	answers := make(chan read, 1)
	go func() {
		text, err := bufio.NewReader(a.In).ReadString('\n')
		answers <- read{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.Out)
		return "", fmt.Errorf("%w: %w", context.Cause(ctx), ErrDeclined)
	case r := <-answers:
		text := strings.TrimSpace(r.text)
		if r.err != nil && text == "" {
			fmt.Fprintln(a.Out)
			return "", fmt.Errorf("the question has no answer, so %w", ErrDeclined)
		}
		return text, nil
	}
}
