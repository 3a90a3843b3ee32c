package fakes3

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// intent is a change whose event may not have been sent yet.
type intent struct {
	Name   string // event name
	Bucket string
	Key    string
}

// journal is a folder with one file for each intent. It survives the process but not a crash of the machine: neither
// its files nor the objects are synced.
type journal string

// record records the intent until forget is called.
func (j journal) record(in intent) (forget func(), err error) {
	path := filepath.Join(string(j), randomHex(16)+".json")
	text, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("note the event of %s/%s: %w", in.Bucket, in.Key, err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, fmt.Errorf("note the event of %s/%s: %w", in.Bucket, in.Key, err)
	}
	return func() { os.Remove(path) }, nil // if the file stays, the event is sent twice, which is allowed
}

// sendAll calls send for every intent and removes the intents for which it reports true.
func (j journal) sendAll(send func(intent) bool) error {
	entries, err := os.ReadDir(string(j))
	if err != nil {
		return fmt.Errorf("s3: folder of unsent events: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(string(j), entry.Name())
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("s3: unsent event: %w", err)
		}
		var in intent
		// The intent is written before the change, so the change of a truncated file had not begun.
		if json.Unmarshal(b, &in) == nil && !send(in) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("s3: unsent event: %w", err)
		}
	}
	return nil
}
