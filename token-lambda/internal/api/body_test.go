package api

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
)

// TestInvalidBody: the detail says which member is wrong, what it must be and what it is.
func TestInvalidBody(t *testing.T) {
	for body, want := range map[string]string{
		"":                           "The body is empty: send a JSON object.",
		" \r\n\t":                    "The body is empty: send a JSON object.",
		"[]":                         "The body is an array: send a JSON object.",
		"null":                       "The body is null: send a JSON object.",
		`"x"`:                        "The body is a string: send a JSON object.",
		"17":                         "The body is a number: send a JSON object.",
		"true":                       "The body is a boolean: send a JSON object.",
		"contentType=x":              `The body is not JSON: send a JSON object. It begins with "c".`,
		"\ufeff{}":                   `The body is not JSON: send a JSON object. It begins with "\ufeff".`,
		"\xff\xfe":                   "The body is not UTF-8: send JSON text, encoded as UTF-8.",
		"{\"contentType\":\"\xff\"}": "The body is not UTF-8: send JSON text, encoded as UTF-8.",
		"{":                          "The body ends in the middle of its JSON object: send all of it.",
		`{"contentType":"ima`:        "The body ends in the middle of its JSON object: send all of it.",
		`{"contentType":}`:           "The body is not valid JSON: correct it at byte 16.",
		`{'contentType':"x"}`:        "The body is not valid JSON: correct it at byte 2.",
		`{"contentLength":05}`:       "The body is not valid JSON: correct it at byte 19.",
		"{\"contentType\":\"a\nb\"}": "The body is not valid JSON: correct it at byte 18.",
		goodBody + "{}":              `The body continues with "{" after its JSON object: send one object and nothing else.`,
		goodBody + " x":              `The body continues with "x" after its JSON object: send one object and nothing else.`,
		goodBody + "\x00":            `The body continues with "\x00" after its JSON object: send one object and nothing else.`,
		`{"uploads":` + strings.Repeat("[", 12000): "The body is nested too deeply: send only the members of the contract.",
		strings.Repeat("[", 12000):                 "The body is an array: send a JSON object.",

		`{"contentType":5,"contentLength":5}`:                               "contentType must be a string, but is a number.",
		`{"contentType":null,"contentLength":5}`:                            "contentType must be a string, but is null.",
		`{"contentType":["image/jpeg"],"contentLength":5}`:                  "contentType must be a string, but is an array.",
		`{"contentType":"image/jpeg","contentLength":"5"}`:                  "contentLength must be a whole number, but is a string.",
		`{"contentType":"image/jpeg","contentLength":{}}`:                   "contentLength must be a whole number, but is an object.",
		`{"contentType":"image/jpeg","contentLength":null}`:                 "contentLength must be a whole number, but is null.",
		`{"contentType":"image/jpeg","contentLength":1.0}`:                  "contentLength must be a whole number in digits, without a fraction or an exponent, but is 1.0.",
		`{"contentType":"image/jpeg","contentLength":1.5}`:                  "contentLength must be a whole number in digits, without a fraction or an exponent, but is 1.5.",
		`{"contentType":"image/jpeg","contentLength":1e3}`:                  "contentLength must be a whole number in digits, without a fraction or an exponent, but is 1e3.",
		`{"contentType":"image/jpeg","contentLength":9223372036854775808}`:  "contentLength must be a whole number of at most 64 bits, but is 9223372036854775808.",
		`{"contentType":"image/jpeg","contentLength":-9223372036854775809}`: "contentLength must be a whole number of at most 64 bits, but is -9223372036854775809.",
		`{"contentType":"image/jpeg","contentLength":5,"sha256":false}`:     "sha256 must be a string, but is a boolean.",
		`{"contentType":"image/jpeg","contentLength":5,"form":"true"}`:      "form must be true or false, but is a string.",
		`{"contentType":"image/jpeg","contentLength":5,"form":1}`:           "form must be true or false, but is a number.",
		`{"contentType":"image/jpeg","contentLength":5,"contentLength":6}`:  "contentLength occurs more than once: send it once.",
		`{"contentType":"a","content\u0054ype":"b"}`:                        "contentType occurs more than once: send it once.",
		`{"sha-256":"x"}`:     `The body has the unknown member "sha-256". The known ones are contentType, contentLength, sha256, form, name and metadata.`,
		`{"ContentType":"x"}`: `The body has the unknown member "ContentType". The known ones are contentType, contentLength, sha256, form, name and metadata.`,
		`{"":1}`:              `The body has the unknown member "". The known ones are contentType, contentLength, sha256, form, name and metadata.`,

		`{"uploads":{}}`:                            "uploads must be an array, but is an object.",
		`{"uploads":null}`:                          "uploads must be an array, but is null.",
		`{"uploads":[5]}`:                           "uploads[0] must be an object, but is a number.",
		`{"uploads":[` + goodBody + `,null]}`:       "uploads[1] must be an object, but is null.",
		`{"uploads":[{},{},{"contentLength":"5"}]}`: "uploads[2].contentLength must be a whole number, but is a string.",
		`{"uploads":[{},{"contentType":5}]}`:        "uploads[1].contentType must be a string, but is a number.",
		`{"uploads":[{"form":null}]}`:               "uploads[0].form must be true or false, but is null.",
		`{"uploads":[{"sha256":"a","sha256":"b"}]}`: "uploads[0].sha256 occurs more than once: send it once.",
		`{"uploads":[{"size":1}]}`:                  `uploads[0] has the unknown member "size". The known ones are contentType, contentLength, sha256, form, name and metadata.`,
		`{"uploads":[{"uploads":[]}]}`:              `uploads[0] has the unknown member "uploads". The known ones are contentType, contentLength, sha256, form, name and metadata.`,
		`{"uploads":[],"form":false}`:               `The body has the unknown member "form". The only one is uploads.`,
	} {
		wantInvalid(t, pathOf(body), body, want)
	}
	// Neither route accepts the body of the other.
	wantInvalid(t, uploads, batchOf(1), `The body has the unknown member "uploads". The known ones are contentType, contentLength, sha256, form, name and metadata.`)
	wantInvalid(t, batch, goodBody, `The body has the unknown member "contentType". The only one is uploads.`)
	wantInvalid(t, batch, "{}", "uploads is missing: send a list with 1 to 50 of them.")
}

