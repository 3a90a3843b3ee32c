package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/testkit/tool"
	"darkroom/worker/photo"
)

// runFunction is a program for Node.js that calls the function with events, and the README's function with variants.
const runFunction = `
const vm = require("node:vm"), input = JSON.parse(require("node:fs").readFileSync(0));
const run = (code, name) => vm.runInNewContext(code + ";" + name, {});
const handler = run(input.code, "handler"), urlOf = run(input.page, "negotiableUrl");
console.log(JSON.stringify({ answers: (input.events ?? []).map(e => handler(e)), urls: (input.outcomes ?? []).map(v => urlOf(v)) }));
`

type nodeInput struct {
	Code     string     `json:"code"`
	Page     string     `json:"page"`
	Events   []object   `json:"events"`
	Outcomes [][]object `json:"outcomes"`
}

type nodeOutput struct {
	Answers []struct {
		URI         string         `json:"uri"`
		Querystring map[string]any `json:"querystring"`
		StatusCode  int            `json:"statusCode"`
	} `json:"answers"`
	URLs []string `json:"urls"`
}

func runNode(t *testing.T, input nodeInput) (output nodeOutput) {
	t.Helper()
	node := tool.Find(t, "node")
	code, err := os.ReadFile("source/cloudfront_function.js")
	if err != nil {
		t.Fatal(err)
	}
	page := regexp.MustCompile("(?s)```js\n(// negotiableUrl .+?)```").FindStringSubmatch(readme(t))
	if page == nil {
		t.Fatal("the README does not show how a page makes a URL")
	}
	input.Code, input.Page = string(code), page[1]
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "-e", runFunction)
	cmd.Stdin = bytes.NewReader(text)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &output); err != nil {
		t.Fatal(err)
	}
	return output
}

// viewerRequest returns the event of a request, as CloudFront describes it:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
func viewerRequest(t *testing.T, target string, accept ...string) object {
	t.Helper()
	path, rawQuery, _ := strings.Cut(target, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		t.Fatal(err)
	}
	fields := func(values []string) object {
		field := object{"value": values[0]}
		if len(values) > 1 {
			all := []object{}
			for _, v := range values {
				all = append(all, object{"value": v})
			}
			field["multiValue"] = all
		}
		return field
	}
	querystring, headers := object{}, object{"host": object{"value": "photos.example"}}
	for name, values := range query {
		querystring[name] = fields(values)
	}
	if len(accept) > 0 {
		headers["accept"] = fields(accept)
	}
	return object{"version": "1.0", "context": object{"eventType": "viewer-request"}, "request": object{"method": "GET", "uri": path, "querystring": querystring, "headers": headers, "cookies": object{}}}
}

// The headers of <img> are those of
// https://developer.mozilla.org/docs/Web/HTTP/Guides/Content_negotiation/List_of_default_Accept_values
const (
	chrome   = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
	chrome84 = "image/webp,image/apng,image/*,*/*;q=0.8"
	firefox  = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
	safari   = "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
	safari14 = "image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"
	safari13 = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"
	page     = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)

