package boardpage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

func TestConfigOf(t *testing.T) {
	got, err := configOf(`{"signIn":{"issuer":"https://id.example/","clientId":"c","scope":"offline_access","resource":""}}`)
	if want := `{"signIn":{"issuer":"https://id.example/","clientId":"c","scope":"offline_access"}}`; err != nil || string(got) != want {
		t.Errorf("config.json %s, %v, want %s", got, err, want)
	}
	for _, config := range []string{"", "{", `{"signIn":{"issuer":"https://id.example"}}`, `{"signIn":{"issuer":"id","clientId":"c"}}`, `{"signIn":{"issuer":"https://i","clientId":"a"b"}}`} {
		if _, err := configOf(config); err == nil || !strings.Contains(err.Error(), "BoardConfig") {
			t.Errorf("config %s: %v", config, err)
		}
	}
}

// TestBoardConfigOfTemplate checks that the program reads the configuration that the template prints, whatever the
// parameters are.
func TestBoardConfigOfTemplate(t *testing.T) {
	source, err := os.ReadFile("../../template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := cfn.Lookup(template.Section("Outputs"), "BoardConfig", "Value", "Fn::Sub").(string)
	config := strings.NewReplacer("${AuthIssuer}", "https://id.example", "${BoardClientId}", "c", "${BoardScopes}", "a b", "${BoardResource}", "urn:api").Replace(text)
	if written, err := configOf(config); err != nil || string(written) != config {
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

// TestDigest changes a file of the page, its name, and files that are not of the page.
func TestDigest(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		digest, err := Digest(root)
		if err != nil {
			t.Fatal(err)
		}
		return digest
	}
	first := write(folder+"/index.html", "a")
	if other := write("deploy/web/web.go", "package web"); other != first {
		t.Error("a file that is not of the page changes its digest")
	}
	second := write(folder+"/index.html", "b")
	third := write(folder+"/more.js", "")
	if first == second || second == third {
		t.Errorf("digests %s, %s, %s, want three", first, second, third)
	}
	if again := write(folder+"/index.html", "b"); again != third {
		t.Error("the same files have another digest")
	}
}
