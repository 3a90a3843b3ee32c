package ecstask

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// server is an ECS with one service, and the metadata endpoint of its task "b". It answers in the protocol AWS JSON 1.1.
type server struct {
	desired, newRunning int
	primary             string // id of the primary deployment; the tasks are those of "ecs-svc/old"
	rollout             string
	old                 []string // tasks of the old deployment that are not asked to stop
	group, startedBy    string
	fails               string // operation that is refused
	calls               []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v4/1234/task" {
		if s.fails == "metadata" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, `{"Cluster": "darkroom", "TaskARN": "b", "Family": "worker"}`)
		return
	}
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonEC2ContainerServiceV20141113.")
	s.calls = append(s.calls, operation)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if operation == s.fails {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type": "AccessDeniedException", "message": "no"}`)
		return
	}
	var in struct{ Cluster, StartedBy, NextToken string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Cluster != "darkroom" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var out any
	switch operation {
	case "DescribeTasks":
		out = map[string]any{"tasks": []any{map[string]any{"taskArn": "b", "group": s.group, "startedBy": s.startedBy}}}
	case "DescribeServices":
		out = map[string]any{"services": []any{map[string]any{"serviceName": "workers", "desiredCount": s.desired, "deployments": []any{
			map[string]any{"id": "ecs-svc/old", "status": map[bool]string{true: "PRIMARY", false: "ACTIVE"}[s.primary == "ecs-svc/old"], "runningCount": len(s.old)},
			map[string]any{"id": "ecs-svc/new", "status": map[bool]string{true: "PRIMARY", false: "ACTIVE"}[s.primary == "ecs-svc/new"], "runningCount": s.newRunning, "rolloutState": s.rollout},
		}}}}
	case "ListTasks": // one task a page
		i := 0
		fmt.Sscan(in.NextToken, &i)
		page := map[string]any{"taskArns": []string{}}
		if in.StartedBy == "ecs-svc/old" && i < len(s.old) {
			page["taskArns"] = s.old[i : i+1]
			if i+1 < len(s.old) {
				page["nextToken"] = fmt.Sprint(i + 1)
			}
		}
		out = page
	}
	json.NewEncoder(w).Encode(out)
}

func (s *server) task(t *testing.T) *Task {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	client := ecs.New(ecs.Options{Region: "us-east-1", BaseEndpoint: aws.String(srv.URL), Credentials: credentials.NewStaticCredentialsProvider("test", "test-secret", ""), RetryMaxAttempts: 1})
	return New(client, srv.Client(), srv.URL+"/v4/1234/")
}

// deploying is a service of 3 tasks in the middle of a deployment.
func deploying() *server {
	return &server{desired: 3, newRunning: 2, primary: "ecs-svc/new", rollout: "IN_PROGRESS", old: []string{"c", "a", "b"}, group: "service:workers", startedBy: "ecs-svc/old"}
}

func TestReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*server)
		want   bool
	}{
		"two new tasks, second of three old ones": {nil, true},
		"one new task":                                   {func(s *server) { s.newRunning = 1 }, false}, // only "a" may end
		"no new task yet":                                {func(s *server) { s.newRunning = 0 }, false},
		"all new tasks run":                              {func(s *server) { s.newRunning = 3 }, true},
		"the first old task has stopped":                 {func(s *server) { s.old, s.newRunning = []string{"c", "b"}, 2 }, true},
		"the desired count rose during the deployment":   {func(s *server) { s.desired = 5 }, false},
		"the desired count fell during the deployment":   {func(s *server) { s.desired, s.newRunning = 1, 0 }, true},
		"scale-in without a deployment":                  {func(s *server) { s.primary, s.newRunning, s.desired = "ecs-svc/old", 0, 1 }, false},
		"the new deployment has failed":                  {func(s *server) { s.rollout = "FAILED" }, false},
		"rolled back: this task's deployment is primary": {func(s *server) { s.primary = "ecs-svc/old" }, false},
		"this task is asked to stop already":             {func(s *server) { s.old = []string{"a", "c"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := deploying()
			if c.change != nil {
				c.change(s)
			}
			if got, err := s.task(t).Replaced(t.Context()); err != nil || got != c.want {
				t.Errorf("%v, %v, want %v", got, err, c.want)
			}
		})
	}
}

// TestNeverMoreThanTheSurplus asks for every old task, at each step of a deployment.
func TestNeverMoreThanTheSurplus(t *testing.T) {
	for newRunning := range 5 {
		drain := 0
		for _, own := range []string{"a", "b", "c", "d"} {
			s := deploying()
			s.desired, s.newRunning, s.old = 4, newRunning, []string{"d", "b", "a", "c"}
			task := s.task(t)
			if _, err := task.Replaced(t.Context()); err != nil {
				t.Fatal(err)
			}
			task.arn = own
			replaced, err := task.Replaced(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if replaced {
				drain++
			}
		}
		if drain != newRunning {
			t.Errorf("with %d new tasks %d old ones drain", newRunning, drain)
		}
	}
}

// TestCallsAreFew checks that a task of the primary deployment asks once who it is, and then makes one call a question.
func TestCallsAreFew(t *testing.T) {
	s := deploying()
	s.primary = "ecs-svc/old"
	task := s.task(t)
	for range 2 {
		if _, err := task.Replaced(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"DescribeTasks", "DescribeServices", "DescribeServices"}; !slices.Equal(s.calls, want) {
		t.Errorf("calls %v, want %v", s.calls, want)
	}
}

func TestUnknownIsAnError(t *testing.T) {
	for name, change := range map[string]func(*server){
		"metadata":          func(s *server) { s.fails = "metadata" },
		"DescribeTasks":     func(s *server) { s.fails = "DescribeTasks" },
		"DescribeServices":  func(s *server) { s.fails = "DescribeServices" },
		"ListTasks":         func(s *server) { s.fails = "ListTasks" },
		"standalone task":   func(s *server) { s.group = "family:worker" },
		"no deployment":     func(s *server) { s.startedBy = "" },
		"no primary at all": func(s *server) { s.primary = "" },
	} {
		t.Run(name, func(t *testing.T) {
			s := deploying()
			change(s)
			if replaced, err := s.task(t).Replaced(t.Context()); err == nil || replaced {
				t.Errorf("%v, %v, want an error", replaced, err)
			}
		})
	}
}
