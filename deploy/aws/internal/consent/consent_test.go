package consent

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestConfirm(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, " yes \n": true, "y": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		var out strings.Builder
		err := Asker{In: strings.NewReader(answer), Out: &out}.Confirm(t.Context(), "Go on?")
		if (err == nil) != want || err != nil && !errors.Is(err, ErrDeclined) {
			t.Errorf("answer %q: error %v, want consent %v", answer, err, want)
		}
		if !strings.HasPrefix(out.String(), "Go on? [y/N] ") {
			t.Errorf("asked %q", out.String())
		}
	}
	if err := (Asker{In: strings.NewReader(""), Out: io.Discard, Yes: true}).Confirm(t.Context(), "Go on?"); err != nil {
		t.Errorf("with Yes: %v", err)
	}
}

func TestType(t *testing.T) {
	for answer, want := range map[string]bool{"photos\n": true, "photo\n": false, "y\n": false, "": false} {
		err := Asker{In: strings.NewReader(answer), Out: io.Discard, Yes: true}.Type(t.Context(), "Name", "photos")
		if (err == nil) != want || err != nil && !errors.Is(err, ErrDeclined) {
			t.Errorf("answer %q: error %v, want consent %v", answer, err, want)
		}
	}
}

func TestInterruptedQuestion(t *testing.T) {
	in, keep := io.Pipe()
	defer keep.Close() // ends the goroutine that reads
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Asker{In: in, Out: io.Discard}).Confirm(ctx, "Go on?"); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrDeclined) {
		t.Errorf("error %v", err)
	}
}
