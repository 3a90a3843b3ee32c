package assemble

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/testkit/cfn"
)

// sources are two files that use everything the package comment names.
var sources = map[string]string{
	"a.yaml": `
Definitions:
  metric: { Id: $Id, ReturnData: false, MetricStat: { Stat: $Stat, Period: $(Period), Metric: { Name: "x-$Id" } } }
  both: [!Use { Definition: metric, Id: a, Stat: $Stat }, !Use { Definition: metric, Id: b, Stat: $Stat, Period: 60 }]
  sum: !Sub (a + b) * ${Parameter}
  words: a to b
  route:
    Route$Name: { Type: Route, Properties: { Key: "GET /$Name", Target: $Target } }
  tls: { Sid: OnlyTLS, Effect: Deny }
Description: An example
Parameters: { Parameter: { Type: String } }
Resources:
  # Why this is here.
  Alarm:
    Metrics:
      - !Use { Definition: both, Stat: Maximum }
      - { Id: sum, Expression: !Use sum }
    Statement: [!Use tls]
`,
	"b.yaml": `
Resources:
  Routes: !Each { Definition: route, Of: [{ Name: In, Target: !Ref Alarm }, { Name: Out, Target: !GetAtt Alarm.Arn }] }
  Body: !Sub [!Json { list: [1, "<a>", true, {}, []], text: !Use words, limit: !Number "${Parameter}" }, { Parameter: x }]
  Code: { Properties: { FunctionCode: !Text code.js } }
`,
	"code.js": "function handler() {\n  return 1 < 2;\n}\n",
}

func folder(files map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func TestTemplate(t *testing.T) {
	text, err := Template(folder(sources), "Made from sources.\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); !strings.HasPrefix(got, "# Made from sources.\n\nDescription: An example\n") || !strings.Contains(got, "# Why this is here.\n") {
		t.Errorf("the header, the order or a comment is lost:\n%s", got)
	}
	got, err := cfn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want, err := cfn.Parse([]byte(`
Description: An example
Parameters: { Parameter: { Type: String } }
Resources:
  Alarm:
    Metrics:
      - { Id: a, ReturnData: false, MetricStat: { Stat: Maximum, Metric: { Name: x-a } } }
      - { Id: b, ReturnData: false, MetricStat: { Stat: Maximum, Period: 60, Metric: { Name: x-b } } }
      - { Id: sum, Expression: { Fn::Sub: "(a + b) * ${Parameter}" } }
    Statement: [{ Sid: OnlyTLS, Effect: Deny }]
  RouteIn: { Type: Route, Properties: { Key: GET /In, Target: !Ref Alarm } }
  RouteOut: { Type: Route, Properties: { Key: GET /Out, Target: !GetAtt Alarm.Arn } }
  Body: !Sub ["{\"list\": [1, \"<a>\", true, {}, []], \"text\": \"a to b\", \"limit\": ${Parameter}}\n", { Parameter: x }]
  Code: { Properties: { FunctionCode: "function handler() {\n  return 1 < 2;\n}\n" } }
`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.Root, got.Root); d != "" {
		t.Error(d)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"unknown definition": {"!Use sum }", "!Use product }", `there is no definition "product"`},
		"missing argument":   {"metric, Id: a, Stat: $Stat", "metric, Id: a", "the argument Stat is missing"},
		"unused argument":    {"both, Stat: Maximum", "both, Stat: Maximum, Color: red", "has no place for Color"},
		"unused definition":  {"Statement: [!Use tls]", "Statement: []", "nothing uses the definition tls"},
		"uses itself":        {"tls: { Sid: OnlyTLS, Effect: Deny }", "tls: { Sid: !Use tls }", "uses itself"},
		"two for one":        {"Statement: [!Use tls]", "Statement: !Each { Definition: tls, Of: [{}, {}] }", "takes one value, not 2"},
		"unknown section":    {"Description:", "Descriptions:", "unknown section Descriptions"},
		"twice":              {"Description: An example", "Resources2: {}", "unknown section"},
		"key twice":          {"  Alarm:\n", "  Body: {}\n  Alarm:\n", "Resources.Body is in a.yaml too"},
		"made twice":         {"Name: Out", "Name: In", "RouteIn is there twice"},
		"no file":            {"!Text code.js", "!Text other.js", "other.js"},
		"not a mapping":      {"Description: An example", "- x", ""},
		"each with more":     {"Definition: route, Of:", "Definition: route, And: 1, Of:", "not And"},
		"list in a text":     {"{ Name: In, Target", "{ Name: [In], Target", "is not a text"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(sources)
			for _, file := range []string{"a.yaml", "b.yaml"} {
				files[file] = strings.Replace(files[file], c.from, c.to, 1)
			}
			if _, err := Template(folder(files), ""); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	if _, err := Template(folder(nil), ""); err == nil {
		t.Error("no sources make a template")
	}
}
