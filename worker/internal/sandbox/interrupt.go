package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// wazero can end a module when its context ends, but libaom then takes six times as long, because every turn of a loop
// calls Go. So this package changes the module before it is compiled: at each turn, a loop reads a word of the module's
// memory and traps if the word is not 0. That adds 1.5 % to the instructions of encoding and decoding an AVIF.
//
// Innermost loops without a call are not changed, because a check in them would add another 13 %. They loop over the
// pixels of a row or the words of a block of memory. No codec here has an innermost loop that input data alone can keep
// running.

// stopAddress is the address of the word. C programs keep the first kilobyte free, because null pointers lead there.
const stopAddress = 16

// loopCheck is the code at the beginning of a loop (WebAssembly 2.0, 5.4): read the word, and trap if it is not 0.
var loopCheck = []byte{
	0x41, stopAddress, // i32.const
	0x28, 2, 0, // i32.load, with alignment and offset
	0x04, 0x40, // if, without parameters or results
	0x00, // unreachable
	0x0b, // end
}

// Sections of a module (5.5.2).
const (
	codeSection = 10
	dataSection = 11
)

var errModule = errors.New("not a WebAssembly module that can be made interruptible")

// interruptible returns the module with the check in its loops. It returns an error that wraps errModule if the module
// has an instruction that this package does not know, or if its initial data begin before the end of the word.
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

// addChecks returns the code section with a check at the beginning of each loop that outerLoops finds.
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

// checkData returns an error if initial data of the memory begin before the end of the word.
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

// outerLoops returns, for each loop that contains another loop or a call, the offset where its body begins.
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
