package contract

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/worker/photo"
)

// schemaTypes has a value of every type that is a schema of openapi.json. Their names are the same.
var schemaTypes = []any{UploadRequest{}, BatchRequest{}, NewUpload{}, NewUploads{}, Token{}, Upload{}, photo.Credit{}, Variant{}, Page{}, ErasurePending{}, Receipt{}, ErasedObject{}, KeySet{}, Key{}, Health{}, Problem{}, Fault{}, ProblemType{}, ProblemTypeList{}}

// schema is a part of openapi.json.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 string
	Format, Pattern      string
	Enum                 []string
	Const                string
	Required             []string
	Properties           map[string]schema
	AdditionalProperties *schema
	Items                *schema
	MinItems, MaxItems   int
	MaxLength            int
	Maximum, Default     any
}

// document is openapi.json as far as these tests read it.
type document struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas    map[string]schema
		Parameters map[string]struct{ Name, In, Description string }
	}
}

func readDocument(t *testing.T) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(OpenAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

const schemaRef = "#/components/schemas/"

// compare reports how the schema at path differs from a Go type.
func (d document) compare(t *testing.T, path string, s schema, typ reflect.Type, seen map[string]bool) {
	t.Helper()
	if name, ok := strings.CutPrefix(s.Ref, schemaRef); ok {
		if typ.Kind() == reflect.Struct && typ.Name() != name {
			t.Errorf("%s is a %s, and in Go a %s", path, name, typ.Name())
		}
		s, seen[name] = d.Components.Schemas[name], true
	}
	want := ""
	switch {
	case typ == reflect.TypeFor[time.Time]() || typ == reflect.TypeFor[Time]():
		seen[typ.Name()] = true
		want = "string"
		if s.Format != "date-time" {
			t.Errorf("%s has format %q, want date-time", path, s.Format)
		}
	case typ.Kind() == reflect.String:
		want = "string"
		if len(s.Enum) > 0 || s.Const != "" { // these say that they are strings
			s.Type = "string"
		}
	case typ.Kind() == reflect.Int, typ.Kind() == reflect.Int64:
		want = "integer"
	case typ.Kind() == reflect.Bool:
		want = "boolean"
	case typ.Kind() == reflect.Slice:
		want = "array"
		if s.Items == nil {
			t.Fatalf("%s has no items", path)
		}
		d.compare(t, path+"[]", *s.Items, typ.Elem(), seen)
	case typ.Kind() == reflect.Map:
		want = "object"
		if s.AdditionalProperties == nil {
			t.Fatalf("%s has no additionalProperties", path)
		}
		d.compare(t, path+"{}", *s.AdditionalProperties, typ.Elem(), seen)
	case typ.Kind() == reflect.Struct:
		want = "object"
		d.compareMembers(t, path, s, typ, seen)
	}
	if s.Type != want || want == "" {
		t.Errorf("%s has type %q, and in Go %s", path, s.Type, typ)
	}
}

// compareMembers reports how the properties of a schema differ from the fields of a struct.
func (d document) compareMembers(t *testing.T, path string, s schema, typ reflect.Type, seen map[string]bool) {
	t.Helper()
	seen[typ.Name()] = true
	var names, required []string
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			t.Errorf("field %s of %s has no JSON name", f.Name, typ)
		}
		names = append(names, name)
		if options == "" {
			required = append(required, name)
		}
		if property, ok := s.Properties[name]; ok {
			d.compare(t, path+"."+name, property, f.Type, seen)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(s.Properties))); diff != "" {
		t.Errorf("members of %s, in Go (-) and in the document (+):\n%s", path, diff)
	}
	slices.Sort(required)
	if diff := cmp.Diff(required, slices.Sorted(slices.Values(s.Required))); diff != "" {
		t.Errorf("required members of %s, in Go (-) and in the document (+):\n%s", path, diff)
	}
}

// TestTypesMatchDocument: every schema has a Go type with the same members, and every Go type is in a schema.
func TestTypesMatchDocument(t *testing.T) {
	d, seen := readDocument(t), map[string]bool{}
	var names []string
	for _, v := range schemaTypes {
		typ := reflect.TypeOf(v)
		names = append(names, typ.Name())
		d.compare(t, typ.Name(), d.Components.Schemas[typ.Name()], typ, seen)
	}
	names = append(names, "ID", "ProblemURL", "Slug") // texts: photo.ID, a URL and a type that the Slugs are of
	slices.Sort(names)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(d.Components.Schemas))); diff != "" {
		t.Errorf("schemas, in Go (-) and in the document (+):\n%s", diff)
	}
	for _, file := range parseFiles(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && !seen[spec.Name.Name] {
				t.Errorf("type %s is in no schema", spec.Name.Name)
			}
			return true
		})
	}
}

