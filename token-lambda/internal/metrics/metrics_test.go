package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/photos"
)

// requests has every kind of request.
var requests = []api.Measured{
	{Route: "POST /v1/boards/{board}/uploads", Status: 201, Took: 1500 * time.Microsecond, Issued: 1, Bytes: 4000, Quota: api.QuotaAdmitted},
	{Route: "POST /v1/boards/{board}/uploads", Status: 201, Took: 2 * time.Millisecond, Issued: 50, Bytes: 90000, Quota: api.QuotaUnknown},
	{Route: "POST /v1/boards/{board}/uploads", Status: 413, Took: time.Millisecond, Refused: "upload-too-large"},
	{Route: "POST /v1/boards/{board}/uploads", Status: 429, Took: time.Millisecond, Refused: "quota-exceeded", Quota: api.QuotaRefused,
		Exceeded: []string{"board-photos-minute", "board-bytes-day"}},
	{Route: "GET /v1/boards/{board}/uploads/{id}", Status: 304, Took: 20 * time.Millisecond},
	{Route: "GET /v1/boards/{board}/uploads", Status: 200, Took: 10 * time.Millisecond, UnusableManifests: 3},
	{Route: "DELETE /v1/boards/{board}/uploads/{id}", Status: 500, Took: 10 * time.Millisecond, Refused: "internal"},
	{Route: "other", Status: 404, Took: time.Microsecond, Refused: "not-found"},
	{Route: "GET /v1/boards/{board}/uploads/{id}", Status: 0, Took: time.Second},
}

// lines measures each request with an EMF and checks the output against the specification of the format. It returns the
// values of each line's metrics by name and dimensions.
func lines(t *testing.T) (values []map[string]float64, times []int64) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("testdata/emf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var w bytes.Buffer
	e := NewEMF(&w, "photos-token")
	for i, m := range requests {
		for range i { // each request has one more failed operation than the last
			e.StoreOperation("remove_photo", photos.OutcomeError, time.Second)
		}
		for _, outcome := range []string{photos.OutcomeOK, photos.OutcomeNotFound, photos.OutcomeUnusable, photos.OutcomeCancelled} {
			e.StoreOperation("read_manifest", outcome, time.Second)
		}
		e.Request(m)
	}
	for line := range strings.Lines(w.String()) {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Error(err)
		}
		var root struct {
			AWS struct {
				Timestamp         int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name, Unit string }
				}
			} `json:"_aws"`
		}
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &root); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, d := range root.AWS.CloudWatchMetrics {
			if d.Namespace != "Darkroom" {
				t.Errorf("namespace %q", d.Namespace)
			}
			for _, set := range d.Dimensions {
				var of []string
				for _, name := range set { // targets of dimensions are strings of 1 to 1024 characters
					value, ok := members[name].(string)
					if !ok || value == "" || len(value) > 1024 {
						t.Errorf("dimension %s is %v", name, members[name])
					}
					of = append(of, value)
				}
				for _, m := range d.Metrics { // targets of metrics are numbers
					value, ok := members[m.Name].(float64)
					if !ok {
						t.Errorf("metric %s is %v", m.Name, members[m.Name])
					}
					name := fmt.Sprintf("%s %s %s", m.Name, m.Unit, strings.Join(of, ", "))
					if _, twice := got[name]; twice {
						t.Errorf("%s appears twice", name)
					}
					got[name] = value
				}
			}
		}
		values, times = append(values, got), append(times, root.AWS.Timestamp)
	}
	return values, times
}

