package main

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// publish publishes the page of a stack with the given outputs, and returns the calls of aws and what was printed.
func publish(t *testing.T, dry bool, outputs map[string]string, parameters ...string) (d *deployment, calls []string, printed string, err error) {
	t.Helper()
	file := fakeTools(t)
	root, err := repository(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := &deployCommand{Target: stackFlags{Stack: "photos", Region: "eu-central-1"}, DryRun: dry, Parameters: parameters}
	d = &deployment{deployCommand: c, work: t.TempDir(), shell: &shell{dir: root, dry: dry, out: &out}}
	err = d.publishBoard(t.Context(), outputs)
	text, readErr := os.ReadFile(file)
	if readErr == nil {
		calls = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	return d, calls, out.String(), err
}

const boardConfig = `{"signIn":{"issuer":"https://id.example/","clientId":"c","scope":"offline_access","resource":""}}`

// TestBoardIsPublished checks that each file of the page is uploaded once, with its type, and the page after all others.
func TestBoardIsPublished(t *testing.T) {
	d, calls, _, err := publish(t, false, map[string]string{"BoardBucket": "photos-board-1", "BoardConfig": boardConfig})
	if err != nil {
		t.Fatal(err)
	}
	included := regexp.MustCompile(`--content-type (.+) --cache-control no-cache --recursive --exclude \* --include \*(\.[a-z]+) deploy/web/page s3://photos-board-1/page/`)
	types := map[string]string{}
	for _, c := range calls {
		if m := included.FindStringSubmatch(c); m != nil {
			types[m[2]] = m[1]
		}
	}
	err = fs.WalkDir(os.DirFS("../web/page"), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && name != "index.html" && types[path.Ext(name)] == "" {
			t.Errorf("%s is not uploaded by %q", name, calls)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if types[".js"] != "text/javascript; charset=utf-8" {
		t.Errorf("modules have the type %q, with which browsers do not run them", types[".js"])
	}
	last := calls[max(0, len(calls)-2):]
	if !strings.Contains(last[0], "application/json") || !strings.HasSuffix(strings.TrimSuffix(last[0], " --output json"), "config.json s3://photos-board-1/config.json") ||
		!strings.Contains(last[1], "deploy/web/page/index.html s3://photos-board-1/index.html") {
		t.Errorf("the last calls are %q", last)
	}
	text, err := os.ReadFile(filepath.Join(d.work, "config.json"))
	if want := `{"signIn":{"issuer":"https://id.example/","clientId":"c","scope":"offline_access"}}`; err != nil || string(text) != want {
		t.Errorf("config.json %s, %v", text, err)
	}
}

func TestBoardIsNotPublished(t *testing.T) {
	if _, calls, printed, err := publish(t, false, map[string]string{"ApiUrl": "https://api.example"}); err != nil || len(calls) > 0 || printed != "" {
		t.Errorf("a stack without the page: %q, %q, %v", calls, printed, err)
	}
	for _, config := range []string{"", "{", `{"signIn":{"issuer":"https://id.example"}}`, `{"signIn":{"issuer":"id","clientId":"c"}}`, `{"signIn":{"issuer":"https://i","clientId":"a"b"}}`} {
		if _, calls, _, err := publish(t, false, map[string]string{"BoardBucket": "b", "BoardConfig": config}); err == nil || !strings.Contains(err.Error(), "BoardConfig") || len(calls) > 0 {
			t.Errorf("config %s: %q, %v", config, calls, err)
		}
	}
}

func TestDryRunPrintsBoard(t *testing.T) {
	_, calls, printed, err := publish(t, true, nil, "PublishBoard=yes", "BoardClientId=c")
	if err != nil || len(calls) > 0 {
		t.Fatalf("%q, %v", calls, err)
	}
	for _, want := range []string{"s3://$BoardBucket/index.html", "--exclude '*' --include '*.js'", "# write the output BoardConfig"} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is missing from:\n%s", want, printed)
		}
	}
	if lines := strings.Split(strings.TrimSpace(printed), "\n"); !slices.IsSortedFunc(lines, func(a, b string) int { return strings.Count(a, "index.html") - strings.Count(b, "index.html") }) {
		t.Errorf("the page is not last:\n%s", printed)
	}
	if _, _, printed, _ := publish(t, true, nil); printed != "" {
		t.Errorf("without the page: %s", printed)
	}
}

// TestBoardConfigOfTemplate: what the template prints is what the program reads, whatever the parameters are.
func TestBoardConfigOfTemplate(t *testing.T) {
	template := readTestTemplate(t, "template.yaml")
	text, _ := cfn.Lookup(template.Section("Outputs"), "BoardConfig", "Value", "Fn::Sub").(string)
	config := strings.NewReplacer("${AuthIssuer}", "https://id.example", "${BoardClientId}", "c", "${BoardScopes}", "a b", "${BoardResource}", "urn:api").Replace(text)
	file := filepath.Join(t.TempDir(), "config.json")
	if err := writeBoardConfig(config, file); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil || string(written) != config {
		t.Errorf("config.json %s, %v, want %s", written, err, config)
	}
	for _, name := range []string{"BoardClientId", "BoardScopes", "BoardResource"} {
		parameter, _ := template.Section("Parameters")[name].(map[string]any)
		for _, bad := range []string{`a"b`, `a\b`} {
			if cfn.CheckValue(parameter, bad) == nil {
				t.Errorf("%s may be %s, which ends the text in the configuration", name, bad)
			}
		}
	}
}
