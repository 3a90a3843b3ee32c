package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestReportsOfBothPools(t *testing.T) {
	draining, refused := errors.New("draining"), errors.New("access denied")
	for _, tc := range []struct {
		events, photos error
		want           string
	}{
		{nil, nil, "<nil>"},
		{refused, nil, "events: access denied"},
		{nil, refused, "access denied"},
		{draining, errors.New("draining"), "draining"},
		{refused, draining, "events: access denied; photos: draining"},
	} {
		if got := fmt.Sprint(joinReports(tc.events, tc.photos)); got != tc.want {
			t.Errorf("events %v, photos %v: %q, want %q", tc.events, tc.photos, got, tc.want)
		}
	}
}

// TestBusyPools has two pools become busy and idle: one while the other is busy, and one after the other.
func TestBusyPools(t *testing.T) {
	var heard []bool
	each := anyBusy(func(busy bool) { heard = append(heard, busy) })
	first, second := each(), each()
	for _, call := range []func(){
		func() { first(true) }, func() { second(true) }, func() { first(false) }, func() { first(true) }, func() { second(false) }, func() { first(false) },
		func() { second(true) }, func() { second(false) },
	} {
		call()
	}
	if want := []bool{true, false, true, false}; !slices.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
}
