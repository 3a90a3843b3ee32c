package pngscan

import "golang.org/x/sys/cpu"

// hasVectors reports whether this machine has the instructions that the vector code uses.
var hasVectors = cpu.X86.HasAVX2
