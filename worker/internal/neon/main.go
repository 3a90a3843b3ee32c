// Command neon assembles the arm64 vector kernels. Go's assembler lacks most NEON instructions, and a plain go build
// must be enough to compile them. So the kernels are written in A64 assembly in files named x_arm64.neon, and this
// program translates each of them to x_arm64.s: the same functions for Go's assembler, with every A64 instruction as an
// encoded word and a comment that shows it.
//
// To write a kernel, declare its function in Go and write x_arm64.neon beside it:
//
//	// func addNEON(dst, src *[4]int32)
//	TEXT ·addNEON(SB), NOSPLIT, $0-16
//		MOVD dst+0(FP), R0
//		MOVD src+8(FP), R1
//		ldr  q0, [x0]
//		ldr  q1, [x1]
//		add  v0.4s, v0.4s, v1.4s // GNU syntax
//		str  q0, [x0]
//		RET
//
// Then add this line to a Go file that every architecture compiles, and run go generate and GOARCH=arm64 go vet there:
//
//	//go:generate go run darkroom/worker/internal/neon x_arm64.neon
//
// Lines for Go's assembler begin with a capital letter, #, or // in column one: TEXT, loads of arguments, stores of
// results, RET. All others go to GNU as, which knows every instruction, numeric labels, .rept and .macro.
//
// The A64 lines of a function stand together, between the loads of arguments and the stores of results. They may branch
// only among themselves, and must leave by their last line. A macro begins and ends in column one, between functions,
// and is available to the functions after it. Kernels may use R0 to R17, R19 to R26 and V0 to V31. They must not change
// the stack pointer, R18, or R27 to R30.
//
// The program needs GNU as and objdump for A64: binutils-aarch64-linux-gnu in Debian, or plain binutils on arm64.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	for _, name := range os.Args[1:] {
		if err := convert(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// convert writes the Go assembly of a kernel file to the same folder.
func convert(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	out, err := translate(name, string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(output(name), []byte(out), 0o644)
}

// output returns the name of the Go assembly of a kernel file.
func output(name string) string { return strings.TrimSuffix(name, ".neon") + ".s" }
