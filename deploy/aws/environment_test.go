package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/programs"
)

// left are the variables that programs read and the template does not set, and why.
var left = map[string]map[string]string{
	"worker": {
		"MEMORY_BUDGET":        "a part of the container's limit by default",
		"POLL_WAIT":            "the longest is right where polls cost money",
		"QUEUE_DEPTH_INTERVAL": "the default",
		"ECS_AGENT_URI":        "set by ECS",
	},
	"scaler": {"SCALE_INTERVAL": "the default", "SCALE_START_UP": "the default"},
	"token-lambda": {
		"CORS_ORIGINS":       "API Gateway answers for it",
		"LISTEN_ADDR":        "not on Lambda",
		"METRICS_ADDR":       "not on Lambda",
		"S3_PUBLIC_ENDPOINT": "S3's own",
	},
}

// environments returns the variables that the template sets, by program.
func environments(s *stack) map[string]map[string]string {
	lambda := map[string]string{}
	variables, _ := cfn.At(s.properties("TokenFunction"), "Environment", "Variables").(object)
	for name, v := range variables {
		lambda[name] = fmt.Sprint(v)
	}
	return map[string]map[string]string{"worker": s.env("WorkerTask"), "token-lambda": lambda, "operator": s.env("OperatorTask"), "scaler": s.env("ScalerTask")}
}

// environmentFaults compares what is set with what the programs read.
func environmentFaults(s *stack, reads map[string][]string) (bad []string) {
	for program, env := range environments(s) {
		for _, name := range slices.Sorted(maps.Keys(env)) {
			if !slices.Contains(reads[program], name) {
				bad = append(bad, fmt.Sprintf("%s does not read %s", program, name))
			}
			if left[program][name] != "" {
				bad = append(bad, fmt.Sprintf("%s: %s is set and is to be left", program, name))
			}
		}
		for _, name := range reads[program] {
			if _, set := env[name]; !set && left[program][name] == "" {
				bad = append(bad, fmt.Sprintf("%s reads %s, which is neither set nor left on purpose", program, name))
			}
		}
		for name := range left[program] {
			if !slices.Contains(reads[program], name) {
				bad = append(bad, fmt.Sprintf("%s: %s is left on purpose and not read", program, name))
			}
		}
	}
	return bad
}

var told = regexp.MustCompile(`\$([A-Z][A-Z0-9_]+)`)

// readsOf asks a program for help, which names each variable that it reads.
func readsOf(t *testing.T, path string, command ...string) (names []string) {
	t.Helper()
	out, err := exec.Command(path, append(command, "--help")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range told.FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		t.Fatalf("%s %v reads nothing", path, command)
	}
	return names
}

func TestEnvironmentIsWhatProgramsRead(t *testing.T) {
	bin := programs.Build(t)
	worker := filepath.Join(bin, "worker")
	var operator []string
	for _, command := range [][]string{{"backfill"}, {"sweep"}, {"dlq", "list"}, {"redrive"}} {
		operator = append(operator, readsOf(t, worker, command...)...)
	}
	slices.Sort(operator)
	reads := map[string][]string{"worker": readsOf(t, worker, "run"), "token-lambda": readsOf(t, filepath.Join(bin, "token-lambda"), "serve"), "operator": slices.Compact(operator), "scaler": readsOf(t, worker, "scale")}

	template := read(t, "template.yaml")
	fast := map[string]string{"FastScaler": "yes"} // or there is none
	s, err := resolve(template, fast)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range environmentFaults(s, reads) {
		t.Error(f)
	}
	for name, edit := range map[string]func(object){
		"renamed":       of("WorkerTask", "RENDER", container, 0, "Environment", 7, "Name"),
		"not set":       of("TokenFunction", nil, "Environment", "Variables", "TOKEN_TTL"),
		"set on Lambda": of("TokenFunction", "127.0.0.1:1", "Environment", "Variables", "METRICS_ADDR"),
		"operator":      of("OperatorTask", "SLOTS", container, 0, "Environment", 4, "Name"),
		"scaler":        of("ScalerTask", "SLOTS", container, 0, "Environment", 4, "Name"),
	} {
		broken := copied(t, template)
		edit(broken.Root)
		s, err := resolve(broken, fast)
		if err != nil {
			t.Fatal(err)
		}
		if len(environmentFaults(s, reads)) == 0 {
			t.Errorf("%s: is not caught", name)
		}
	}
	for _, variation := range variations {
		s, err := resolve(template, variation)
		if err != nil {
			t.Fatal(err)
		}
		accepts(t, filepath.Join(bin, "worker"), environments(s)["worker"], "run")
		accepts(t, filepath.Join(bin, "token-lambda"), environments(s)["token-lambda"], "serve")
		if s.resources["ScalerTask"] != nil {
			accepts(t, worker, environments(s)["scaler"], "scale")
		}
	}
	bad := maps.Clone(environments(s)["worker"])
	bad["JOB_TIMEOUT"] = "600 s"
	if parses(worker, bad, "run") == nil {
		t.Error("a duration that is none is taken")
	}
}

// parses runs a program with an environment, and without a region, which it misses once it has read all of that. The error is
// what else it misses.
func parses(path string, env map[string]string, command ...string) error {
	cmd := exec.Command(path, command...)
	cmd.Env = []string{"AWS_EC2_METADATA_DISABLED=true"}
	for name, v := range env {
		cmd.Env = append(cmd.Env, name+"="+v)
	}
	out, err := cmd.CombinedOutput()
	if err != nil && regexp.MustCompile(`no AWS region is set`).Match(out) {
		return nil
	}
	return fmt.Errorf("%v: %s", err, out)
}

func accepts(t *testing.T, path string, env map[string]string, command ...string) {
	t.Helper()
	if err := parses(path, env, command...); err != nil {
		t.Errorf("%s does not take its environment: %v", filepath.Base(path), err)
	}
}

// TestOwnMetricsExist reads the names out of the source that makes them.
func TestOwnMetricsExist(t *testing.T) {
	text, err := os.ReadFile("../../token-lambda/internal/metrics/emf.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`\[\]definition\{\{"(\w+)"`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	want := slices.Sorted(slices.Values(ownMetrics))
	if !slices.Equal(slices.Compact(names), want) || !regexp.MustCompile(`(?s)Namespace = "Darkroom"\n.*function = "FunctionName"`).Match(text) {
		t.Errorf("the token Lambda has %v in its namespace, the dashboard shows %v of Darkroom by FunctionName", names, want)
	}
}
