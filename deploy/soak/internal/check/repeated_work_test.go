package check

import (
	"maps"
	"testing"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/worker/photo"
)

func TestCountWork(t *testing.T) {
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	large, thumb := ref.VariantKey("large", sha([]byte("l")), photo.JPEG), ref.VariantKey("thumb", sha([]byte("t")), photo.JPEG)
	type objects = map[string]faults.Object
	for name, c := range map[string]struct {
		step        load.Step
		objects     objects
		interrupted int
		lost        map[string]int // answers of SQS
		extra       int
		unexplained int
	}{
		"once":                  {objects: objects{"v/" + large: {Stored: 1}, "v/" + thumb: {Stored: 1}, "v/" + ref.ManifestKey(): {Stored: 1}}},
		"repeated by the SDK":   {objects: objects{"v/" + large: {Stored: 3, Lost: 2, Injected: 2}}},
		"twice without a cause": {objects: objects{"v/" + large: {Stored: 2}, "v/" + thumb: {Stored: 2}}, extra: 1, unexplained: 1},
		"half of it twice":      {objects: objects{"v/" + large: {Stored: 1}, "v/" + thumb: {Stored: 2}}, extra: 1, unexplained: 1},
		"a fault of its own":    {objects: objects{"v/" + large: {Stored: 2}, "u/" + ref.Key(): {Injected: 1}}, extra: 1},
		"another's fault":       {objects: objects{"v/" + large: {Stored: 2}, "u/cats/" + string(photo.NewID()): {Injected: 9}}, extra: 1, unexplained: 1},
		"one more event":        {step: load.Step{Copies: make([]load.Delivery, 1)}, objects: objects{"v/" + large: {Stored: 3}}, extra: 2, unexplained: 1},
		"an early event":        {step: load.Step{Early: true}, objects: objects{"v/" + large: {Stored: 2}}, extra: 1},
		"removed with the API":  {step: load.Step{Removal: load.Removal{Requests: 2}}, objects: objects{"v/" + large: {Stored: 3}}, extra: 2, unexplained: 1},
		"and an old token":      {step: load.Step{Removal: load.Removal{Requests: 1, Late: true}}, objects: objects{"v/" + large: {Stored: 3}}, extra: 2},
		"a kill":                {objects: objects{"v/" + large: {Stored: 2}}, interrupted: 1, extra: 1},
		"sent twice":            {objects: objects{"v/" + large: {Stored: 2}}, lost: map[string]int{"SendMessageBatch": 1}, extra: 1},
		"deleted twice":         {objects: objects{"v/" + large: {Stored: 2}}, lost: map[string]int{"DeleteMessageBatch": 9}, extra: 1, unexplained: 1},
		"two versions":          {step: load.Step{Replace: 1}, objects: objects{"v/" + large: {Stored: 1}, "v/" + ref.ManifestKey(): {Stored: 2}}},
		"a rejected one twice":  {objects: objects{"v/" + ref.ManifestKey(): {Stored: 2}}, extra: 1, unexplained: 1},
		"nothing counted":       {},
		"odd keys":              {objects: objects{"v/odd": {Stored: 9}, "v": {Stored: 9}, "x/" + large: {Stored: 9}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := CountRepeatedWork([]*load.Upload{{Step: c.step, Ref: ref}}, system.Faults{S3: faults.Counts{Objects: c.objects}, SQS: faults.Counts{Lost: c.lost}}, "u", "v", c.interrupted)
			if w.Extra != c.extra || w.Unexplained() != c.unexplained {
				t.Errorf("%s, %d without a cause; want %d and %d", w, w.Unexplained(), c.extra, c.unexplained)
			}
		})
	}
}

func TestCountLetters(t *testing.T) {
	planted := []load.BadMessage{{Body: "a"}, {Body: "b"}, {Body: "c"}}
	letters := []system.Letter{{Body: "b", Reason: "why"}, {Body: "a"}, {Body: "b"}, {Body: "ours"}, {Body: "theirs"}}
	c := CountDeadLetters(planted, letters, func(l system.Letter) bool { return l.Body != "theirs" })
	if c.Planted != 3 || c.Found != 2 || c.reasoned != 1 || c.Copies != 1 || len(c.Unexpected) != 1 || c.Unexpected[0].Body != "ours" {
		t.Errorf("%+v", c)
	}
}

// The faults and the requests of all parts are reported, and only those of SQS explain duplicates of a message.
func TestInjectedFaults(t *testing.T) {
	counts := func(operation string, kind faults.Kind, n int) faults.Counts {
		return faults.Counts{Requests: map[string]int{operation: 4}, Injected: map[faults.Kind]int{kind: n}}
	}
	injected := system.Faults{S3: counts("PUT v", faults.Error, 1), SQS: counts("SendMessage", faults.Lost, 2), CDN: counts("CreateInvalidation", faults.Busy, 3)}
	w := CountRepeatedWork(make([]*load.Upload, 0), injected, "u", "v", 0)
	if want := map[string]int{"s3-5xx": 1, "sqs-lost": 2, "cdn-busy": 3}; !maps.Equal(w.Injected, want) || w.SQSInjected() != 2 {
		t.Errorf("%v, %d of SQS; want %v", w.Injected, w.SQSInjected(), want)
	}
	if want := "4.00 PUT v, 4.00 SendMessage, 4.00 CreateInvalidation"; w.PerPhoto() != want {
		t.Errorf("requests %q, want %q", w.PerPhoto(), want)
	}
}
