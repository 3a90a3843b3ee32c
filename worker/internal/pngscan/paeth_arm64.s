// Code generated from paeth_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

#include "textflag.h"

// func paethVector(row, above []byte, pixel, count int)
TEXT ·paethVector(SB), NOSPLIT, $0-64
	MOVD row_base+0(FP), R0
	MOVD above_base+24(FP), R1
	MOVD pixel+48(FP), R2
	MOVD count+56(FP), R3
	WORD $0x0f00e400 // movi v0.8b, #0x0
	WORD $0x0f00e401 // movi v1.8b, #0x0
	WORD $0xbd400003 // ldr s3, [x0]
	WORD $0xf1000c5f // cmp x2, #0x3
	WORD $0x54000861 // b.ne 11c
	WORD $0x2f00e4ff // movi d31, #0xffffff
	WORD $0x36000303 // tbz w3, #0, 78
	WORD $0xbc403422 // ldr s2, [x1], #3
	WORD $0xbc403004 // ldur s4, [x0, #3]
	WORD $0x0e3f1c42 // and v2.8b, v2.8b, v31.8b
	WORD $0x2e220005 // uaddl v5.8h, v0.8b, v2.8b
	WORD $0x2e210030 // uaddl v16.8h, v1.8b, v1.8b
	WORD $0x2e217046 // uabdl v6.8h, v2.8b, v1.8b
	WORD $0x2e217007 // uabdl v7.8h, v0.8b, v1.8b
	WORD $0x6e7074b0 // uabd v16.8h, v5.8h, v16.8h
	WORD $0x6e676cd1 // umin v17.8h, v6.8h, v7.8h
	WORD $0x6e706e31 // umin v17.8h, v17.8h, v16.8h
	WORD $0x6e718cc6 // cmeq v6.8h, v6.8h, v17.8h
	WORD $0x6e718ce7 // cmeq v7.8h, v7.8h, v17.8h
	WORD $0x0e2128c6 // xtn v6.8b, v6.8h
	WORD $0x0e2128e7 // xtn v7.8b, v7.8h
	WORD $0x2e611c47 // bsl v7.8b, v2.8b, v1.8b
	WORD $0x2e671c06 // bsl v6.8b, v0.8b, v7.8b
	WORD $0x0e2384c0 // add v0.8b, v6.8b, v3.8b
	WORD $0xbc003400 // str s0, [x0], #3
	WORD $0x0e3f1c00 // and v0.8b, v0.8b, v31.8b
	WORD $0x0ea21c41 // mov v1.8b, v2.8b
	WORD $0x0ea41c83 // mov v3.8b, v4.8b
	WORD $0xf1000463 // subs x3, x3, #0x1
	WORD $0x54000520 // b.eq 118
	WORD $0xbc403422 // ldr s2, [x1], #3
	WORD $0xbc403004 // ldur s4, [x0, #3]
	WORD $0x0e3f1c42 // and v2.8b, v2.8b, v31.8b
	WORD $0x2e220005 // uaddl v5.8h, v0.8b, v2.8b
	WORD $0x2e210030 // uaddl v16.8h, v1.8b, v1.8b
	WORD $0x2e217046 // uabdl v6.8h, v2.8b, v1.8b
	WORD $0x2e217007 // uabdl v7.8h, v0.8b, v1.8b
	WORD $0x6e7074b0 // uabd v16.8h, v5.8h, v16.8h
	WORD $0x6e676cd1 // umin v17.8h, v6.8h, v7.8h
	WORD $0x6e706e31 // umin v17.8h, v17.8h, v16.8h
	WORD $0x6e718cc6 // cmeq v6.8h, v6.8h, v17.8h
	WORD $0x6e718ce7 // cmeq v7.8h, v7.8h, v17.8h
	WORD $0x0e2128c6 // xtn v6.8b, v6.8h
	WORD $0x0e2128e7 // xtn v7.8b, v7.8h
	WORD $0x2e611c47 // bsl v7.8b, v2.8b, v1.8b
	WORD $0x2e671c06 // bsl v6.8b, v0.8b, v7.8b
	WORD $0x0e2384c0 // add v0.8b, v6.8b, v3.8b
	WORD $0xbc003400 // str s0, [x0], #3
	WORD $0x0e3f1c00 // and v0.8b, v0.8b, v31.8b
	WORD $0xbc403421 // ldr s1, [x1], #3
	WORD $0xbc403003 // ldur s3, [x0, #3]
	WORD $0x0e3f1c21 // and v1.8b, v1.8b, v31.8b
	WORD $0x2e210005 // uaddl v5.8h, v0.8b, v1.8b
	WORD $0x2e220050 // uaddl v16.8h, v2.8b, v2.8b
	WORD $0x2e227026 // uabdl v6.8h, v1.8b, v2.8b
	WORD $0x2e227007 // uabdl v7.8h, v0.8b, v2.8b
	WORD $0x6e7074b0 // uabd v16.8h, v5.8h, v16.8h
	WORD $0x6e676cd1 // umin v17.8h, v6.8h, v7.8h
	WORD $0x6e706e31 // umin v17.8h, v17.8h, v16.8h
	WORD $0x6e718cc6 // cmeq v6.8h, v6.8h, v17.8h
	WORD $0x6e718ce7 // cmeq v7.8h, v7.8h, v17.8h
	WORD $0x0e2128c6 // xtn v6.8b, v6.8h
	WORD $0x0e2128e7 // xtn v7.8b, v7.8h
	WORD $0x2e621c27 // bsl v7.8b, v1.8b, v2.8b
	WORD $0x2e671c06 // bsl v6.8b, v0.8b, v7.8b
	WORD $0x0e2484c0 // add v0.8b, v6.8b, v4.8b
	WORD $0xbc003400 // str s0, [x0], #3
	WORD $0x0e3f1c00 // and v0.8b, v0.8b, v31.8b
	WORD $0xf1000863 // subs x3, x3, #0x2
	WORD $0x54fffb21 // b.ne 78
	WORD $0x1400003b // b 204
	WORD $0x360002c3 // tbz w3, #0, 174
	WORD $0xbc404422 // ldr s2, [x1], #4
	WORD $0xbd400404 // ldr s4, [x0, #4]
	WORD $0x2e220005 // uaddl v5.8h, v0.8b, v2.8b
	WORD $0x2e210030 // uaddl v16.8h, v1.8b, v1.8b
	WORD $0x2e217046 // uabdl v6.8h, v2.8b, v1.8b
	WORD $0x2e217007 // uabdl v7.8h, v0.8b, v1.8b
	WORD $0x6e7074b0 // uabd v16.8h, v5.8h, v16.8h
	WORD $0x6e676cd1 // umin v17.8h, v6.8h, v7.8h
	WORD $0x6e706e31 // umin v17.8h, v17.8h, v16.8h
	WORD $0x6e718cc6 // cmeq v6.8h, v6.8h, v17.8h
	WORD $0x6e718ce7 // cmeq v7.8h, v7.8h, v17.8h
	WORD $0x0e2128c6 // xtn v6.8b, v6.8h
	WORD $0x0e2128e7 // xtn v7.8b, v7.8h
	WORD $0x2e611c47 // bsl v7.8b, v2.8b, v1.8b
	WORD $0x2e671c06 // bsl v6.8b, v0.8b, v7.8b
	WORD $0x0e2384c0 // add v0.8b, v6.8b, v3.8b
	WORD $0xbc004400 // str s0, [x0], #4
	WORD $0x0ea21c41 // mov v1.8b, v2.8b
	WORD $0x0ea41c83 // mov v3.8b, v4.8b
	WORD $0xf1000463 // subs x3, x3, #0x1
	WORD $0x540004a0 // b.eq 204
	WORD $0xbc404422 // ldr s2, [x1], #4
	WORD $0xbd400404 // ldr s4, [x0, #4]
	WORD $0x2e220005 // uaddl v5.8h, v0.8b, v2.8b
	WORD $0x2e210030 // uaddl v16.8h, v1.8b, v1.8b
	WORD $0x2e217046 // uabdl v6.8h, v2.8b, v1.8b
	WORD $0x2e217007 // uabdl v7.8h, v0.8b, v1.8b
	WORD $0x6e7074b0 // uabd v16.8h, v5.8h, v16.8h
	WORD $0x6e676cd1 // umin v17.8h, v6.8h, v7.8h
	WORD $0x6e706e31 // umin v17.8h, v17.8h, v16.8h
	WORD $0x6e718cc6 // cmeq v6.8h, v6.8h, v17.8h
	WORD $0x6e718ce7 // cmeq v7.8h, v7.8h, v17.8h
	WORD $0x0e2128c6 // xtn v6.8b, v6.8h
	WORD $0x0e2128e7 // xtn v7.8b, v7.8h
	WORD $0x2e611c47 // bsl v7.8b, v2.8b, v1.8b
	WORD $0x2e671c06 // bsl v6.8b, v0.8b, v7.8b
	WORD $0x0e2384c0 // add v0.8b, v6.8b, v3.8b
	WORD $0xbc004400 // str s0, [x0], #4
	WORD $0xbc404421 // ldr s1, [x1], #4
	WORD $0xbd400403 // ldr s3, [x0, #4]
	WORD $0x2e210005 // uaddl v5.8h, v0.8b, v1.8b
	WORD $0x2e220050 // uaddl v16.8h, v2.8b, v2.8b
	WORD $0x2e227026 // uabdl v6.8h, v1.8b, v2.8b
	WORD $0x2e227007 // uabdl v7.8h, v0.8b, v2.8b
	WORD $0x6e7074b0 // uabd v16.8h, v5.8h, v16.8h
	WORD $0x6e676cd1 // umin v17.8h, v6.8h, v7.8h
	WORD $0x6e706e31 // umin v17.8h, v17.8h, v16.8h
	WORD $0x6e718cc6 // cmeq v6.8h, v6.8h, v17.8h
	WORD $0x6e718ce7 // cmeq v7.8h, v7.8h, v17.8h
	WORD $0x0e2128c6 // xtn v6.8b, v6.8h
	WORD $0x0e2128e7 // xtn v7.8b, v7.8h
	WORD $0x2e621c27 // bsl v7.8b, v1.8b, v2.8b
	WORD $0x2e671c06 // bsl v6.8b, v0.8b, v7.8b
	WORD $0x0e2484c0 // add v0.8b, v6.8b, v4.8b
	WORD $0xbc004400 // str s0, [x0], #4
	WORD $0xf1000863 // subs x3, x3, #0x2
	WORD $0x54fffba1 // b.ne 174
	RET