func wantInvalid(t *testing.T, path, body, want string) {
	t.Helper()
	var p contract.Problem
	resp := newRig(t, Config{}, fakeStore{}).do(request("POST", path, "cats", body))
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || resp.StatusCode != 400 || p.Slug() != contract.ProblemRequestInvalid || p.Detail != want {
		t.Errorf("%.90q: %d %s %q, %v; want %q", body, resp.StatusCode, p.Type, p.Detail, err, want)
	}
}

// sentences is what a detail looks like: sentences without the words of Go or of package encoding/json.
var (
	sentences = regexp.MustCompile(`^(The body |[a-z0-9A-Z]+(\[\d+\])?[. ]).*\.$`)
	goWords   = regexp.MustCompile(`json:|unmarshal|Go |struct|int64|RawMessage|contract\.|api\.|EOF|offset|literal|looking for`)
)

// FuzzUpload and FuzzBatch: a body is either read as package encoding/json reads it, or refused with a sentence.
func FuzzUpload(f *testing.F) { fuzzBody(f, parseUpload) }

func FuzzBatch(f *testing.F) { fuzzBody(f, parseBatch) }

func fuzzBody[T any](f *testing.F, parse func([]byte) (T, error)) {
	for _, body := range []string{goodBody, batchOf(3), digestBody(testDigest), `{"contentType":"image/png","form":true}`, `{"uploads":[{"contentLength":1.0}]}`,
		`{"contentLength":-0}`, "{}", "[", `{"uploads":[null]}`, "\xff", `{"contentType":"\ud800"}`, `{"form":true}x`, `{"uploads":[[[[[[[[`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parse(body)
		if err != nil {
			p, ok := err.(*problem)
			if !ok || p.slug != contract.ProblemRequestInvalid {
				t.Fatalf("%q: %v", body, err)
			}
			quoted := regexp.MustCompile(`"([^"\\]|\\.)*"`).ReplaceAllString(p.detail, `""`) // the client's own text
			if !sentences.MatchString(quoted) || goWords.MatchString(quoted) || strings.ContainsAny(p.detail, "\n\x00") {
				t.Errorf("%q: detail %q", body, p.detail)
			}
			return
		}
		var want T
		dec := json.NewDecoder(strings.NewReader(string(body)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("%q is accepted, and encoding/json says %v", body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", body, diff)
		}
	})
}

// TestKnownMembers: the details name every member of the contract.
func TestKnownMembers(t *testing.T) {
	var up contract.UploadRequest
	for name := range uploadMembers(&up) {
		if !slices.Contains(strings.FieldsFunc(knownMembers(uploadMembers(&up)), func(r rune) bool { return strings.ContainsRune(" ,.", r) }), name) {
			t.Errorf("%s is not named", name)
		}
	}
}
