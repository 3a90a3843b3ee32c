package main

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alecthomas/kong"

	"darkroom/deploy/testkit/flagdocs"
)

const (
	queueURL      = "http://127.0.0.1:1/000000000000/photos"
	deadLetterURL = "http://127.0.0.1:1/000000000000/dead"
)

// commandLines are the commands with valid values for all settings that each requires. Nothing listens at the
// endpoints: a command that gets as far as calling AWS fails with another status than one with wrong settings.
var commandLines = []struct {
	args     []string
	settings []string // the groups of settings that the command has
	env      []string
}{
	{[]string{"run"}, []string{"queue", "buckets", "purge queue", "cdn", "recipe", "engine", "memory", "run", "listen address", "log"}, []string{"QUEUE_URL=" + queueURL, "UPLOADS_BUCKET=uploads", "VARIANTS_BUCKET=variants"}},
	{[]string{"backfill"}, []string{"queue", "buckets", "after", "recipe", "memory", "limits", "cost"}, []string{"QUEUE_URL=" + queueURL, "UPLOADS_BUCKET=uploads", "VARIANTS_BUCKET=variants"}},
	{[]string{"sweep"}, []string{"aws", "queue", "buckets", "after", "limits", "age", "sweep"}, []string{"QUEUE_URL=" + queueURL, "UPLOADS_BUCKET=uploads", "VARIANTS_BUCKET=variants"}},
	{[]string{"redrive"}, []string{"aws", "queue", "limits", "age"}, []string{"QUEUE_URL=" + queueURL}},
	{[]string{"dlq", "list"}, []string{"aws", "queue", "max"}, []string{"QUEUE_URL=" + queueURL}},
	{[]string{"scale"}, []string{"aws", "queue", "scale", "log"}, []string{"QUEUE_URL=" + queueURL, "ECS_CLUSTER=c", "ECS_SERVICE=s", "MAX_TASKS=10", "SECONDS_PER_PHOTO=1", "RENDERS=2"}},
	{[]string{"watch"}, []string{"aws", "queue", "purge queue", "watch", "listen address", "log"}, []string{"QUEUE_URL=" + queueURL}},
	{[]string{"render", "-o", "out", "photo.jpg"}, []string{"recipe", "engine", "memory"}, nil},
	{[]string{"healthcheck"}, []string{"listen"}, nil},
}

