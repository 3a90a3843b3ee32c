package parameters

import (
	"os"
	"strings"
	"testing"
)

func template(t *testing.T) Template {
	t.Helper()
	text, err := os.ReadFile("../../template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestCheck(t *testing.T) {
	for set, want := range map[string]string{
		"MinTasks=0": "", "TaskVcpu=4": "", "Architecture=X86_64": "", "Architecture=amd64": `"amd64" is not one of [ARM64 X86_64]`, "AuthIssuer=https://a": "", "SecondsPerPhoto=0.25": "", "QueueDays=7": "", "CorsOrigins=https://a,https://b": "",
		"MinTasks": "NAME=VALUE", "=1": "NAME=VALUE", "Tasks=1": "unknown parameter", "TaskVcpu=3": "not one of", "AuthIssuer=http://a": "match", "AuthAudience=": "too short", "WorkerImage=": "too short",
		"MinTasks=0 FastScaler=yes": "", "MinTasks=0 FastScaler=no": "requires FastScaler=yes", "FastScaler=no": "", "MaxTasks=many": "not a whole number of 1 or more, or empty", "MaxTasks=0": "not a whole number of 1", "ScaleInCooldown=-1": "MinValue is 0", "ScaleInCooldown=many": "not a number", "Preset=small FastScaler=no": "requires FastScaler=yes", "Preset=huge": "not one of", "DrainSeconds=120": "MaxValue is 110", "MinTasks=1 MinTasks=2": "twice", "QueueDays=5": "not one of",
		"MinTasks=30": "MinTasks=30 is greater than MaxTasks=20", "MinTasks=30 MaxTasks=40": "", "OnDemandWeight=0 SpotWeight=0": "no task could be placed", "OnDemandWeight=0": "",
	} {
		given, err := Parse(strings.Fields(set))
		if err == nil {
			err = template(t).Check(given, func(string) string { return "" })
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", set, err, want)
		}
	}
}

// TestCheckKnowsTheStack checks parameters together with those that the stack has.
func TestCheckKnowsTheStack(t *testing.T) {
	stack := map[string]string{"MinTasks": "0", "MaxTasks": "50", "SpotWeight": "0"}
	for set, want := range map[string]string{
		"FastScaler=no": "requires FastScaler=yes", "MinTasks=30": "", "MinTasks=60": "greater than MaxTasks=50", "OnDemandWeight=0": "no task could be placed", "LogLevel=debug": "",
	} {
		given, err := Parse([]string{set})
		if err != nil {
			t.Fatal(err)
		}
		err = template(t).Check(given, func(name string) string { return stack[name] })
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", set, err, want)
		}
	}
}

func TestRefuseBuilt(t *testing.T) {
	if err := RefuseBuilt(map[string]string{"MaxTasks": "1"}); err != nil {
		t.Error(err)
	}
	if err := RefuseBuilt(map[string]string{"CodeKey": "a.zip"}); err == nil || !strings.Contains(err.Error(), `"set CodeKey=a.zip"`) {
		t.Errorf("error %v, want one that names the command set", err)
	}
}

// TestRetained names the resources that hold users' photos.
func TestKept(t *testing.T) {
	kept := strings.Join(template(t).Retained(), " ")
	for _, want := range []string{"UploadsBucket", "VariantsBucket"} {
		if !strings.Contains(kept, want) {
			t.Errorf("%s is not among what stays: %s", want, kept)
		}
	}
	if strings.Contains(kept, "Queue") {
		t.Errorf("queues do not stay: %s", kept)
	}
}
