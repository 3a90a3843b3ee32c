package photo

import (
	"slices"
	"strings"
	"testing"
)

// refusals are one of each function, and of each format, kind and lookalike.
func refusals() []Refusal {
	all := []Refusal{EmptyFile(), UnknownFile(), TooLarge(1), TooLarge(67108864), TooManyPixels(20000, 10000, 120_000_000),
		TooManyPixels(3, 4, 11), TooLongSide(120_000_000, 1, 65535),
		NotAccepted(HEIC, []Format{JPEG}), NotAccepted(HEIC, []Format{JPEG, WebP, "a later release's"})}
	for _, f := range Readable {
		all = append(all, Truncated(f), Corrupt(f), UnsupportedKind(f, ""), TooSlow(f), TooMuchMemory(f, 9000, 8000))
	}
	for _, k := range kinds {
		all = append(all, UnsupportedKind(JPEG, k))
	}
	for _, p := range fileParts {
		all = append(all, TooExpensive(HEIC, p, 16))
	}
	for _, l := range lookalikes {
		all = append(all, NotPicture(l))
	}
	return all
}

func TestRefusals(t *testing.T) {
	reached := map[string]bool{}
	for _, r := range refusals() {
		if !slices.Contains(Reasons, r.Reason()) || r.Detail() == generalSentence(r.Reason()) {
			t.Errorf("%s: %q", r.Reason(), r.Detail())
		}
		if strings.ContainsAny(r.Detail(), "{}") || strings.Count(r.Detail(), ".") > 1+strings.Count(r.Detail(), ".00") || !strings.HasSuffix(r.Detail(), ".") {
			t.Errorf("not one sentence: %q", r.Detail())
		}
		m := Manifest{State: Ready}
		m.Reject(r, Recipe{})
		if m.Reason != r.Reason() || m.Detail != r.Detail() || m.Explanation() != r.Detail() {
			t.Errorf("%q: the manifest has %s: %q, shown as %q", r.Detail(), m.Reason, m.Detail, m.Explanation())
		}
		for _, s := range sentences {
			if first, _, _ := strings.Cut(s.text, "{"); strings.HasPrefix(r.Detail(), first) && s.reason == r.Reason() {
				reached[s.text] = true
			}
		}
	}
	for _, s := range sentences[:len(sentences)-len(generalSentences)] {
		if !reached[s.text] {
			t.Errorf("no refusal has the sentence %q", s.text)
		}
	}
}

// TestExplanationHidesOtherWords: an uploader sees the sentences of this package and nothing else, whatever wrote the
// manifest.
func TestExplanationHidesOtherWords(t *testing.T) {
	for _, reason := range Reasons {
		want := generalSentence(reason)
		if want == "" || !isSentence(reason, want) {
			t.Fatalf("%s has no general sentence", reason)
		}
		for _, detail := range []string{"", "The picture does not decode (jpegscan: corrupt: MCU 8915 of 77976).",
			"wasm error: out of bounds memory access", want + "\nwasm stack trace:", "x" + want,
			"The wasm error is damaged and cannot be read: open it in a photo program, save it again, and upload the copy."} {
			m := Manifest{State: Rejected, Reason: reason, Detail: detail}
			if got := m.Explanation(); got != want {
				t.Errorf("%s, %q is shown as %q", reason, detail, got)
			}
		}
	}
	if got := (&Manifest{State: Rejected, Reason: "of a later release", Detail: "package x"}).Explanation(); got != "" {
		t.Errorf("an unknown reason is shown as %q", got)
	}
	if got := Corrupt("wasm: fault"); got.Detail() != generalSentence(ReasonCorrupt) {
		t.Errorf("an unknown format gives %q", got.Detail())
	}
}
