package check

import (
	"fmt"
)

// Fault is a kind of difference between S3 and the uploads.
type Fault string

const (
	Lost       Fault = "lost"       // an object is missing
	Corrupt    Fault = "corrupt"    // an object has the wrong content
	Stale      Fault = "stale"      // an object belongs to an original, or to a version of one, that is gone
	Unexpected Fault = "unexpected" // an object belongs to no upload
	Wrong      Fault = "wrong"      // wrong state, reason or set of variants
	Readable   Fault = "readable"   // something of an erased photo can still be read
)

var Faults = []Fault{Lost, Corrupt, Stale, Unexpected, Wrong, Readable}

// Finding is a fault and its place.
type Finding struct {
	Fault Fault
	Key   string
	Text  string
}

func (f Finding) String() string { return fmt.Sprintf("%s  %s: %s", f.Fault, f.Key, f.Text) }
