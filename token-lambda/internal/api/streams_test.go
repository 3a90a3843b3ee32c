package api

import "testing"

func TestStreamsOfACaller(t *testing.T) {
	s := streams{most: maxCallerStreams + 5}
	for i := range maxCallerStreams {
		if !s.begin("ann") {
			t.Fatalf("stream %d of a caller is refused", i)
		}
	}
	if s.begin("ann") {
		t.Error("a caller has more than the limit")
	}
	for i := range 5 {
		if !s.begin("bob") {
			t.Errorf("stream %d of another caller is refused", i)
		}
	}
	if s.begin("eve") {
		t.Error("the server has more than its limit")
	}
	s.end("ann")
	if !s.begin("eve") {
		t.Error("the room of a stream that has ended is not used")
	}
	for range maxCallerStreams - 1 {
		s.end("ann")
	}
	for range 5 {
		s.end("bob")
	}
	if s.end("eve"); s.open != 0 || len(s.byCaller) != 0 {
		t.Errorf("all have ended, and %d are open: %v", s.open, s.byCaller)
	}
}
