package processmetrics

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"darkroom/worker/process"
)

func TestRegister(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	Register(reg, "prog", "i-1")
	b := process.ThisBuild()
	want := `# HELP darkroom_build_info What this program was built from. Always 1.
# TYPE darkroom_build_info gauge
darkroom_build_info{goversion="` + b.GoVersion + `",program="prog",revision="` + b.Revision + `",version="` + b.Version + `"} 1
# HELP target_info Which instance of a program this is, as in its traces. Always 1.
# TYPE target_info gauge
target_info{service_instance_id="i-1",service_name="prog",service_version="` + b.Version + `"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "darkroom_build_info", "target_info"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(reg, "go_goroutines"); n != 1 || err != nil {
		t.Errorf("%d series of Go, %v", n, err)
	}
	if problems, err := testutil.GatherAndLint(reg, "darkroom_build_info", "target_info"); len(problems) != 0 || err != nil {
		t.Errorf("%v, %v", problems, err)
	}
}
