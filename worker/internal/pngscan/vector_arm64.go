package pngscan

// hasVectors reports whether this machine has the instructions that the vector code uses. NEON is part of every arm64
// processor.
const hasVectors = true