func TestEMF(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, times := lines(t)
		const issued, bytes, refused, latency = "TokensIssued Count photos-token", "TokenBytes Bytes photos-token", "Refused Count photos-token", "Latency Milliseconds photos-token"
		const uncounted = "QuotaFailures Count photos-token"
		const failed, faults, unusable = "StoreFailures Count photos-token", "Faults Count photos-token", "UnusableManifests Count photos-token"
		want := []map[string]float64{
			{failed: 0, uncounted: 0, issued: 1, bytes: 4000, refused: 0, latency: 1.5, latency + ", POST /v1/boards/{board}/uploads, 2xx": 1.5},
			{failed: 1, uncounted: 1, issued: 50, bytes: 90000, refused: 0, latency: 2, latency + ", POST /v1/boards/{board}/uploads, 2xx": 2},
			{failed: 2, issued: 0, refused: 1, refused + ", upload-too-large": 1, latency: 1, latency + ", POST /v1/boards/{board}/uploads, 4xx": 1},
			{failed: 3, uncounted: 0, issued: 0, refused: 1, refused + ", quota-exceeded": 1, latency: 1, latency + ", POST /v1/boards/{board}/uploads, 4xx": 1},
			{failed: 4, issued: 0, refused: 0, latency: 20, latency + ", GET /v1/boards/{board}/uploads/{id}, 3xx": 20},
			{failed: 5, unusable: 3, issued: 0, refused: 0, latency: 10, latency + ", GET /v1/boards/{board}/uploads, 2xx": 10},
			{failed: 6, faults: 1, issued: 0, refused: 1, refused + ", internal": 1, latency: 10, latency + ", DELETE /v1/boards/{board}/uploads/{id}, 5xx": 10},
			{failed: 7, issued: 0, refused: 1, refused + ", not-found": 1, latency: 0.001, latency + ", other, 4xx": 0.001},
			{failed: 8, issued: 0, refused: 0, latency: 1000, latency + ", GET /v1/boards/{board}/uploads/{id}, none": 1000},
		}
		for _, line := range want { // each line has every metric
			line[faults] += 0
			line[bytes] += 0
			line[unusable] += 0
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if now := time.Now().UnixMilli(); slices.ContainsFunc(times, func(at int64) bool { return at != now }) {
			t.Errorf("times %v, want %d", times, now)
		}
	})
}

// series returns the values of all registered series. The value of a histogram is its count.
func series(t *testing.T, reg *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			all[name] = m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return all
}

func TestPrometheus(t *testing.T) {
	reg := prometheus.NewRegistry()
	p := NewPrometheus(reg)
	before := series(t, reg)
	if want := 3 + len(api.QuotaOutcomes) + len(api.QuotaPolicies) + len(api.Reasons()) + len(api.Routes)*len(api.Classes) + len(photos.Operations)*(len(photos.Outcomes)+1); len(before) != want {
		t.Errorf("%d series, want %d", len(before), want)
	}
	for name, value := range before {
		if value != 0 {
			t.Errorf("%s starts at %v", name, value)
		}
	}
	for _, m := range requests {
		p.Request(m)
	}
	p.StoreOperation("read_manifest", photos.OutcomeNotFound, time.Second)
	p.StoreOperation("read_manifest", photos.OutcomeError, time.Second)
	after := series(t, reg)
	if len(after) != len(before) {
		t.Errorf("%d series, %d at the start", len(after), len(before))
	}
	for name, value := range after {
		if value == 0 {
			delete(after, name)
		}
	}
	want := map[string]float64{"darkroom_tokens_issued_total": 51, "darkroom_token_bytes_total": 94000,
		"darkroom_requests_refused_total upload-too-large": 1, "darkroom_requests_refused_total not-found": 1,
		"darkroom_requests_refused_total quota-exceeded": 1, "darkroom_quota_requests_total admitted": 1, "darkroom_quota_requests_total unknown": 1,
		"darkroom_quota_requests_total refused": 1, "darkroom_quota_exceeded_total board-photos-minute": 1, "darkroom_quota_exceeded_total board-bytes-day": 1,
		"darkroom_requests_refused_total internal": 1, "darkroom_api_unusable_manifests_total": 3,
		"darkroom_request_seconds 2xx GET /v1/boards/{board}/uploads": 1, "darkroom_request_seconds 5xx DELETE /v1/boards/{board}/uploads/{id}": 1,
		"darkroom_request_seconds 2xx POST /v1/boards/{board}/uploads": 2, "darkroom_request_seconds 4xx POST /v1/boards/{board}/uploads": 2,
		"darkroom_request_seconds 3xx GET /v1/boards/{board}/uploads/{id}": 1, "darkroom_request_seconds none GET /v1/boards/{board}/uploads/{id}": 1,
		"darkroom_request_seconds 4xx other": 1, "darkroom_api_store_operation_seconds read_manifest": 2,
		"darkroom_api_store_operations_total read_manifest not-found": 1, "darkroom_api_store_operations_total read_manifest error": 1}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Error(diff)
	}
}
