package reconcile

import (
	"strings"
	"time"
)

// Event is a hint that the original of a photo has changed. What the bucket holds decides what happens, not the event.
type Event struct {
	Name   string    // kind of the change, for log lines
	Bucket string    // name of the bucket
	Key    string    // key of the object
	Time   time.Time // end of the change; zero if it is unknown
}

// Names of events that ask for more than events of the bucket do.
const (
	EventSweep   = "Darkroom:Sweep"   // delete variants that no manifest names, as [Reconciler.Redelivered] does
	EventVerify  = "Darkroom:Verify"  // compare the bytes of the variants with their digests
	EventDiscard = "Darkroom:Discard" // delete the original if the photo is rejected, and keep the manifest
)

// removals are the beginnings of the names of events that report a deletion.
var removals = []string{"ObjectRemoved:", "Object Deleted"}

// reportsRemoval reports whether an event with this name says that an object was deleted.
func reportsRemoval(name string) bool {
	for _, r := range removals {
		if strings.HasPrefix(name, r) {
			return true
		}
	}
	return false
}

// Delivery describes the message that an event came in. Spans report it.
type Delivery struct {
	System   string    // messaging system, as OpenTelemetry names it
	Queue    string    // name of the queue
	ID       string    // id of the message; never its receipt handle
	Receives int       // number of receives, with this one
	Sent     time.Time // zero if it is unknown
	Received time.Time
}
