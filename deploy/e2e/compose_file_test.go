package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// service is the part of a Compose service that the tests read.
type service struct {
	Image       string
	Build       any
	Profiles    []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	Memory      string   `yaml:"mem_limit"`
	CPUs        string   `yaml:"cpus"`
	Grace       string   `yaml:"stop_grace_period"`
}

func composeFile(t *testing.T, path string) map[string]service {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Services map[string]service }
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(file.Services) == 0 {
		t.Fatalf("%s has no services", path)
	}
	return file.Services
}

// TestEveryServiceIsConfined also covers services that no test runs.
func TestEveryServiceIsConfined(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z/-]+:v?\d+\.\d+\.\d+$`)
	services := composeFile(t, "docker-compose.yml")
	for name, s := range services {
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.Memory == "" || s.CPUs == "" {
			t.Errorf("%s: %+v", name, s)
		}
		if s.Build == nil && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q has no exact version", name, s.Image)
		}
		if s.Build == nil && !slices.Equal(s.Profiles, []string{"observability"}) {
			t.Errorf("%s has profiles %v: images from a registry must be optional", name, s.Profiles)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is not limited to 127.0.0.1", name, port)
			}
		}
		for _, v := range s.Volumes {
			if from, _, _ := strings.Cut(v, ":"); strings.HasPrefix(from, ".") {
				if _, err := os.Stat(filepath.Join("../..", from)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	worker := services["worker"]
	grace, err := time.ParseDuration(worker.Grace)
	if err != nil {
		t.Fatal(err)
	}
	if drain, err := time.ParseDuration(worker.Environment["DRAIN_TIMEOUT"]); err != nil || grace <= drain {
		t.Errorf("the worker is killed after %s but drains for %s (%v)", grace, drain, err)
	}
}

// TestEnvExampleListsEveryVariable compares the Compose files with .env.example.
func TestEnvExampleListsEveryVariable(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile(filepath.Join("../..", path))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	names := func(text, pattern string) []string {
		var all []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	example := names(read(".env.example"), `(?m)^#([A-Z0-9_]+)=`)
	used := names(read("docker-compose.yml")+read("deploy/compose.aws.yml"), `\$\{([A-Z0-9_]+)[:}]`)
	used = append(used, "COMPOSE_PROFILES") // read by Compose itself
	slices.Sort(used)
	if !slices.Equal(example, used) {
		t.Errorf(".env.example has %v, the Compose files use %v", example, used)
	}
}

// TestComposePassesSettings checks that a user of Compose can change every setting of the worker and the API, except
// those that depend on how the containers are connected.
func TestComposePassesSettings(t *testing.T) {
	fixed := map[string][]string{
		"worker": {"LISTEN_ADDR", "VISIBILITY_TIMEOUT", "QUEUE_DEPTH_INTERVAL", "MEMORY_BUDGET", "LOG_FORMAT",
			"ECS_AGENT_URI", "ECS_CONTAINER_METADATA_URI_V4", "PROTECTION_LINGER"},
		"token-lambda": {"LISTEN_ADDR", "METRICS_EMF", "LOG_FORMAT"},
	}
	services, onAWS := composeFile(t, "docker-compose.yml"), composeFile(t, "deploy/compose.aws.yml")
	for service, table := range map[string]string{"worker": "run", "token-lambda": "serve"} {
		page, err := os.ReadFile(filepath.Join("../..", service, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(page), "<!-- settings: "+table+" -->")
		rows, _, _ := strings.Cut(rest, "<!-- end of settings -->")
		settings := regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)`").FindAllStringSubmatch(rows, -1)
		if !found || len(settings) == 0 {
			t.Fatalf("%s/README.md has no table of settings", service)
		}
		for _, s := range settings {
			_, local := services[service].Environment[s[1]]
			_, aws := onAWS[service].Environment[s[1]]
			if passed := local || aws; passed == slices.Contains(fixed[service], s[1]) {
				t.Errorf("%s: %s is passed: %v", service, s[1], passed)
			}
		}
	}
}

// TestComposeAcceptsFiles lets Compose parse its files, which needs no engine.
func TestComposeAcceptsFiles(t *testing.T) {
	needDocker(t)
	c := &containers{compose: composeCommand(t), env: os.Environ()}
	everything := c.run(t.Context(), t, "--profile", "observability", "--profile", "client", "config")
	for name := range composeFile(t, "docker-compose.yml") {
		if !strings.Contains(everything, "\n  "+name+":\n") {
			t.Errorf("%s is not in\n%s", name, everything)
		}
	}
	c.env = append(c.env, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=AK", "AWS_SECRET_ACCESS_KEY=SK",
		"UPLOADS_BUCKET=up", "VARIANTS_BUCKET=var", "QUEUE_URL=https://sqs.example/1/q", "AWS_ENDPOINT_URL_SQS=https://sqs.example")
	var onAWS struct {
		Services map[string]struct{ Environment map[string]string }
	}
	if err := yaml.Unmarshal([]byte(c.run(t.Context(), t, "-f", "docker-compose.yml", "-f", "deploy/compose.aws.yml", "config")), &onAWS); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"token-lambda", "worker"} {
		env := onAWS.Services[name].Environment
		if env["AWS_REGION"] != "eu-central-1" || env["UPLOADS_BUCKET"] != "up" || env["AWS_ENDPOINT_URL_S3"] != "" || env["AWS_ENDPOINT_URL_SQS"] != "https://sqs.example" {
			t.Errorf("%s has %v", name, env)
		}
	}
	if env := onAWS.Services["token-lambda"].Environment; env["S3_PUBLIC_ENDPOINT"] != "" || onAWS.Services["worker"].Environment["QUEUE_URL"] != "https://sqs.example/1/q" || onAWS.Services["worker"].Environment["PHOTOS_QUEUE_URL"] != "" {
		t.Errorf("token-lambda has %v", env)
	}
}
