package engine

import (
	"reflect"
	"strings"
	"testing"
)

// TestRecipeOfDefaults pins the recipe of an engine without settings. A change here renders every photo of every
// deployment again, so it must be intended: a new Version, or new default Specs.
func TestRecipeOfDefaults(t *testing.T) {
	const text = `engine 9
name=large width=1600 height=1600 fit=inside quality=80
name=medium width=800 height=800 fit=inside quality=80
name=small width=320 height=320 fit=inside quality=80
name=thumb width=256 height=256 fit=fill quality=80
`
	if got := describe(DefaultSpecs(), nil); got != text {
		t.Errorf("got\n%swant\n%s", got, text)
	}
	r := engine(t, Config{}).Recipe()
	if want := "fed8553b4a5b47ee"; r.Name != want {
		t.Errorf("%q, want %q", r.Name, want)
	}
	if r.MaxBytes != DefaultMaxBytes || r.MaxPixels != DefaultMaxPixels {
		t.Errorf("limits %d and %d, want the defaults", r.MaxBytes, r.MaxPixels)
	}
}

// recipeName returns the recipe's name for one Spec in JSON, as an operator writes it.
func recipeName(t *testing.T, json string) string {
	t.Helper()
	specs, err := ParseSpecs([]byte("[" + json + "]"))
	if err != nil {
		t.Fatalf("%s: %v", json, err)
	}
	return engine(t, Config{Specs: specs}).Recipe().Name
}

func TestRecipeOfEqualSpecs(t *testing.T) {
	inside := func(more string) string { return `{"name":"v","width":10,"height":10,"fit":"inside"` + more + `}` }
	fill := func(more string) string { return `{"name":"v","width":10,"height":10,"fit":"fill"` + more + `}` }
	for name, c := range map[string]struct {
		a, b  string
		equal bool
	}{
		"default quality":     {inside(""), inside(`,"quality":80`), true},
		"other order":         {inside(""), `{"fit":"inside","height":10,"width":10,"name":"v"}`, true},
		"false and zero":      {inside(""), inside(`,"upscale":false,"sharpen":0,"lossless":false`), true},
		"progressive by size": {inside(""), inside(`,"progressive":null`), true},
		"not progressive":     {inside(""), inside(`,"progressive":false`), false},
		"progressive":         {inside(`,"progressive":true`), inside(`,"progressive":false`), false},
		"no progressive WebP": {inside(`,"formats":["webp"]`), inside(`,"formats":["webp"],"progressive":false`), true},
		"formats auto":        {inside(""), inside(`,"formats":["auto"]`), true},
		"formats empty":       {inside(""), inside(`,"formats":[]`), true},
		"chroma 4:2:0":        {inside(""), inside(`,"chroma":"4:2:0"`), true},
		"gain map dropped":    {inside(""), inside(`,"hdr":"drop"`), true},
		"gain map kept":       {inside(""), inside(`,"hdr":"keep"`), false},
		"linear light":        {inside(""), inside(`,"light":"linear"`), true},
		"gamma":               {inside(""), inside(`,"light":"gamma"`), false},
		"anchor centre":       {fill(""), fill(`,"anchor":"centre"`), true},
		"background case":     {inside(`,"background":"#AbCdEf"`), inside(`,"background":"#abcdef"`), true},
		"JPEG on white":       {inside(`,"formats":["jpeg"]`), inside(`,"formats":["jpeg"],"background":"#FFFFFF"`), true},
		// No PNG of a transparent picture.
		"auto on white":              {inside(""), inside(`,"background":"#ffffff"`), false},
		"JPEG and PNG on white":      {inside(`,"formats":["jpeg","png"]`), inside(`,"formats":["jpeg","png"],"background":"#ffffff"`), false},
		"quality of PNG":             {inside(`,"formats":["png"]`), inside(`,"formats":["png"],"quality":50`), true},
		"quality of lossless WebP":   {inside(`,"formats":["webp"],"lossless":true`), inside(`,"formats":["webp"],"lossless":true,"quality":50`), true},
		"quality of lossy WebP":      {inside(`,"formats":["webp"]`), inside(`,"formats":["webp"],"quality":50`), false},
		"quality of PNG and JPEG":    {inside(`,"formats":["png","jpeg"]`), inside(`,"formats":["png","jpeg"],"quality":50`), false},
		"quality of the original":    {inside(`,"formats":["original"]`), inside(`,"formats":["original"],"quality":50`), false},
		"score of PNG":               {inside(`,"formats":["png"]`), inside(`,"formats":["png","jpeg"],"score":50`), false},
		"score and quality":          {inside(""), inside(`,"score":80`), false},
		"another score":              {inside(`,"score":81`), inside(`,"score":80`), false},
		"free side":                  {`{"name":"v","width":10,"fit":"inside"}`, `{"name":"v","width":10,"height":8192,"fit":"inside"}`, true},
		"order of formats":           {inside(`,"formats":["webp","jpeg"]`), inside(`,"formats":["jpeg","webp"]`), false},
		"order of specs":             {inside("") + `,{"name":"w","width":9,"height":9,"fit":"inside"}`, `{"name":"w","width":9,"height":9,"fit":"inside"},` + inside(""), false},
		"names like an unset number": {strings.Replace(inside(""), `"v"`, `"0"`, 1), strings.Replace(inside(""), `"v"`, `"false"`, 1), false},
	} {
		if a, b := recipeName(t, c.a), recipeName(t, c.b); (a == b) != c.equal {
			t.Errorf("%s: recipes %s and %s, want equal: %v", name, a, b, c.equal)
		}
	}
}

// TestRecipeHasEveryField changes one field after the other. It fails for a field of Spec that describe does not write.
func TestRecipeHasEveryField(t *testing.T) {
	base := Spec{Name: "v", Width: 10, Height: 10, Fit: Fill, Quality: 80}
	for i := range reflect.TypeFor[Spec]().NumField() {
		field, s := reflect.TypeFor[Spec]().Field(i), base
		switch v := reflect.ValueOf(&s).Elem().Field(i); v.Kind() {
		case reflect.String:
			v.SetString("other")
		case reflect.Int:
			v.SetInt(11)
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Slice:
			v.Set(reflect.ValueOf([]Output{WebP}))
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
		default:
			t.Fatalf("%s: this test cannot change a %s", field.Name, v.Kind())
		}
		if describe([]Spec{s}, nil) == describe([]Spec{base}, nil) {
			t.Errorf("%s is not in the recipe", field.Name)
		}
	}
}

func TestRecipeLeavesLimitsOut(t *testing.T) {
	a, b := engine(t, Config{}).Recipe(), engine(t, Config{MaxBytes: 1, MaxPixels: 2}).Recipe()
	if a.Name != b.Name {
		t.Errorf("recipes %s and %s differ by limits alone", a.Name, b.Name)
	}
	if b.MaxBytes != 1 || b.MaxPixels != 2 {
		t.Errorf("limits %d and %d, want 1 and 2", b.MaxBytes, b.MaxPixels)
	}
}
