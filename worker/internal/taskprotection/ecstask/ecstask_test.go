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

// server is an ECS with one service, and the metadata endpoint of its task "b". It answers in the protocol AWS JSON
// 1.1.
type server struct {
	desired, newRunning int
	newUnhealthy        int    // part of newRunning
	unchecked           bool   // the service has no health check
	primary             string // id of the primary deployment; the tasks are those of "ecs-svc/old"
	rollout             string
	old                 []string // tasks of the old deployment that ECS has not asked to stop
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
	var in struct {
		Cluster, StartedBy, NextToken string
		Tasks                         []string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Cluster != "darkroom" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var out any
	switch operation {
	case "DescribeTasks":
		if len(in.Tasks) > 100 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		tasks := []any{}
		for _, arn := range in.Tasks {
			health, startedBy := "HEALTHY", s.startedBy
			if i := slices.Index(s.new(), arn); i >= 0 {
				startedBy = "ecs-svc/new"
				if i < s.newUnhealthy {
					health = "UNKNOWN"
				}
			}
			if s.unchecked {
				health = "UNKNOWN"
			}
			tasks = append(tasks, map[string]any{"taskArn": arn, "group": s.group, "startedBy": startedBy, "lastStatus": "RUNNING", "healthStatus": health})
		}
		out = map[string]any{"tasks": tasks}
	case "DescribeServices":
		out = map[string]any{"services": []any{map[string]any{"serviceName": "workers", "desiredCount": s.desired, "deployments": []any{
			map[string]any{"id": "ecs-svc/old", "status": map[bool]string{true: "PRIMARY", false: "ACTIVE"}[s.primary == "ecs-svc/old"], "runningCount": len(s.old)},
			map[string]any{"id": "ecs-svc/new", "status": map[bool]string{true: "PRIMARY", false: "ACTIVE"}[s.primary == "ecs-svc/new"], "runningCount": s.newRunning, "rolloutState": s.rollout},
		}}}}
	case "ListTasks": // one task a page
		i := 0
		fmt.Sscan(in.NextToken, &i)
		page := map[string]any{"taskArns": []string{}}
		tasks := s.old
		if in.StartedBy == "ecs-svc/new" {
			tasks = s.new()
		}
		if i < len(tasks) {
			page["taskArns"] = tasks[i : i+1]
			if i+1 < len(tasks) {
				page["nextToken"] = fmt.Sprint(i + 1)
			}
		}
		out = page
	}
	json.NewEncoder(w).Encode(out)
}

// new returns the tasks of the new deployment.
func (s *server) new() (arns []string) {
	for i := range s.newRunning {
		arns = append(arns, fmt.Sprintf("new-%d", i))
	}
	return arns
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
		"one new task": {func(s *server) { s.newRunning = 1 }, false}, // only "a" may end
		"one of two new tasks is not healthy yet": {func(s *server) { s.newUnhealthy = 1 }, false},
		"the new revision never becomes healthy":  {func(s *server) { s.newRunning, s.newUnhealthy = 3, 3 }, false},
		// Two tasks are above the desired count.
		"unhealthy after a scale-in":                     {func(s *server) { s.newRunning, s.newUnhealthy, s.desired = 1, 1, 1 }, true},
		"no health check":                                {func(s *server) { s.newUnhealthy, s.unchecked = 2, true }, true},
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

// TestCallsAreFew checks that a task of the primary deployment identifies itself once, and then makes one request for
// each call of Replaced.
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

// TestManyTasks has more new tasks than one call of DescribeTasks takes.
func TestManyTasks(t *testing.T) {
	s := deploying()
	s.desired, s.newRunning = 4, 250
	for unhealthy, want := range map[int]bool{0: true, 247: true, 248: false, 250: false} { // "b" is the second of three old ones
		s.newUnhealthy = unhealthy
		if got, err := s.task(t).Replaced(t.Context()); err != nil || got != want {
			t.Errorf("%d of 250 are not healthy: %v, %v, want %v", unhealthy, got, err, want)
		}
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
