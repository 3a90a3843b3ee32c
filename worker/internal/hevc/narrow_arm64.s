// Code generated from narrow_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

//go:build !noasm

#include "textflag.h"

// func narrowVector(dst *byte, src *uint16, n int)
TEXT ·narrowVector(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2
	WORD $0xacc10420 // ldp q0, q1, [x1], #32
	WORD $0xacc10c22 // ldp q2, q3, [x1], #32
	WORD $0x4e011800 // uzp1 v0.16b, v0.16b, v1.16b
	WORD $0x4e031842 // uzp1 v2.16b, v2.16b, v3.16b
	WORD $0xac810800 // stp q0, q2, [x0], #32
	WORD $0xf1008042 // subs x2, x2, #0x20
	WORD $0x54ffff41 // b.ne 0
	RET
