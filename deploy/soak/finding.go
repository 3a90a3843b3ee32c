package main

import (
	"fmt"
	"strings"

	"darkroom/worker/photo"
)

// fault is a kind of difference between S3 and the uploads.
type fault string

const (
	lost       fault = "lost"       // an object is missing
	corrupt    fault = "corrupt"    // an object has the wrong content
	stale      fault = "stale"      // an object belongs to an original, or to a version of one, that is gone
	unexpected fault = "unexpected" // an object belongs to no upload
	wrong      fault = "wrong"      // wrong state, reason or set of variants
	readable   fault = "readable"   // something of an erased photo can still be read
)

var allFaults = []fault{lost, corrupt, stale, unexpected, wrong, readable}

// finding is a fault and its place.
type finding struct {
	fault fault
	key   string
	text  string
}

// leftover reports whether the finding is a variant that no manifest names. A worker that was frozen or killed can
// leave one, for the sweep to find.
func (f finding) leftover() bool {
	return f.fault == stale && !strings.HasSuffix(f.key, "/"+photo.ManifestName)
}

func (f finding) String() string { return fmt.Sprintf("%s  %s: %s", f.fault, f.key, f.text) }
