package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// wazero can end a module with its context, but that makes libaom take six times as long: every turn of a loop then calls
// Go. So this package changes the module before it is compiled. Loops read a word of the module's memory at each turn, and
// trap if it is not 0. That adds 1.5 % to the instructions of encoding and decoding an AVIF.
//
// Innermost loops that call nothing are left alone, for the check in them would add another 13 %. They are those over the
// pixels of a row or the words of a block of memory, and codecs have none that the data alone can keep running.

// stopAddress is the address of the word. C programs have nothing in the first kilobyte, where a null pointer leads.
const stopAddress = 16

// loopCheck is what a loop begins with (WebAssembly 2.0, 5.4): read the word, and trap if it is not 0.
var loopCheck = []byte{
	0x41, stopAddress, // i32.const
	0x28, 2, 0, // i32.load, with alignment and offset
	0x04, 0x40, // if, without parameters and results
	0x00, // unreachable
	0x0b, // end
}

// Sections of a module (5.5.2).
const (
	codeSection = 10
	dataSection = 11
)

var errModule = errors.New("not a WebAssembly module that can be made interruptible")

// interruptible returns the module with the check in its loops. The error wraps errModule if the module has an
// instruction that is not known here, or if its data begin below the end of the word.
func interruptible(module []byte) ([]byte, error) {
	const header = 8 // magic number and version
	if len(module) < header || string(module[:4]) != "\x00asm" {
		return nil, errModule
	}
	out := slices.Clone(module[:header])
	for r := (&wasm{data: module, pos: header}); r.pos < len(module) && !r.failed; {
		id := r.byte()
		body := r.bytes(int(r.u32()))
		switch id {
		case codeSection:
			changed, err := addChecks(body)
			if err != nil {
				return nil, err
			}
			body = changed
		case dataSection:
			if err := checkData(body); err != nil {
				return nil, err
			}
		}
		if r.failed {
			return nil, errModule
		}
		out = append(binary.AppendUvarint(append(out, id), uint64(len(body))), body...)
	}
	return out, nil
}

// addChecks returns the code section with a check at the beginning of each outer loop.
func addChecks(section []byte) ([]byte, error) {
	r := &wasm{data: section}
	count := r.u32()
	out := binary.AppendUvarint(nil, uint64(count))
	for i := range count {
		body := &wasm{data: r.bytes(int(r.u32()))}
		for range body.u32() { // groups of locals
			body.u32()
			body.byte()
		}
		start := body.pos
		loops := body.outerLoops()
		code := slices.Clone(body.data[:start])
		for _, at := range loops {
			code = append(append(code, body.data[start:at]...), loopCheck...)
			start = at
		}
		code = append(code, body.data[start:]...)
		if r.failed || body.failed {
			return nil, fmt.Errorf("%w: function %d", errModule, i)
		}
		out = append(binary.AppendUvarint(out, uint64(len(code))), code...)
	}
	return out, nil
}

// checkData returns an error if the initial data of the memory reach the word.
func checkData(section []byte) error {
	r := &wasm{data: section}
	for range r.u32() {
		if kind := r.u32(); kind != 0 {
			return fmt.Errorf("%w: a data segment of kind %d", errModule, kind)
		}
		if r.byte() != opI32Const {
			return fmt.Errorf("%w: a data segment without a constant address", errModule)
		}
		address := r.s32()
		if r.byte() != opEnd || r.failed || address < stopAddress+4 {
			return fmt.Errorf("%w: data at address %d", errModule, address)
		}
		r.bytes(int(r.u32()))
	}
	return nil
}

// outerLoops returns where the bodies of loops begin that have another loop or a call in them.
func (r *wasm) outerLoops() (starts []int) {
	type block struct {
		start int // offset of a loop's body, 0 for another block
		outer bool
	}
	blocks := []block{{}} // the function itself
	for r.pos < len(r.data) && !r.failed {
		switch op := r.instruction(); op {
		case opBlock, opIf:
			blocks = append(blocks, block{})
		case opLoop:
			blocks = append(blocks, block{start: r.pos})
		case opCall, opCallIndirect:
			blocks[len(blocks)-1].outer = true
		case opEnd:
			b := blocks[len(blocks)-1]
			if blocks = blocks[:len(blocks)-1]; len(blocks) == 0 {
				r.failed = r.failed || r.pos < len(r.data)
				continue
			}
			if b.start > 0 && b.outer {
				starts = append(starts, b.start)
			}
			above := &blocks[len(blocks)-1]
			above.outer = above.outer || b.outer || b.start > 0
		}
	}
	slices.Sort(starts)
	return starts
}
