package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"darkroom/deploy/aws/internal/fakecloud"
)

func TestStatus(t *testing.T) {
	a := newAccount(t)
	a.first(t)
	a.cloud.Messages["https://sqs.example/photos/PhotosQueue"] = 40
	r := a.operate(t, "", "status")
	r.has(t, "photos in eu-central-1: CREATE_COMPLETE", "commit "+strings.Repeat("c", 40), "photos               40 waiting, 2 in flight", "events-dead-letters  0 waiting", "2 desired, 1 running, 1 pending; deployment IN_PROGRESS", "0 answers with a 5xx", "alarms    none")

	// An alarm of another system whose name begins with the same words does not count.
	a.cloud.Alarms, a.cloud.Errors = []string{"photos-of-others-dead-letters"}, 3
	a.operate(t, "", "status").has(t, "alarms    none", "6 answers with a 5xx")
	a.cloud.Alarms = append(a.cloud.Alarms, "photos-dead-letters")
	a.refused(t, "", "photos: in alarm: dead-letters", "status").has(t, "ALARM     dead-letters")

	// The report names what cannot be read, and has the rest.
	a.cloud.Alarms, a.cloud.Denied = nil, []string{"sqs get-queue-attributes"}
	a.refused(t, "", "not everything could be read", "status").has(t, "not known queues: ", "AccessDenied", "2 desired, 1 running")
	a.cloud.Denied = nil

	r = a.operate(t, "", "status", "--json")
	var report struct {
		Stack    string
		Healthy  bool
		Revision struct{ Commit string }
		Queues   []struct {
			Name    string
			Visible int
		}
		Workers struct{ Running int }
		Errors  float64
	}
	if err := json.Unmarshal([]byte(r.text), &report); err != nil {
		t.Fatalf("%v: %s", err, r.text)
	}
	if report.Stack != "photos" || !report.Healthy || report.Revision.Commit == "" || len(report.Queues) != 4 || report.Queues[1].Visible != 40 || report.Workers.Running != 1 || report.Errors != 6 {
		t.Errorf("%s", r.text)
	}
	for _, call := range r.calls {
		operation := strings.Fields(call)[4]
		if verb, _, _ := strings.Cut(operation, "-"); verb != "describe" && verb != "list" && verb != "get" && !strings.Contains(call, "s3 cp --only-show-errors --recursive") {
			t.Errorf("%s does not only read", call)
		}
	}

	a.cloud.Program, a.cloud.Fail["TokenFunction"] = "another", "no such key"
	a.refused(t, "", "no such key", "deploy")
	a.operate(t, "", "status").has(t, "UPDATE_ROLLBACK_COMPLETE")
}

func TestLogs(t *testing.T) {
	a := deployedAccount(t)
	a.cloud.Logs["/darkroom/photos/token"] = []string{"12:00 a request"}
	r := a.operate(t, "", "logs", "api", "--since=1h", "--filter=ERROR")
	if r.text != "12:00 a request\n" || !r.ran("--since 1h", "--filter-pattern ERROR") || r.ran("--follow") {
		t.Errorf("printed %q by %q", r.text, r.calls)
	}
	a.refused(t, "", "log group does not exist", "logs")
	a.cloud.Logs["/darkroom/photos/worker"] = nil
	if r := a.operate(t, "", "logs", "operator", "--follow"); !r.ran("/darkroom/photos/worker", "--log-stream-name-prefix operator", "--follow") {
		t.Errorf("ran %q", r.calls)
	}
	for want, args := range map[string][]string{"want one of api, operator": {"logs", "gateway"}, "want a number with s, m, h, d or w": {"logs", "--since=yesterday"}} {
		if r := a.run(t, "", args...); r.status == 0 || !strings.Contains(r.text, want) {
			t.Errorf("%q: status %d, %s", args, r.status, r.text)
		}
	}
}

