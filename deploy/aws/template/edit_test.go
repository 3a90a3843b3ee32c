package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// copied returns a deep copy of a template, to which a test can add a fault.
func copied(t *testing.T, template *cfn.Template) *cfn.Template {
	t.Helper()
	var root object
	text, err := json.Marshal(template.Root)
	if err != nil {
		t.Fatal(err)
	}
	decode := json.NewDecoder(strings.NewReader(string(text)))
	decode.UseNumber()
	if err := decode.Decode(&root); err != nil {
		t.Fatal(err)
	}
	return &cfn.Template{Root: numbers(root).(object)}
}

// numbers converts JSON's numbers to the types that package cfn uses.
func numbers(v any) any {
	switch v := v.(type) {
	case object:
		for k, e := range v {
			v[k] = numbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = numbers(e)
		}
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// setAt returns an edit that sets one place of a template. The path may hold indices of lists. The value nil removes
// the place.
func setAt(v any, path ...any) func(object) {
	return func(root object) {
		parent := cfn.Lookup(root, path[:len(path)-1]...)
		switch last := path[len(path)-1].(type) {
		case string:
			m, ok := parent.(object)
			switch {
			case !ok:
				panic(fmt.Sprintf("nothing at %v", path))
			case v == nil:
				delete(m, last)
			default:
				m[last] = v
			}
		case int:
			parent.([]any)[last] = v
		}
	}
}

// setProperty is setAt within the properties of a resource.
func setProperty(resource string, v any, path ...any) func(object) {
	return setAt(v, append([]any{"Resources", resource, "Properties"}, path...)...)
}

// replaced returns an edit that replaces all occurrences of a text in a resource. It panics if there are none.
func replaced(resource, from, to string) func(object) {
	return func(root object) {
		var text strings.Builder
		encode := json.NewEncoder(&text)
		encode.SetEscapeHTML(false)
		if err := encode.Encode(cfn.Lookup(root, "Resources", resource)); err != nil || !strings.Contains(text.String(), from) {
			panic(fmt.Sprintf("no %q in %s: %v", from, resource, err))
		}
		decode := json.NewDecoder(strings.NewReader(strings.ReplaceAll(text.String(), from, to)))
		decode.UseNumber()
		var v any
		if err := decode.Decode(&v); err != nil {
			panic(err)
		}
		root["Resources"].(object)[resource] = numbers(v)
	}
}

func getAtt(resource, attribute string) object {
	return object{"Fn::GetAtt": []any{resource, attribute}}
}

// appended returns an edit that adds an element to a list.
func appended(resource string, v any, path ...any) func(object) {
	return func(root object) {
		at := append([]any{"Resources", resource, "Properties"}, path...)
		setAt(append(slices.Clone(listAt(root, at...)), v), at...)(root)
	}
}

// combined returns an edit that makes two edits.
func combined(edits ...func(object)) func(object) {
	return func(root object) {
		for _, e := range edits {
			e(root)
		}
	}
}
