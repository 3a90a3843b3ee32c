package jpegscan

import "golang.org/x/sys/cpu"

// hasVectors says that this machine has the instructions of the vector code.
var hasVectors = cpu.X86.HasAVX2
