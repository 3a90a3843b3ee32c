package jpegscan

// hasVectors says that this machine has the instructions of the vector code. NEON is part of every arm64 processor.
const hasVectors = true
