package template

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/programs"
)

// notSet are the variables that a program reads and the template leaves alone, and why.
var notSet = map[string]map[string]string{
	"worker": {
		"MEMORY_BUDGET":    "the default is a part of the container's limit",
		"RENDER_TIMEOUT":   "a worker's default is for a machine of any speed",
		"ANIMATION_FRAMES": "the default; it matters only to specs that animate",
		"ANIMATION_PIXELS": "the default",
		"ANIMATION_TIME":   "the default",
		"POLL_WAIT":        "the default is the longest poll, which costs least",
		"ECS_AGENT_URI":    "ECS sets it",

		"ECS_CONTAINER_METADATA_URI_V4": "ECS sets it",
	},
	"operator": {
		"MEMORY_BUDGET":    "only for a budget that was set by hand: the workers' default depends on their container",
		"RENDER_TIMEOUT":   "only for one that was set by hand, as the budget",
		"ANIMATION_FRAMES": "only for one that was set by hand",
		"ANIMATION_PIXELS": "only for one that was set by hand",
		"ANIMATION_TIME":   "only for one that was set by hand",
	},
	"scaler": {
		"SCALE_INTERVAL":        "the default",
		"SCALE_START_UP":        "the default",
		"DEAD_LETTER_QUEUE_URL": "the scaler reads only the depth of the two queues",
	},
	"token-lambda": {
		"AUTH_HTTP_HOSTS":    "for development only",
		"CORS_ORIGINS":       "API Gateway answers preflight requests",
		"LISTEN_ADDR":        "Lambda does not listen",
		"METRICS_ADDR":       "Lambda does not listen",
		"S3_PUBLIC_ENDPOINT": "the default is S3's own endpoint",
	},
}

// environments returns the variables that the template sets, by program. Two functions run the program token-lambda.
func environments(s *stack) map[string]map[string]string {
	function := func(name string) map[string]string {
		env := map[string]string{}
		variables, _ := cfn.Lookup(s.properties(name), "Environment", "Variables").(object)
		for name, v := range variables {
			env[name] = fmt.Sprint(v)
		}
		return env
	}
	return map[string]map[string]string{"worker": s.env("WorkerTask"), "token-lambda": function("TokenFunction"), "token-lambda that waits": function("WaitFunction"), "operator": s.env("OperatorTask"), "scaler": function("ScalerFunction")}
}

// environmentFaults compares the variables that the template sets with those that the programs read.
func environmentFaults(s *stack, reads map[string][]string) (bad []string) {
	for name, env := range environments(s) {
		program, _, _ := strings.Cut(name, " ")
		for _, name := range slices.Sorted(maps.Keys(env)) {
			if !slices.Contains(reads[program], name) {
				bad = append(bad, fmt.Sprintf("%s does not read %s", program, name))
			}
			if notSet[program][name] != "" {
				bad = append(bad, fmt.Sprintf("%s: the template sets %s, which notSet lists", program, name))
			}
		}
		for _, name := range reads[program] {
			if _, set := env[name]; !set && notSet[program][name] == "" {
				bad = append(bad, fmt.Sprintf("%s reads %s, which the template does not set and notSet does not list", program, name))
			}
		}
		for name := range notSet[program] {
			if !slices.Contains(reads[program], name) {
				bad = append(bad, fmt.Sprintf("%s: notSet lists %s, which the program does not read", program, name))
			}
		}
	}
	return bad
}

var helpVariable = regexp.MustCompile(`\$([A-Z][A-Z0-9_]+)`)

// variablesRead returns the environment variables that a program reads. Its help names each of them.
func variablesRead(t *testing.T, path string, command ...string) (names []string) {
	t.Helper()
	out, err := exec.Command(path, append(command, "--help")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range helpVariable.FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		t.Fatalf("the help of %s %v names no variable", path, command)
	}
	return names
}

