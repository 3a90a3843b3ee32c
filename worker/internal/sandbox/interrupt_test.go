package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// section returns a section of a module.
func section(id byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return append(binary.AppendUvarint([]byte{id}, uint64(len(body))), body...)
}

// spinning returns a module whose function "spin" has the given code. It has one page of memory, and data at address.
func spinning(code []byte, address byte) []byte {
	function := append([]byte{0}, code...) // no locals
	return slices.Concat([]byte("\x00asm\x01\x00\x00\x00"),
		section(1, []byte{1, 0x60, 0, 0}), // a function type without parameters or results
		section(3, []byte{1, 0}),          // a function of that type
		section(5, []byte{1, 0, 1}),       // a memory
		section(7, []byte{1, 4}, []byte("spin"), []byte{0, 0}),
		section(codeSection, binary.AppendUvarint([]byte{1}, uint64(len(function))), function),
		section(dataSection, []byte{1, 0, opI32Const, address, opEnd, 1, 7}))
}

// pack compresses a module in the way that the codec libraries do.
func pack(t *testing.T, module []byte) *Module {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(module); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	packed := b.Bytes()
	return NewModule(&packed)
}

// forever is a loop that never ends, with an inner loop that ends at once.
var forever = []byte{
	opLoop, 0x40, opLoop, 0x40, opEnd, 0x0c, 0, opEnd, // loop loop end br 0 end
	opEnd,
}

// TestRunEndsWithItsContext would never end without the check in the loops.
func TestRunEndsWithItsContext(t *testing.T) {
	m := pack(t, spinning(forever, 32))
	for _, before := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		if before {
			cancel()
		}
		err := m.Run(ctx, NewMemory(1), func(i *Instance) error {
			go cancel()
			_, err := i.Call("spin")
			return err
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled before %v: %v", before, err)
		}
	}
	ended := []byte{opLoop, 0x40, opLoop, 0x40, opEnd, opEnd, opEnd}
	if err := pack(t, spinning(ended, 32)).Run(t.Context(), NewMemory(1), func(i *Instance) error {
		_, err := i.Call("spin")
		return err
	}); err != nil {
		t.Errorf("a codec that ends: %v", err)
	}
}

// TestStopSurvivesGrowth checks that the word is still set after the memory has moved.
func TestStopSurvivesGrowth(t *testing.T) {
	m := NewMemory(1)
	m.Allocate(0, 1<<32).Reallocate(64 << 10)
	m.stop()
	for _, size := range []uint64{64 << 10, 1 << 20} {
		if b := m.Reallocate(size); b[stopAddress] != 1 {
			t.Errorf("%d bytes: the word is gone", size)
		}
	}
}

// TestOnlyOuterLoopsAreChecked counts the checks in functions.
func TestOnlyOuterLoopsAreChecked(t *testing.T) {
	call := []byte{opCall, 0}
	loop := func(body ...[]byte) []byte {
		return slices.Concat([]byte{opLoop, 0x40}, slices.Concat(body...), []byte{opEnd})
	}
	block := func(body ...[]byte) []byte {
		return slices.Concat([]byte{opBlock, 0x40}, slices.Concat(body...), []byte{opEnd})
	}
	for name, tc := range map[string]struct {
		code   []byte
		checks int
	}{
		"none":                        {call, 0},
		"innermost":                   {loop(), 0},
		"with a call":                 {loop(call), 1},
		"with an indirect call":       {loop([]byte{opCallIndirect, 0, 0}), 1},
		"with a call in a block":      {loop(block(call)), 1},
		"two, one in the other":       {loop(loop()), 1},
		"three":                       {loop(block(loop(loop()))), 2},
		"two, one after the other":    {slices.Concat(loop(), loop(call)), 1},
		"constants that look like it": {slices.Concat([]byte{opI32Const, opLoop, 0x1a}, loop()), 0},
	} {
		module := spinning(append(tc.code, opEnd), 32)
		got, err := interruptible(module)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := bytes.Count(got, loopCheck); n != tc.checks {
			t.Errorf("%s: %d checks, want %d", name, n, tc.checks)
		}
	}
}

func TestModulesThatCannotBeInterrupted(t *testing.T) {
	for name, module := range map[string][]byte{
		"empty":                {},
		"no module":            []byte("\x7fELF\x01\x00\x00\x00"),
		"cut":                  spinning(forever, 32)[:50],
		"unknown instruction":  spinning([]byte{0x27, opEnd}, 32),
		"unknown after prefix": spinning([]byte{opVector, 0x80, 2, opEnd}, 32),
		"code after its end":   spinning([]byte{opEnd, 0x01}, 32),
		"data at the word":     spinning(forever, stopAddress),
	} {
		if _, err := interruptible(module); !errors.Is(err, errModule) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzInterruptible checks that any input gives a module or an error.
func FuzzInterruptible(f *testing.F) {
	f.Add(spinning(forever, 32))
	f.Add(spinning([]byte{0x44, 1, 2, 3, 4, 5, 6, 7, 8, 0x0e, 1, 0, 0, opEnd}, 32))
	f.Fuzz(func(t *testing.T, module []byte) {
		if _, err := interruptible(module); err != nil && !errors.Is(err, errModule) {
			t.Error(err)
		}
	})
}
