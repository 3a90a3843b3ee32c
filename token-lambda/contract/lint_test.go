package contract

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestLint checks openapi.json with Redocly, and that Redocly finds faults.
func TestLint(t *testing.T) {
	dir := tool.InstallNPM(t, os.DirFS("lint"))
	rules, err := os.ReadFile("lint/redocly.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "redocly.yaml"), rules, 0o600); err != nil {
		t.Fatal(err)
	}
	lint := func(document string) (report string, ok bool) {
		if err := os.WriteFile(filepath.Join(dir, "openapi.json"), []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "node_modules", ".bin", "redocly"), "lint", "openapi.json")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
		out, err := cmd.CombinedOutput()
		return string(out), err == nil
	}
	if report, ok := lint(string(OpenAPI)); !ok {
		t.Errorf("openapi.json:\n%s", report)
	}
	for rule, c := range map[string]struct{ before, after string }{
		"operation-operationId":                   {`"operationId": "createBatch",`, ``},
		"operation-operationId-unique":            {`"operationId": "createBatch"`, `"operationId": "createUpload"`},
		"operation-tag-defined":                   {`"tags": ["uploads"]`, `"tags": ["photos"]`},
		"no-unresolved-refs":                      {`"$ref": "#/components/schemas/Page"`, `"$ref": "#/components/schemas/Book"`},
		"no-invalid-media-type-examples":          {`"value": {"contentType": "image/jpeg", "form": true}`, `"value": {"contentType": 5}`},
		"parameter-description":                   {`"description": "Name of the board.",`, ``},
		"no-unused-components":                    {`"examples": {"healthy": {"$ref": "#/components/examples/healthy"}}`, `"examples": {}`},
		"path-declaration-must-exist":             {`"/problems/{slug}": {`, `"/problems/{}": {`},
		"path-parameters-defined":                 {`"name": "slug"`, `"name": "slag"`},
		"no-required-schema-properties-undefined": {`"required": ["name", "url",`, `"required": ["title", "url",`},
	} {
		mutant := strings.Replace(string(OpenAPI), c.before, c.after, 1)
		if mutant == string(OpenAPI) {
			t.Errorf("%s: openapi.json does not have %s", rule, c.before)
		}
		if report, ok := lint(mutant); ok || !strings.Contains(report, rule) {
			t.Errorf("%s is not reported:\n%s", rule, report)
		}
	}
}
