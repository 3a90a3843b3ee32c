package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"darkroom/token-lambda/contract"
)

// document is openapi.json, sealed: see seal.
type document struct {
	root     map[string]any
	compiler *jsonschema.Compiler
}

const documentURL = "https://darkroom.example/openapi.json"

func readDocument(t *testing.T) *document {
	t.Helper()
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(contract.OpenAPI))
	if err != nil {
		t.Fatal(err)
	}
	seal(root)
	d := &document{root: root.(map[string]any), compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(documentURL, root); err != nil {
		t.Fatal(err)
	}
	return d
}

// seal forbids members that a schema does not name. Clients must ignore them, but here each is a gap in the document.
func seal(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"].(map[string]any); ok && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, x := range v {
			seal(x)
		}
	case []any:
		for _, x := range v {
			seal(x)
		}
	}
}

// lookup follows a path through the document and a reference at its end. It returns what it finds, or nil, and its
// path.
func (d *document) lookup(path ...string) (map[string]any, []string) {
	var v any = d.root
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	m, _ := v.(map[string]any)
	if ref, ok := m["$ref"].(string); ok {
		return d.lookup(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return m, path
}

// validate checks JSON text against the schema at path.
func (d *document) validate(t *testing.T, text []byte, path ...string) {
	t.Helper()
	pointer := ""
	for _, p := range path {
		pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	schema, err := d.compiler.Compile(documentURL + "#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

// check checks an answer against the document.
func (d *document) check(t *testing.T, path, method string, resp *http.Response) {
	t.Helper()
	answer, where := d.lookup("paths", path, method, "responses", strconv.Itoa(resp.StatusCode))
	if answer == nil {
		t.Errorf("%d of %s %s is not documented", resp.StatusCode, method, path)
		return
	}
	headers, _ := answer["headers"].(map[string]any)
	for name := range headers {
		h, _ := d.lookup(append(where, "headers", name)...)
		if h["required"] == true && resp.Header.Get(name) == "" {
			t.Errorf("header %s is missing", name)
		}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	content, _ := answer["content"].(map[string]any)
	if content == nil {
		if len(body) != 0 {
			t.Errorf("body %s is not documented", body)
		}
		return
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if kind == htmlType || kind == contract.EventsContentType || kind == contract.ReceiptContentType {
		if body, err = json.Marshal(string(body)); err != nil {
			t.Fatal(err)
		}
	}
	if content[kind] == nil {
		t.Errorf("Content-Type %s is not documented", kind)
		return
	}
	d.validate(t, body, append(where, "content", kind, "schema")...)
}