// negotiated lists the format that a viewer gets, for the formats that exist and its Accept headers. An empty list of
// headers means that it sends none.
var negotiated = []struct {
	name, exist string
	accept      []string
	want        string
}{
	{"Chrome", "avif webp jpg", []string{chrome}, "avif"},
	{"Chrome, no AVIF", "webp jpg", []string{chrome}, "webp"},
	{"Chrome, JPEG alone", "jpg", []string{chrome}, "jpg"},
	{"Chrome's address bar", "avif webp jpg", []string{page}, "avif"},
	{"Chrome before AVIF", "avif webp jpg", []string{chrome84}, "webp"},
	{"Chrome before AVIF, no WebP", "avif jpg", []string{chrome84}, "jpg"},
	{"Firefox", "avif webp jpg", []string{firefox}, "avif"},
	{"Firefox, WebP and PNG", "webp png", []string{firefox}, "webp"},
	{"Firefox 92 to 127", "avif webp jpg", []string{"image/avif,image/webp,*/*"}, "avif"},
	{"Firefox before AVIF", "avif webp jpg", []string{"image/webp,*/*"}, "webp"},
	{"Safari", "avif webp jpg", []string{safari}, "avif"},
	{"Safari 14", "avif webp jpg", []string{safari14}, "webp"},
	{"Safari 13", "avif webp jpg", []string{safari13}, "jpg"},
	{"Safari 13, PNG", "avif webp png", []string{safari13}, "png"},
	{"curl and fetch", "avif webp jpg", []string{"*/*"}, "jpg"},
	{"curl, WebP and AVIF", "avif webp", []string{"*/*"}, "webp"},
	{"none", "avif webp png", nil, "png"},
	{"none, AVIF alone", "avif", nil, "avif"},
	{"image/*", "avif webp jpg", []string{"image/*"}, "jpg"},
	{"an animation", "webp gif", []string{chrome}, "webp"},
	{"an animation for an old browser", "webp gif", []string{safari13}, "gif"},
	{"q decides", "avif webp jpg", []string{"image/avif;q=0.5,image/webp;q=0.9,image/jpeg;q=0.1"}, "webp"},
	{"q of three digits", "avif webp", []string{"image/avif;q=0.123, image/webp;q=0.124"}, "webp"},
	{"JPEG is preferred", "avif webp jpg", []string{"image/avif;q=0.8,image/webp;q=0.8,*/*"}, "jpg"},
	{"AVIF is refused", "avif webp jpg", []string{"image/avif;q=0,image/webp,*/*"}, "webp"},
	{"all but AVIF is refused", "avif webp jpg", []string{"image/*;q=0,image/avif"}, "avif"},
	{"JPEG is refused", "webp jpg", []string{"image/jpeg;q=0, */*;q=0.1"}, "webp"},
	{"JPEG is refused, nothing is accepted", "webp jpg", []string{"image/jpeg;q=0"}, "webp"},
	{"all is refused", "avif webp jpg", []string{"*/*;q=0"}, "jpg"},
	{"all is refused by name", "avif jpg", []string{"image/avif;q=0,image/jpeg;q=0"}, "jpg"},
	{"image/* is better than JPEG", "webp jpg", []string{"image/*;q=0.9,image/jpeg;q=0.1"}, "webp"},
	{"no picture is accepted", "avif webp jpg", []string{"text/html"}, "jpg"},
	{"another picture is accepted", "avif png", []string{"image/jxl"}, "png"},
	{"upper case and spaces", "avif webp jpg", []string{" IMAGE/WEBP ; Q=0.9 ,\t*/* ; q=0.5"}, "webp"},
	{"two headers", "avif webp jpg", []string{"image/webp", "image/avif"}, "avif"},
	{"another parameter", "avif webp", []string{"image/avif;codecs=av01;q=0.2,image/webp;v=1;q=0.3"}, "webp"},
	{"named twice", "avif jpg", []string{"image/avif;q=0.1,image/jpeg;q=0.5,image/avif"}, "avif"},
	{"the wildcard comes first", "avif webp jpg", []string{"*/*;q=0.1,image/avif;q=0.2"}, "avif"},
	{"a bad q", "avif jpg", []string{"image/avif;q=2,image/jpeg;q=0.1"}, "jpg"},
	{"words for q", "avif jpg", []string{"image/avif;q=high,image/jpeg;q=0.1"}, "jpg"},
	{"empty", "avif jpg", []string{""}, "jpg"},
	{"garbage", "avif webp jpg", []string{";;q=,,=/\x00\u00ff%s__proto__;q=1,constructor"}, "jpg"},
	{"very long", "avif webp jpg", []string{"image/webp," + strings.Repeat("x/y,", 5000) + "image/avif"}, "webp"},
}