func TestTemplateSetsWhatProgramsRead(t *testing.T) {
	bin := programs.Build(t)
	worker, tokenLambda := filepath.Join(bin, "worker"), filepath.Join(bin, "token-lambda")
	var operator []string
	for _, command := range [][]string{{"backfill"}, {"sweep"}, {"dlq", "list"}, {"redrive"}} {
		operator = append(operator, variablesRead(t, worker, command...)...)
	}
	slices.Sort(operator)
	reads := map[string][]string{
		"worker":       variablesRead(t, worker, "run"),
		"token-lambda": variablesRead(t, tokenLambda, "serve"),
		"operator":     slices.Compact(operator),
		"scaler":       variablesRead(t, worker, "scale"),
	}

	template := read(t, "template.yaml")
	s, err := resolve(template, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range environmentFaults(s, reads) {
		t.Error(f)
	}
	for name, edit := range map[string]func(object){
		"renamed":       setProperty("WorkerTask", "RENDER", container, 0, "Environment", 9, "Name"),
		"not set":       setProperty("TokenFunction", nil, "Environment", "Variables", "TOKEN_TTL"),
		"waits not set": setProperty("WaitFunction", nil, "Environment", "Variables", "MAX_WAIT"),
		"set on Lambda": setProperty("TokenFunction", "127.0.0.1:1", "Environment", "Variables", "METRICS_ADDR"),
		"operator":      setProperty("OperatorTask", "SLOTS", container, 0, "Environment", 5, "Name"),
		"scaler":        setProperty("ScalerFunction", nil, "Environment", "Variables", "MAX_TASKS"),
		"one queue":     setProperty("ScalerFunction", nil, "Environment", "Variables", "PHOTOS_QUEUE_URL"),
	} {
		broken := copied(t, template)
		edit(broken.Root)
		s, err := resolve(broken, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(environmentFaults(s, reads)) == 0 {
			t.Errorf("%s: no rule noticed", name)
		}
	}
	for _, variation := range variations {
		s, err := resolve(template, variation)
		if err != nil {
			t.Fatal(err)
		}
		accepts(t, worker, environments(s)["worker"], "run")
		accepts(t, tokenLambda, environments(s)["token-lambda"], "serve")
		accepts(t, tokenLambda, environments(s)["token-lambda that waits"], "serve")
		if s.resources["ScalerFunction"] != nil {
			accepts(t, worker, environments(s)["scaler"], "scale")
		}
	}
	bad := maps.Clone(environments(s)["worker"])
	bad["JOB_TIMEOUT"] = "600 s"
	if startsWith(worker, bad, "run") == nil {
		t.Error("JOB_TIMEOUT=600 s is accepted")
	}
}

// attributes are the values that only a deployed stack has.
var attributes = regexp.MustCompile(`\$\{[^}]*\}`)

// attribute returns a value that could be that of an attribute such as ${PhotosQueue}.
func attribute(name string) string {
	name = strings.ToLower(name[2 : len(name)-1])
	switch name {
	case "eventsqueue", "photosqueue", "eventsdeadletters", "purgequeue":
		return "https://sqs.us-east-1.amazonaws.com/123456789012/" + name
	case "distribution":
		return "EDFDVBD632BHDS5"
	}
	return strings.ReplaceAll(name, ".", "-") // ECS allows no dot in a name
}

var regionMissing = regexp.MustCompile(`no AWS region is set|AWS_REGION: not set`)

// startsWith runs a program with an environment, but without a region. The program reports the missing region only
// after it has accepted everything else. Any other failure is the error.
func startsWith(path string, env map[string]string, command ...string) error {
	cmd := exec.Command(path, command...)
	cmd.Env = []string{"AWS_EC2_METADATA_DISABLED=true"}
	for name, v := range env {
		cmd.Env = append(cmd.Env, name+"="+attributes.ReplaceAllStringFunc(v, attribute))
	}
	out, err := cmd.CombinedOutput()
	if err != nil && regionMissing.Match(out) {
		return nil
	}
	return fmt.Errorf("%v: %s", err, out)
}

func accepts(t *testing.T, path string, env map[string]string, command ...string) {
	t.Helper()
	if err := startsWith(path, env, command...); err != nil {
		t.Errorf("%s refuses its environment: %v", filepath.Base(path), err)
	}
}

// TestOverdueMessage checks that the worker logs the message that the alarm purges-overdue counts.
func TestOverdueMessage(t *testing.T) {
	text, err := os.ReadFile("../../../worker/internal/purge/retry.go")
	if n := strings.Count(string(text), `"`+overdueMessage); err != nil || n != 2 {
		t.Errorf("the worker logs %q in %d places, want 2: %v", overdueMessage, n, err)
	}
}

// TestDashboardShowsLambdaMetrics reads the names of the metrics out of the source that defines them.
func TestDashboardShowsLambdaMetrics(t *testing.T) {
	text, err := os.ReadFile("../../../token-lambda/internal/metrics/emf.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`\{"(\w+)", "(?:Count|Milliseconds|Bytes)"\}`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	want := slices.Sorted(slices.Values(ownMetrics))
	if !slices.Equal(slices.Compact(names), want) || !regexp.MustCompile(`(?s)Namespace = "Darkroom"\n.*function = "FunctionName"`).Match(text) {
		t.Errorf("the token Lambda publishes %v, the dashboard shows %v of namespace Darkroom by FunctionName", names, want)
	}
}
