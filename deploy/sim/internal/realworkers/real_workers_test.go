package realworkers

import (
	"bytes"
	"darkroom/deploy/testkit/programs"
	"io"
	"strings"
	"testing"
)

const templateFile = "../../../aws/template/template.yaml"

// TestRealWorkers sends a small burst through real workers. It does not check the error of the prediction, which also
// depends on how slow the machine is.
func TestRealWorkers(t *testing.T) {
	bin := programs.Build(t)
	r, err := Run(t.Context(), Config{Template: templateFile, Photos: 30, Workers: 2, Seed: 1, Bin: bin}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if r.workers != 2 || len(r.changes) != 1 || r.changes[0].To != 2 || r.predicted.Unsettled != 0 || r.predicted.Counted != 30 {
		t.Errorf("%d workers, %+v; predicted %+v", r.workers, r.changes, r.predicted.Changes)
	}
	if r.service < downloadTime || r.took < downloadTime*30/2 {
		t.Errorf("a photo took %v and all photos %v, but a download alone takes %v", r.service, r.took, downloadTime)
	}
	var out bytes.Buffer
	if _ = r.Write(&out); !strings.Contains(out.String(), "from the first upload to the last photo") {
		t.Error(out.String())
	}
}