// TestNegotiateFunction calls the function with headers that browsers send, for URLs that the README's function makes
// from those of the API, and compares the result with the keys that a worker writes.
func TestNegotiateFunction(t *testing.T) {
	const base = "https://photos.example/"
	signed := photo.IDKeys{[]byte(strings.Repeat("k", photo.MinIDKey))}
	refs := []photo.Ref{{Board: "demo", ID: photo.NewID()}, {Board: "a-1", ID: "0123456789abcdef0123456789abcdef"}}
	refs = append(refs, photo.Ref{Board: photo.Board(strings.Repeat("b", 63)), ID: signed.NewID("demo", time.Now(), photo.MaxLifetime)})
	formats := map[string]photo.Format{}
	for _, f := range append(slices.Clone(photo.Written), photo.GIF) {
		formats[f.Ext()] = f
	}
	var input nodeInput
	var keys []map[string]string
	for i, c := range negotiated {
		ref, variants, byExt := refs[i%len(refs)], []object{}, map[string]string{}
		for j, ext := range strings.Fields(c.exist) {
			name := []string{"large", "2x-large-", strings.Repeat("n", 32)}[i/len(refs)%3]
			byExt[ext] = ref.VariantKey(name, strings.Repeat(fmt.Sprintf("%02x", 16*i+j), 32), formats[ext])
			variants = append(variants, object{"name": name, "url": base + byExt[ext], "contentType": formats[ext].ContentType()})
		}
		keys, input.Outcomes = append(keys, byExt), append(input.Outcomes, variants)
	}
	for i, u := range runNode(t, input).URLs {
		target, ok := strings.CutPrefix(u, strings.TrimSuffix(base, "/"))
		if !ok {
			t.Fatalf("the README's function makes %s", u)
		}
		input.Events = append(input.Events, viewerRequest(t, target, negotiated[i].accept...))
	}
	for i, answer := range runNode(t, input).Answers {
		c := negotiated[i]
		if want := "/" + keys[i][c.want]; answer.URI != want {
			t.Errorf("%s: of %s, %q gets %s (status %d), want %s", c.name, c.exist, c.accept, answer.URI, answer.StatusCode, want)
		}
		if len(answer.Querystring) != 0 {
			t.Errorf("%s: the query %v is left, and might be part of the cache's key", c.name, answer.Querystring)
		}
	}
	for _, f := range photo.Written {
		if !slices.ContainsFunc(keys, func(byExt map[string]string) bool { return byExt[f.Ext()] != "" }) {
			t.Errorf("no case has a variant in %s", f.DisplayName())
		}
	}
}

// TestNegotiateRefuses calls the function with URLs that no page makes. None may reach S3.
func TestNegotiateRefuses(t *testing.T) {
	ref := photo.Ref{Board: "demo", ID: photo.NewID()}
	stem, hash := "/"+ref.Prefix()+"large", "0123456789abcdef"
	refused := map[string]int{
		stem + ".auto":                                                                 400,
		stem + ".auto?":                                                                400,
		stem + ".auto?avif=":                                                           400,
		stem + ".auto?avif":                                                            400,
		stem + ".auto?tiff=" + hash:                                                    400,
		stem + ".auto?heic=" + hash:                                                    400,
		stem + ".auto?json=" + hash:                                                    400,
		stem + ".auto?__proto__=" + hash:                                               400,
		stem + ".auto?avif=" + hash[1:]:                                                400,
		stem + ".auto?avif=" + hash + "0":                                              400,
		stem + ".auto?avif=0123456789ABCDEF":                                           400,
		stem + ".auto?avif=../../../manifest":                                          400,
		stem + ".auto?avif=%2e%2e%2f0123456":                                           400,
		stem + ".auto?avif=0123456789abcde%2F":                                         400,
		stem + ".auto?avif=" + hash + "%0A":                                            400,
		stem + ".auto?avif=" + hash + "&jpg=x":                                         400,
		stem + ".auto?jpg=" + hash + "&jpg=" + hash:                                    400,
		"/.auto?jpg=" + hash:                                                           404,
		"/large.auto?jpg=" + hash:                                                      404,
		"/demo/" + string(ref.ID) + "/large.auto?jpg=" + hash:                          404,
		"/" + ref.Prefix() + ".auto?jpg=" + hash:                                       404,
		"/" + ref.Prefix() + "../x/large.auto?jpg=" + hash:                             404,
		"/" + ref.Prefix() + "..%2flarge.auto?jpg=" + hash:                             404,
		"/" + ref.Prefix() + "/large.auto?jpg=" + hash:                                 404,
		"/" + ref.Prefix() + "Large.auto?jpg=" + hash:                                  404,
		"/" + ref.Prefix() + "manifest.json.auto?jpg=" + hash:                          404,
		"/" + ref.Prefix() + "large-" + hash + ".jpg?jpg=" + hash:                      404,
		"/" + ref.Prefix() + strings.Repeat("n", 33) + ".auto?jpg=" + hash:             404,
		stem + ".auto\n?jpg=" + hash:                                                   404,
		"/g/" + strings.Repeat("b", 64) + "/" + string(ref.ID) + "/l.auto?jpg=" + hash: 404,
		"/z/demo/" + string(ref.ID) + "/large.auto?jpg=" + hash:                        404,
	}
	targets := slices.Sorted(maps.Keys(refused))
	var input nodeInput
	for _, target := range targets {
		input.Events = append(input.Events, viewerRequest(t, target, chrome))
	}
	for i, answer := range runNode(t, input).Answers {
		if want := refused[targets[i]]; answer.StatusCode != want {
			t.Errorf("%q: status %d and %q, want status %d", targets[i], answer.StatusCode, answer.URI, want)
		}
	}
}
