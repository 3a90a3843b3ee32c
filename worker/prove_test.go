package main

import (
	"testing"

	"darkroom/worker/photo"
)

// TestProve follows a photo from its upload to its erasure, and asks about one that never existed.
func TestProve(t *testing.T) {
	t.Parallel()
	o := operate(t)
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	o.put(t, o.uploads, ref.Key(), []byte("no picture"))
	wantIn(t, o.run(t, 1, "prove", ref.Key()), "uploads\t"+ref.Key()+"\tversion", "there is no tombstone", "the photo is not erased: 1 object still there")
	wantIn(t, o.run(t, 0, "erase", "--board", "cats"), "1 photo removed")
	wantIn(t, o.run(t, 0, "sweep", "--older-than", "0s"), "1 event sent")
	o.work(t)
	wantIn(t, o.run(t, 0, "prove", ref.Key()), "erased at ", "nothing else answers")

	unknown := photo.Ref{Board: "cats", ID: photo.NewID()}
	wantIn(t, o.run(t, 3, "prove", unknown.Key()), "no record of photo "+unknown.Key()+": the id may be wrong, or its tombstone has expired")
}
