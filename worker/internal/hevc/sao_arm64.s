// Code generated from sao_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

//go:build !noasm

#include "textflag.h"

// func offsetEdgesVector(dst, src, a, b *uint16, n int, table *[8]int16, top uint16)
TEXT ·offsetEdgesVector(SB), NOSPLIT, $0-50
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  a+16(FP), R2
	MOVD  b+24(FP), R3
	MOVD  n+32(FP), R4
	MOVD  table+40(FP), R5
	MOVHU top+48(FP), R9
	WORD $0x4e020d31 // dup v17.8h, w9
	WORD $0x3dc000b0 // ldr q16, [x5]
	WORD $0x4f008412 // movi v18.8h, #0x0
	WORD $0x5280a089 // mov w9, #0x504                  // #1284
	WORD $0x4e020d33 // dup v19.8h, w9
	WORD $0x4f00e454 // movi v20.16b, #0x2
	WORD $0xd37ff884 // lsl x4, x4, #1
	WORD $0xd2800006 // mov x6, #0x0                    // #0
	WORD $0xf1008085 // subs x5, x4, #0x20
	WORD $0xd1004087 // sub x7, x4, #0x10
	WORD $0x5400052b // b.lt cc
	WORD $0x910040c8 // add x8, x6, #0x10
	WORD $0x3ce66820 // ldr q0, [x1, x6]
	WORD $0x3ce66841 // ldr q1, [x2, x6]
	WORD $0x3ce66862 // ldr q2, [x3, x6]
	WORD $0x6e603423 // cmhi v3.8h, v1.8h, v0.8h
	WORD $0x6e613401 // cmhi v1.8h, v0.8h, v1.8h
	WORD $0x6e618463 // sub v3.8h, v3.8h, v1.8h
	WORD $0x6e603441 // cmhi v1.8h, v2.8h, v0.8h
	WORD $0x6e623402 // cmhi v2.8h, v0.8h, v2.8h
	WORD $0x4e618463 // add v3.8h, v3.8h, v1.8h
	WORD $0x6e628463 // sub v3.8h, v3.8h, v2.8h
	WORD $0x4eb31e61 // mov v1.16b, v19.16b
	WORD $0x4e749461 // mla v1.8h, v3.8h, v20.8h
	WORD $0x4e010201 // tbl v1.16b, {v16.16b}, v1.16b
	WORD $0x4e618400 // add v0.8h, v0.8h, v1.8h
	WORD $0x4e726400 // smax v0.8h, v0.8h, v18.8h
	WORD $0x4e716c00 // smin v0.8h, v0.8h, v17.8h
	WORD $0x3ca66800 // str q0, [x0, x6]
	WORD $0x3ce86824 // ldr q4, [x1, x8]
	WORD $0x3ce86845 // ldr q5, [x2, x8]
	WORD $0x3ce86866 // ldr q6, [x3, x8]
	WORD $0x6e6434a7 // cmhi v7.8h, v5.8h, v4.8h
	WORD $0x6e653485 // cmhi v5.8h, v4.8h, v5.8h
	WORD $0x6e6584e7 // sub v7.8h, v7.8h, v5.8h
	WORD $0x6e6434c5 // cmhi v5.8h, v6.8h, v4.8h
	WORD $0x6e663486 // cmhi v6.8h, v4.8h, v6.8h
	WORD $0x4e6584e7 // add v7.8h, v7.8h, v5.8h
	WORD $0x6e6684e7 // sub v7.8h, v7.8h, v6.8h
	WORD $0x4eb31e65 // mov v5.16b, v19.16b
	WORD $0x4e7494e5 // mla v5.8h, v7.8h, v20.8h
	WORD $0x4e050205 // tbl v5.16b, {v16.16b}, v5.16b
	WORD $0x4e658484 // add v4.8h, v4.8h, v5.8h
	WORD $0x4e726484 // smax v4.8h, v4.8h, v18.8h
	WORD $0x4e716c84 // smin v4.8h, v4.8h, v17.8h
	WORD $0x3ca86804 // str q4, [x0, x8]
	WORD $0x910080c6 // add x6, x6, #0x20
	WORD $0xeb0500df // cmp x6, x5
	WORD $0x54fffb6d // b.le 2c
	WORD $0xeb0400df // cmp x6, x4
	WORD $0x540002e0 // b.eq 124
	WORD $0xeb0700df // cmp x6, x7
	WORD $0x9a87b0c6 // csel x6, x6, x7, lt // lt = tstop
	WORD $0x3ce66820 // ldr q0, [x1, x6]
	WORD $0x3ce66841 // ldr q1, [x2, x6]
	WORD $0x3ce66862 // ldr q2, [x3, x6]
	WORD $0x6e603423 // cmhi v3.8h, v1.8h, v0.8h
	WORD $0x6e613401 // cmhi v1.8h, v0.8h, v1.8h
	WORD $0x6e618463 // sub v3.8h, v3.8h, v1.8h
	WORD $0x6e603441 // cmhi v1.8h, v2.8h, v0.8h
	WORD $0x6e623402 // cmhi v2.8h, v0.8h, v2.8h
	WORD $0x4e618463 // add v3.8h, v3.8h, v1.8h
	WORD $0x6e628463 // sub v3.8h, v3.8h, v2.8h
	WORD $0x4eb31e61 // mov v1.16b, v19.16b
	WORD $0x4e749461 // mla v1.8h, v3.8h, v20.8h
	WORD $0x4e010201 // tbl v1.16b, {v16.16b}, v1.16b
	WORD $0x4e618400 // add v0.8h, v0.8h, v1.8h
	WORD $0x4e726400 // smax v0.8h, v0.8h, v18.8h
	WORD $0x4e716c00 // smin v0.8h, v0.8h, v17.8h
	WORD $0x3ca66800 // str q0, [x0, x6]
	WORD $0x910040c6 // add x6, x6, #0x10
	WORD $0xeb0400df // cmp x6, x4
	WORD $0x54fffd6b // b.lt cc
	RET