// TestNoStack operates a stack that does not exist.
func TestNoStack(t *testing.T) {
	a := newAccount(t)
	for _, args := range [][]string{{"status"}, {"logs"}, {"doctor"}, {"set", "MaxTasks=5"}, {"rollback"}, {"rollback", "1"}} {
		r := a.refused(t, "", "there is no stack photos in eu-central-1: --stack and --region name another, and the command deploy creates this one", args...)
		if strings.Contains(r.text, "ValidationError") || r.ran("logs tail") {
			t.Errorf("%q also says what AWS says, or goes on: %s", args, r.text)
		}
	}
	a.refused(t, "", "there is no stack photos in eu-central-1: --stack and --region name another", "destroy", "--confirm=photos")
}

// TestMissingPrograms runs the program on a machine without one of those that it needs.
func TestMissingPrograms(t *testing.T) {
	a := newAccount(t)
	for want, args := range map[string][]string{"go is required: ": {"deploy", "--stack=photos"}, "aws is required: ": {"status"}} {
		cmd := a.command(t, args...)
		cmd.Env = append(cmd.Env, "PATH="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%q: error %v, want %q in\n%s", args, err, want, out)
		}
	}
}

// TestWithoutCommand gives parameters as earlier releases took them. Nothing may be deployed for that.
func TestWithoutCommand(t *testing.T) {
	a := newAccount(t)
	for _, args := range [][]string{{"MaxTasks=50"}, {"--stack", "photos", "MaxTasks=50"}, {"MaxTasks=50", "--dry-run"}, {"MaxTasks=50", "deploy"}} {
		r := a.run(t, "", args...)
		if r.status != 2 || !strings.Contains(r.text, `"set MaxTasks=50" changes parameters`) || len(r.calls) > 0 {
			t.Errorf("%q: status %d, %q\n%s", args, r.status, r.calls, r.text)
		}
	}
	if r := a.run(t, ""); r.status != 0 || !strings.Contains(r.text, "rollback") || len(r.calls) > 0 {
		t.Errorf("without arguments: status %d, %q\n%s", r.status, r.calls, r.text)
	}
	if r := a.run(t, "", "set"); r.status != 2 && r.status != 80 {
		t.Errorf("set without parameters: status %d\n%s", r.status, r.text)
	}
}

// TestInterrupt interrupts the program while CloudFormation works out changes, and while it makes them. The first
// leaves nothing behind. The second goes on, and the program says how to watch and to cancel it.
func TestInterrupt(t *testing.T) {
	a := deployedAccount(t)
	for _, c := range []struct {
		at       string // call during which the interrupt comes
		want     []string
		maxTasks string
		sets     int // change sets that are left
	}{
		{"describe-change-set", []string{"error: "}, "", 0},
		{"describe-stack-events", []string{"interrupted, but CloudFormation goes on", "status --watch --region eu-central-1 --stack photos", "cancel-update-stack --stack-name photos"}, "30", 0},
	} {
		started, executed := make(chan *os.Process, 1), false
		a.cloud.Hook = func(r fakecloud.Request) {
			call := strings.Join(r.Args, " ")
			executed = executed || strings.Contains(call, "execute-change-set")
			if strings.Contains(call, c.at) && executed == (c.at == "describe-stack-events") {
				a.cloud.Stalled = true
				p := <-started
				if err := p.Signal(os.Interrupt); err != nil {
					t.Error(err)
				}
				started <- p
			}
		}
		a.cloud.TakeCalls() // the cloud sees the hook from its next call on
		cmd := a.command(t, "set", "--yes", "--stack=photos", "--poll=10ms", "MaxTasks=30")
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		started <- cmd.Process
		_ = cmd.Wait() // the exit status is compared
		a.cloud.TakeCalls()
		a.cloud.Hook, a.cloud.Stalled = nil, false
		if status := cmd.ProcessState.ExitCode(); status != 1 {
			t.Errorf("%s: status %d", c.at, status)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is missing from:\n%s", c.at, want, out.String())
			}
		}
		if s := a.stack("photos"); s.Parameters["MaxTasks"] != c.maxTasks || len(s.Sets) != c.sets {
			t.Errorf("%s: MaxTasks is %s, and %d change sets are left", c.at, s.Parameters["MaxTasks"], len(s.Sets))
		}
	}
}