// parseFiles returns the syntax of the package without its tests.
func parseFiles(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestEnumerationsMatchDocument compares enumerations.
func TestEnumerationsMatchDocument(t *testing.T) {
	schemas := readDocument(t).Components.Schemas
	var reasons []string
	for _, r := range photo.Reasons {
		reasons = append(reasons, string(r))
	}
	var slugs []string
	for _, p := range ProblemTypes {
		slugs = append(slugs, string(p.Slug))
	}
	if pattern, want := schemas["ProblemURL"].Pattern, "/problems/("+strings.Join(slugs, "|")+")$"; pattern != want {
		t.Errorf("a problem's URL has the pattern %q, want %q", pattern, want)
	}
	for name, c := range map[string]struct{ got, want []string }{
		"slugs": {schemas["Slug"].Enum, slugs},
		"states": {schemas["Upload"].Properties["state"].Enum,
			[]string{string(photo.Awaiting), string(photo.Processing), string(photo.Ready), string(photo.Rejected), string(photo.Removed), string(photo.Expired)}},
		"reasons": {schemas["Upload"].Properties["reason"].Enum, reasons},
	} {
		if diff := cmp.Diff(slices.Sorted(slices.Values(c.want)), slices.Sorted(slices.Values(c.got))); diff != "" {
			t.Errorf("%s, in Go (-) and in the document (+):\n%s", name, diff)
		}
	}
}

// TestLimitsMatchDocument compares limits, parameters and paths.
func TestLimitsMatchDocument(t *testing.T) {
	d := readDocument(t)
	if got := d.Components.Schemas["BatchRequest"].Properties["uploads"].MaxItems; got != MaxBatch {
		t.Errorf("a batch has %d uploads, want %d", got, MaxBatch)
	}
	credit := d.Components.Schemas["Credit"].Properties
	for name, want := range map[string]int{"copyright": photo.MaxCopyright, "creator": photo.MaxCreator, "credit": photo.MaxCreditLine, "description": photo.MaxDescription} {
		if got := credit[name].MaxLength; got != want {
			t.Errorf("%s has %d characters, want %d", name, got, want)
		}
	}
	if got := d.Components.Schemas["Upload"].Properties["claimGenerator"].MaxLength; got != photo.MaxClaimGenerator {
		t.Errorf("a claim generator has %d characters, want %d", got, photo.MaxClaimGenerator)
	}
	parameters := map[string]schema{}
	for _, path := range []string{UploadsPattern, UploadPattern, OutcomesPattern} {
		var get struct {
			Parameters []struct {
				Name, Description string
				Schema            schema
			}
		}
		if err := json.Unmarshal(d.Paths[path]["get"], &get); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, p := range get.Parameters {
			parameters[p.Name] = p.Schema
			if p.Name == WaitParameter && !strings.Contains(p.Description, fmt.Sprintf("%.0f s", MaxWait.Seconds())) {
				t.Errorf("wait of %s is %q, want %v", path, p.Description, MaxWait)
			}
		}
	}
	if got := parameters[CursorParameter].MaxLength; got != MaxCursor {
		t.Errorf("a cursor has %d characters, want %d", got, MaxCursor)
	}
	if parameters[WaitParameter].Type != "string" {
		t.Error("no request waits")
	}
	limit := parameters[LimitParameter]
	if got, want := fmt.Sprint(limit.Default, limit.Maximum), fmt.Sprint(DefaultPage, MaxPage); got != want {
		t.Errorf("default and maximum of a page are %s, want %s", got, want)
	}
	if ids := parameters[IDsParameter]; ids.MinItems != 1 || ids.MaxItems != MaxPage {
		t.Errorf("%d to %d ids, want 1 to %d", ids.MinItems, ids.MaxItems, MaxPage)
	}
	prefer := d.Components.Parameters["prefer"]
	if want := fmt.Sprintf("up to %.0f,", MaxWait.Seconds()); prefer.Name != PreferHeader || prefer.In != "header" || !strings.Contains(prefer.Description, want) {
		t.Errorf("preferences are %+v, want the header %s and %q", prefer, PreferHeader, want)
	}
	if d.Paths[OpenAPIPath] == nil {
		t.Errorf("%s is not documented", OpenAPIPath)
	}
}

func TestPaths(t *testing.T) {
	ref := photo.Ref{Board: "cats", ID: "0123456789abcdef0123456789abcdef"}
	fill := strings.NewReplacer("{board}", string(ref.Board), "{id}", string(ref.ID))
	if got, want := UploadsPath(ref.Board), fill.Replace(UploadsPattern); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if got, want := UploadPath(ref), fill.Replace(UploadPattern); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if got, want := BatchPath(ref.Board), fill.Replace(BatchPattern); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if got, want := OutcomePath(ref), fill.Replace(OutcomePattern); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if got, want := ErasurePath(ref), fill.Replace(ErasurePattern); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if got, want := OutcomesPath(ref.Board), fill.Replace(OutcomesPattern); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if _, err := photo.ParseID(strings.TrimPrefix(BatchPattern, UploadsPattern+"/")); err == nil {
		t.Errorf("an id can be the last part of %s", BatchPattern)
	}
}

// TestImports keeps the package cheap for clients: the standard library and package photo.
func TestImports(t *testing.T) {
	for name, file := range parseFiles(t) {
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			first, _, _ := strings.Cut(path, "/")
			if path != "darkroom/worker/photo" && (first == "darkroom" || strings.Contains(first, ".")) {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