// func offsetBandsVector(dst, src *uint16, n int, table *[8]int16, shift int, first, top uint16)
TEXT ·offsetBandsVector(SB), NOSPLIT, $0-44
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R4
	MOVD  table+24(FP), R5
	MOVD  shift+32(FP), R10
	MOVHU first+40(FP), R11
	MOVHU top+42(FP), R9
	WORD $0x4e020d31 // dup v17.8h, w9
	WORD $0x3dc000b0 // ldr q16, [x5]
	WORD $0x4f008412 // movi v18.8h, #0x0
	WORD $0x52802009 // mov w9, #0x100                  // #256
	WORD $0x4e020d33 // dup v19.8h, w9
	WORD $0x4f00e454 // movi v20.16b, #0x2
	WORD $0x4b0a03ea // neg w10, w10
	WORD $0x4e020d55 // dup v21.8h, w10
	WORD $0x4e020d76 // dup v22.8h, w11
	WORD $0x4f0087f7 // movi v23.8h, #0x1f
	WORD $0x4f008498 // movi v24.8h, #0x4
	WORD $0xd37ff884 // lsl x4, x4, #1
	WORD $0xd2800006 // mov x6, #0x0                    // #0
	WORD $0xf1008085 // subs x5, x4, #0x20
	WORD $0xd1004087 // sub x7, x4, #0x10
	WORD $0x540003eb // b.lt b8
	WORD $0x910040c8 // add x8, x6, #0x10
	WORD $0x3ce66820 // ldr q0, [x1, x6]
	WORD $0x6e754401 // ushl v1.8h, v0.8h, v21.8h
	WORD $0x6e768421 // sub v1.8h, v1.8h, v22.8h
	WORD $0x4e371c21 // and v1.16b, v1.16b, v23.16b
	WORD $0x6e786c21 // umin v1.8h, v1.8h, v24.8h
	WORD $0x4eb31e62 // mov v2.16b, v19.16b
	WORD $0x4e749422 // mla v2.8h, v1.8h, v20.8h
	WORD $0x4e020202 // tbl v2.16b, {v16.16b}, v2.16b
	WORD $0x4e628400 // add v0.8h, v0.8h, v2.8h
	WORD $0x4e726400 // smax v0.8h, v0.8h, v18.8h
	WORD $0x4e716c00 // smin v0.8h, v0.8h, v17.8h
	WORD $0x3ca66800 // str q0, [x0, x6]
	WORD $0x3ce86824 // ldr q4, [x1, x8]
	WORD $0x6e754485 // ushl v5.8h, v4.8h, v21.8h
	WORD $0x6e7684a5 // sub v5.8h, v5.8h, v22.8h
	WORD $0x4e371ca5 // and v5.16b, v5.16b, v23.16b
	WORD $0x6e786ca5 // umin v5.8h, v5.8h, v24.8h
	WORD $0x4eb31e66 // mov v6.16b, v19.16b
	WORD $0x4e7494a6 // mla v6.8h, v5.8h, v20.8h
	WORD $0x4e060206 // tbl v6.16b, {v16.16b}, v6.16b
	WORD $0x4e668484 // add v4.8h, v4.8h, v6.8h
	WORD $0x4e726484 // smax v4.8h, v4.8h, v18.8h
	WORD $0x4e716c84 // smin v4.8h, v4.8h, v17.8h
	WORD $0x3ca86804 // str q4, [x0, x8]
	WORD $0x910080c6 // add x6, x6, #0x20
	WORD $0xeb0500df // cmp x6, x5
	WORD $0x54fffcad // b.le 40
	WORD $0xeb0400df // cmp x6, x4
	WORD $0x54000240 // b.eq fc
	WORD $0xeb0700df // cmp x6, x7
	WORD $0x9a87b0c6 // csel x6, x6, x7, lt // lt = tstop
	WORD $0x3ce66820 // ldr q0, [x1, x6]
	WORD $0x6e754401 // ushl v1.8h, v0.8h, v21.8h
	WORD $0x6e768421 // sub v1.8h, v1.8h, v22.8h
	WORD $0x4e371c21 // and v1.16b, v1.16b, v23.16b
	WORD $0x6e786c21 // umin v1.8h, v1.8h, v24.8h
	WORD $0x4eb31e62 // mov v2.16b, v19.16b
	WORD $0x4e749422 // mla v2.8h, v1.8h, v20.8h
	WORD $0x4e020202 // tbl v2.16b, {v16.16b}, v2.16b
	WORD $0x4e628400 // add v0.8h, v0.8h, v2.8h
	WORD $0x4e726400 // smax v0.8h, v0.8h, v18.8h
	WORD $0x4e716c00 // smin v0.8h, v0.8h, v17.8h
	WORD $0x3ca66800 // str q0, [x0, x6]
	WORD $0x910040c6 // add x6, x6, #0x10
	WORD $0xeb0400df // cmp x6, x4
	WORD $0x54fffe0b // b.lt b8
	RET