// wrongSettings are wrong for every command that has the group of settings. Each gives the same message and status 2,
// before anything else happens.
var wrongSettings = []struct {
	group string
	env   []string
	args  []string
	want  string
}{
	{group: "aws", env: []string{"AWS_ENDPOINT_URL=banana"}, want: "AWS_ENDPOINT_URL: not an http URL"},
	{group: "aws", env: []string{"AWS_ENDPOINT_URL_S3=127.0.0.1:9000"}, want: "AWS_ENDPOINT_URL_S3: "},
	{group: "aws", env: []string{"AWS_ENDPOINT_URL_SQS=sqs://127.0.0.1:9324"}, want: "AWS_ENDPOINT_URL_SQS: not an http URL"},
	{group: "queue", env: []string{"DEAD_LETTER_QUEUE_URL=" + queueURL}, want: "QUEUE_URL and DEAD_LETTER_QUEUE_URL name the same queue"},
	{group: "queue", env: []string{"DEAD_LETTER_QUEUE_URL=" + queueURL + "/"}, want: "QUEUE_URL and DEAD_LETTER_QUEUE_URL name the same queue"},
	{group: "queue", env: []string{"DEAD_LETTER_QUEUE_URL=http://localhost:2/000000000000//photos"}, want: "QUEUE_URL and DEAD_LETTER_QUEUE_URL name the same queue"},
	{group: "queue", env: []string{"QUEUE_URL=photos"}, want: "QUEUE_URL: not an http URL"},
	{group: "queue", env: []string{"QUEUE_URL=arn:aws:sqs:eu-west-1:123456789012:photos"}, want: "QUEUE_URL: not an http URL"},
	{group: "queue", env: []string{"QUEUE_URL=http://127.0.0.1:1"}, want: "QUEUE_URL: the URL names no queue"},
	{group: "queue", env: []string{"QUEUE_URL=http://127.0.0.1:1/"}, want: "QUEUE_URL: the URL names no queue"},
	{group: "queue", env: []string{"QUEUE_URL=http://a b/c"}, want: "QUEUE_URL: the URL cannot be parsed"},
	{group: "queue", env: []string{"DEAD_LETTER_QUEUE_URL=ftp://127.0.0.1/1/dead"}, want: "DEAD_LETTER_QUEUE_URL: not an http URL"},
	{group: "queue", env: []string{"QUEUE_URL="}, want: "QUEUE_URL is not set"},
	{group: "queue", env: []string{"QUEUE_URL=http://user:hunter2@127.0.0.1:1/1/photos"}, want: "QUEUE_URL: the URL contains a user name"},
	{group: "queue", env: []string{"PHOTOS_QUEUE_URL=photos"}, want: "PHOTOS_QUEUE_URL: not an http URL"},
	{group: "queue", env: []string{"PHOTOS_QUEUE_URL=" + queueURL}, want: "QUEUE_URL and PHOTOS_QUEUE_URL name the same queue"},
	{group: "queue", env: []string{"PHOTOS_QUEUE_URL=" + deadLetterURL, "DEAD_LETTER_QUEUE_URL=" + deadLetterURL}, want: "PHOTOS_QUEUE_URL and DEAD_LETTER_QUEUE_URL name the same queue"},
	{group: "purge queue", env: []string{"PURGE_QUEUE_URL=purges"}, want: "PURGE_QUEUE_URL: not an http URL"},
	{group: "purge queue", env: []string{"PURGE_QUEUE_URL=http://127.0.0.1:1/"}, want: "PURGE_QUEUE_URL: the URL names no queue"},
	{group: "purge queue", env: []string{"CDN_DISTRIBUTION=E1ABCDEF", "PURGE_QUEUE_URL=" + queueURL}, want: "QUEUE_URL and PURGE_QUEUE_URL name the same queue"},
	{group: "purge queue", env: []string{"CDN_DISTRIBUTION=E1ABCDEF", "PURGE_QUEUE_URL=" + deadLetterURL, "PHOTOS_QUEUE_URL=" + deadLetterURL}, want: "PHOTOS_QUEUE_URL and PURGE_QUEUE_URL name the same queue"},
	{group: "cdn", env: []string{"CDN_DISTRIBUTION=E1ABCDEF"}, want: "CDN_DISTRIBUTION also needs PURGE_QUEUE_URL"},
	{group: "cdn", env: []string{"PURGE_QUEUE_URL=" + deadLetterURL}, want: "PURGE_QUEUE_URL also needs CDN_DISTRIBUTION"},
	{group: "cdn", env: []string{"CDN_DISTRIBUTION=d111.cloudfront.net", "PURGE_QUEUE_URL=" + deadLetterURL}, want: "CDN_DISTRIBUTION: \"d111.cloudfront.net\" is not the id of a distribution"},
	{group: "buckets", env: []string{"VARIANTS_BUCKET=uploads"}, want: "UPLOADS_BUCKET and VARIANTS_BUCKET are the same bucket, uploads"},
	{group: "buckets", env: []string{"UPLOADS_BUCKET=s3://uploads"}, want: "UPLOADS_BUCKET:"},
	{group: "buckets", env: []string{"UPLOADS_BUCKET=arn:aws:s3:::uploads"}, want: "UPLOADS_BUCKET:"},
	{group: "buckets", env: []string{"VARIANTS_BUCKET=variants/"}, want: "VARIANTS_BUCKET:"},
	{group: "buckets", env: []string{"VARIANTS_BUCKET=a b c"}, want: "VARIANTS_BUCKET:"},
	{group: "buckets", env: []string{"UPLOADS_BUCKET="}, want: "UPLOADS_BUCKET"},
	{group: "recipe", env: []string{"VARIANTS=no JSON"}, want: "VARIANTS: specs: want a JSON array"},
	{group: "recipe", env: []string{`VARIANTS=[{"name":"a","width":0,"height":0,"fit":"inside"}]`}, want: "VARIANTS: specs[0].width"},
	{group: "recipe", env: []string{"VARIANTS=[]"}, want: "VARIANTS: 0 specs: want 1 to"},
	{group: "recipe", env: []string{"MAX_BYTES=0"}, want: "MAX_BYTES: 0 is not within"},
	{group: "recipe", env: []string{"MAX_BYTES=-1"}, want: "MAX_BYTES: -1 is not within"},
	{group: "recipe", env: []string{"MAX_BYTES=64M"}, want: "MAX_BYTES"},
	{group: "recipe", env: []string{"MAX_PIXELS=0"}, want: "MAX_PIXELS: 0 is not within"},
	{group: "recipe", env: []string{"MAX_PIXELS=300000000"}, want: "MAX_PIXELS: 300000000 is not within 1 to 268435456"},
	{group: "recipe", env: []string{"ANIMATION_FRAMES=0"}, want: "ANIMATION_FRAMES: 0 is not within 1 to 100000"},
	{group: "recipe", env: []string{"ANIMATION_PIXELS=-1"}, want: "ANIMATION_PIXELS: -1 is not within 1 to"},
	{group: "recipe", env: []string{"ANIMATION_TIME=0s"}, want: "ANIMATION_TIME: 0s is not within 1ms to 1h"},
	{group: "recipe", env: []string{`VARIANTS=[{"name":"a","width":9,"fit":"inside","formats":["jpeg"],"animate":true}]`}, want: "VARIANTS: specs[0].animate: there is no"},
	{group: "recipe", env: []string{"KEEP=author"}, want: `KEEP: "author" is not a field that can be kept: want a list of copyright, creator, credit and description`},
	{group: "recipe", env: []string{"KEEP=copyright,"}, want: `KEEP: "" is not a field that can be kept`},
	{group: "recipe", env: []string{"DAMAGED=yes"}, want: `DAMAGED must be one of "reject","accept"`},
	{group: "engine", env: []string{"RENDERS=0"}, want: "RENDERS: 0 is not within 1 to"},
	{group: "engine", env: []string{"RENDERS=-1"}, want: "RENDERS: -1 is not within 1 to"},
	{group: "memory", env: []string{"MEMORY_BUDGET=0"}, want: "MEMORY_BUDGET: 0 is less than"},
	{group: "memory", env: []string{"MEMORY_BUDGET=-1"}, want: "MEMORY_BUDGET: -1 is less than"},
	{group: "memory", env: []string{"MEMORY_BUDGET=268435455"}, want: "MEMORY_BUDGET: 268435455 is less than 268435456"},
	{group: "memory", env: []string{"RENDER_TIMEOUT=0s"}, want: "RENDER_TIMEOUT: 0s is not within 1ms to 1h0m0s"},
	{group: "memory", env: []string{"RENDER_TIMEOUT=61m"}, want: "RENDER_TIMEOUT: 1h1m0s is not within 1ms to 1h0m0s"},
	{group: "memory", env: []string{"RENDER_TIMEOUT=60"}, want: "RENDER_TIMEOUT"},
	{group: "run", env: []string{"BOARD_LIMITS=cats"}, want: "BOARD_LIMITS: want {\"BOARD\": "},
	{group: "run", env: []string{`BOARD_LIMITS={"CATS": {}}`}, want: "BOARD_LIMITS: "},
	{group: "run", env: []string{`BOARD_LIMITS={"cats": {"maxBytes": 5}, "cats": {}}`}, want: `BOARD_LIMITS: "cats" comes twice`},
	{group: "run", env: []string{`BOARD_LIMITS={"cats": null}`}, want: `BOARD_LIMITS: cats: null sets nothing: leave the entry out`},
	{group: "run", env: []string{`BOARD_LIMITS={"cats": {"maxBytes": -1}}`}, want: "BOARD_LIMITS: board cats: maxBytes is -1: want a number above 0"},
	{group: "run", env: []string{`BOARD_LIMITS={"cats": {"contentTypes": ["image/tiff"]}}`}, want: "BOARD_LIMITS: board cats: the worker cannot read media type"},
	{group: "run", env: []string{"SLOTS=0"}, want: "SLOTS: 0 is not within 1 to"},
	{group: "run", env: []string{"SLOTS=-3"}, want: "SLOTS: -3 is not within 1 to"},
	{group: "run", env: []string{"POLL_WAIT=0s"}, want: "POLL_WAIT: 0s is not within 1s to 20s"},
	{group: "run", env: []string{"POLL_WAIT=21s"}, want: "POLL_WAIT: 21s is not within 1s to 20s"},
	{group: "run", env: []string{"POLL_WAIT=20"}, want: "POLL_WAIT"},
	{group: "run", env: []string{"VISIBILITY_TIMEOUT=0s"}, want: "VISIBILITY_TIMEOUT: 0s is not within 3s to 12h"},
	{group: "run", env: []string{"VISIBILITY_TIMEOUT=13h"}, want: "VISIBILITY_TIMEOUT: 13h0m0s is not within 3s to 12h"},
	{group: "run", env: []string{"JOB_TIMEOUT=0s"}, want: "JOB_TIMEOUT: 0s is not within"},
	{group: "run", env: []string{"JOB_TIMEOUT=-1s"}, want: "JOB_TIMEOUT: -1s is not within"},
	{group: "run", env: []string{"JOB_TIMEOUT=1m"}, want: "RENDER_TIMEOUT: 1m0s is not less than JOB_TIMEOUT (1m0s)"},
	{group: "run", env: []string{"RENDER_TIMEOUT=11m"}, want: "RENDER_TIMEOUT: 11m0s is not less than JOB_TIMEOUT (10m0s)"},
	{group: "run", env: []string{"DRAIN_TIMEOUT=0s"}, want: "DRAIN_TIMEOUT: 0s is not within"},
	{group: "run", env: []string{"DRAIN_TIMEOUT=-20s"}, want: "DRAIN_TIMEOUT: -20s is not within"},
	{group: "watch", env: []string{"QUEUE_DEPTH_INTERVAL=0s"}, want: "QUEUE_DEPTH_INTERVAL: 0s is not within 1s to 1h"},
	{group: "watch", env: []string{"QUEUE_DEPTH_INTERVAL=-1s"}, want: "QUEUE_DEPTH_INTERVAL: -1s is not within 1s to 1h"},
	{group: "watch", env: []string{"QUEUE_DEPTH_INTERVAL=10ms"}, want: "QUEUE_DEPTH_INTERVAL: 10ms is not within 1s to 1h"},
	{group: "run", env: []string{"PROTECTION_LINGER=-1s"}, want: "PROTECTION_LINGER: -1s is not within 0s to 1h"},
	{group: "run", env: []string{"PROTECTION_LINGER=2h"}, want: "PROTECTION_LINGER: 2h0m0s is not within 0s to 1h"},
	{group: "run", env: []string{"ECS_AGENT_URI=agent"}, want: "ECS_AGENT_URI: not an http URL"},
	{group: "run", env: []string{"ECS_CONTAINER_METADATA_URI_V4=metadata"}, want: "ECS_CONTAINER_METADATA_URI_V4: not an http URL"},
	{group: "listen address", env: []string{"LISTEN_ADDR=9102"}, want: `LISTEN_ADDR: "9102" is not an address`},
	{group: "run", env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=collector"}, want: "OTEL_EXPORTER_OTLP_ENDPOINT: not an http URL"},
	{group: "listen", env: []string{"LISTEN_ADDR=127.0.0.1"}, want: `LISTEN_ADDR: "127.0.0.1" is not an address`},
	{group: "listen", args: []string{"--timeout=0s"}, want: "--timeout: 0s is not within"},
	{group: "log", env: []string{"LOG_LEVEL=loud"}, want: "LOG_LEVEL: "},
	{group: "log", env: []string{"LOG_FORMAT=xml"}, want: "LOG_FORMAT must be one of"},
	{group: "limits", args: []string{"--rate=-1"}, want: "--rate: -1 is less than 0"},
	{group: "limits", args: []string{"--rate=NaN"}, want: "--rate: NaN is not a number"},
	{group: "limits", args: []string{"--max=0"}, want: "--max: 0 is less than 1"},
	{group: "limits", args: []string{"--max=-1"}, want: "--max: -1 is less than 1"},
	{group: "max", args: []string{"--max=0"}, want: "--max: 0 is less than 1"},
	{group: "age", args: []string{"--older-than=-1s"}, want: "--older-than: -1s is less than 0s"},
	{group: "after", args: []string{"--after=cats"}, want: `--after: key "cats": invalid name: want {board}/{id}`},
	{group: "after", args: []string{"--after=cats/3"}, want: `--after: key "cats/3": id "3": invalid name: want the id of an upload`},
	{group: "cost", args: []string{"--plan", "--budget=0"}, want: "--budget: 0 is less than 0.01"},
	{group: "cost", args: []string{"--budget=NaN"}, want: "--budget: NaN is not a number"},
	{group: "cost", args: []string{"--plan", "--sample=-1"}, want: "--sample: -1 is not within 0 to 100000"},
	{group: "cost", args: []string{"--plan", "--tasks=0"}, want: "--tasks: 0 is not within 1 to 100000"},
	{group: "cost", args: []string{"--plan", "--task-vcpu=0"}, want: "--task-vcpu: 0 is not within 0.25 to 16"},
	{group: "cost", args: []string{"--plan", "--architecture=SPARC"}, want: "--architecture must be one of"},
	{group: "cost", args: []string{"--plan", "--sample=0"}, want: "--sample 0 also needs --cpu-per-photo"},
	{group: "cost", args: []string{"--plan", "--cpu-per-photo=1s"}, want: "--cpu-per-photo also needs --sample 0"},
	{group: "cost", args: []string{"--plan", "--sample=0", "--cpu-per-photo=0s"}, want: "--cpu-per-photo: 0s is not within"},
	{group: "cost", args: []string{"--json", "--budget=1"}, want: "--json also needs --plan"},
	{group: "cost", args: []string{"--inventory=a.csv"}, want: "--inventory also needs --plan or --budget"},
	{group: "cost", args: []string{"--plan", "--verify"}, want: "--verify cannot be combined with --plan or --budget"},
	{group: "sweep", args: []string{"--changed-within=-1s"}, want: "--changed-within: -1s is less than 0s"},
	{group: "sweep", env: []string{"REJECTED_DAYS=-1"}, want: "REJECTED_DAYS: -1 is not within 0 to 3650"},
	{group: "sweep", args: []string{"--rejected-days=4000"}, want: "REJECTED_DAYS: 4000 is not within 0 to 3650"},
	{group: "sweep", args: []string{"--changed-within=1h"}, want: "--changed-within: 1h0m0s is not longer than --older-than, 1h0m0s"},
	{group: "scale", env: []string{"ECS_SERVICE= "}, want: `ECS_SERVICE: " " is neither a name nor an ARN`},
	{group: "scale", env: []string{"MIN_TASKS=11"}, want: "MIN_TASKS (11) must not exceed MAX_TASKS (10)"},
	{group: "scale", env: []string{"MIN_TASKS=-1"}, want: "MIN_TASKS: -1 is less than 0"},
	{group: "scale", env: []string{"MAX_TASKS=0"}, want: "MAX_TASKS: 0 is less than 1"},
	{group: "scale", env: []string{"SCALE_INTERVAL=0s"}, want: "SCALE_INTERVAL: 0s is not within 1s to"},
	{group: "scale", env: []string{"SCALE_INTERVAL=-10s"}, want: "SCALE_INTERVAL: -10s is not within 1s to"},
	{group: "scale", env: []string{"SCALE_OBJECTIVE=0s"}, want: "SCALE_OBJECTIVE: 0s is not within"},
	{group: "scale", env: []string{"SCALE_START_UP=-1s"}, want: "SCALE_START_UP: -1s is not within"},
	{group: "scale", env: []string{"SCALE_OBJECTIVE=45s"}, want: "SCALE_START_UP (45s) must be less than SCALE_OBJECTIVE (45s)"},
	{group: "scale", env: []string{"SECONDS_PER_PHOTO=0"}, want: "SECONDS_PER_PHOTO: 0 is not within"},
	{group: "scale", env: []string{"SECONDS_PER_PHOTO=NaN"}, want: "SECONDS_PER_PHOTO: NaN is not a number"},
	{group: "scale", env: []string{"RENDERS=0"}, want: "RENDERS: 0 is not within 1 to"},
}

func TestWrongSettings(t *testing.T) {
	tried := map[string]bool{}
	var mu sync.Mutex
	messages := map[string]string{} // key: settings and command
	t.Run("each", func(t *testing.T) {
		for _, c := range commandLines {
			for _, w := range wrongSettings {
				if !slices.Contains(c.settings, w.group) {
					continue
				}
				tried[w.group] = true
				env := append(slices.Clone(c.env), w.env...)
				if c.args[0] == "dlq" && slices.Equal(w.env, []string{"QUEUE_URL="}) {
					w.want = "neither QUEUE_URL nor DEAD_LETTER_QUEUE_URL is set"
				}
				set := strings.Join(slices.Concat(w.env, []string{program}, c.args, w.args), " ")
				t.Run(set, func(t *testing.T) {
					t.Parallel()
					stdout, stderr, status := worker(t, env, append(slices.Clone(c.args), w.args...)...)
					mu.Lock()
					messages[set] = stderr
					mu.Unlock()
					if status != 2 || !strings.Contains(flagdocs.WithoutFlags(stderr), w.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
						t.Errorf("status %d, want 2 and one line with %q\n%s%s", status, w.want, stdout, stderr)
					}
				})
			}
		}
	})
	flagdocs.CheckWords(t, program, description, &commandLine{}, messages, kong.Vars{"listen": defaultListen})
	for _, w := range wrongSettings {
		if !tried[w.group] {
			t.Errorf("no command has the settings %q", w.group)
		}
	}
}

// TestRightSettings proves that the commands of the table above have no other wrong setting: with nobody at the
// endpoints they fail later, or do their work.
func TestRightSettings(t *testing.T) {
	for _, c := range commandLines {
		if slices.Contains([]string{"run", "scale", "watch"}, c.args[0]) {
			continue // they would wait for the queue until they are stopped
		}
		t.Run(c.args[0], func(t *testing.T) {
			t.Parallel()
			env := append(slices.Clone(c.env), "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_MAX_ATTEMPTS=1",
				"AWS_ENDPOINT_URL_S3=http://127.0.0.1:1", "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:1")
			if _, stderr, status := worker(t, env, c.args...); status != 1 {
				t.Errorf("status %d, want 1\n%s", status, stderr)
			}
		})
	}
}
