package logging

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

func TestAutoIsJSONWithoutATerminal(t *testing.T) {
	var buf bytes.Buffer
	log, err := Flags{Format: "auto", Level: slog.LevelWarn}.New(&buf, "worker")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("below the level")
	log.Warn("kept", "key", "cats/1")
	var rec map[string]any
	if err := json.Unmarshal(buf.Bytes(), &rec); err != nil {
		t.Fatalf("%q is not one JSON record: %v", buf.String(), err)
	}
	if rec["msg"] != "kept" || rec["program"] != "worker" || rec["key"] != "cats/1" {
		t.Errorf("got %v", rec)
	}
}

func TestText(t *testing.T) {
	var buf bytes.Buffer
	log, err := Flags{Format: "text"}.New(&buf, "worker")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("hello")
	if !strings.Contains(buf.String(), "msg=hello program=worker") {
		t.Errorf("got %q", buf.String())
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := (Flags{Format: "xml"}).New(nil, ""); err == nil {
		t.Error("no error for an unknown format")
	}
}
