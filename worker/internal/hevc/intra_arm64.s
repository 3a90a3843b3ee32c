// Code generated from intra_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

//go:build !noasm

#include "textflag.h"

// func predictAlongVector(dst *uint16, stride int, ref *uint16, angle, size int)
TEXT ·predictAlongVector(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD ref+16(FP), R2
	MOVD angle+24(FP), R3
	MOVD size+32(FP), R4
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xaa0303e5 // mov x5, x3
	WORD $0xf100209f // cmp x4, #0x8
	WORD $0x540007eb // b.lt 108
	WORD $0x54000600 // b.eq d0
	WORD $0xf100409f // cmp x4, #0x10
	WORD $0x54000380 // b.eq 88
	WORD $0x9345fca6 // asr x6, x5, #5
	WORD $0x531610a7 // ubfiz w7, w5, #10, #5
	WORD $0x8b060446 // add x6, x2, x6, lsl #1
	WORD $0x1e2700e4 // fmov s4, w7
	WORD $0x8b0300a5 // add x5, x5, x3
	WORD $0xad4004c0 // ldp q0, q1, [x6]
	WORD $0xad410cc2 // ldp q2, q3, [x6, #32]
	WORD $0x3cc020d0 // ldur q16, [x6, #2]
	WORD $0x3cc120d1 // ldur q17, [x6, #18]
	WORD $0x3cc220d2 // ldur q18, [x6, #34]
	WORD $0x3cc320d3 // ldur q19, [x6, #50]
	WORD $0x6e608610 // sub v16.8h, v16.8h, v0.8h
	WORD $0x4f44d210 // sqrdmulh v16.8h, v16.8h, v4.h[0]
	WORD $0x4e708400 // add v0.8h, v0.8h, v16.8h
	WORD $0x6e618631 // sub v17.8h, v17.8h, v1.8h
	WORD $0x4f44d231 // sqrdmulh v17.8h, v17.8h, v4.h[0]
	WORD $0x4e718421 // add v1.8h, v1.8h, v17.8h
	WORD $0x6e628652 // sub v18.8h, v18.8h, v2.8h
	WORD $0x4f44d252 // sqrdmulh v18.8h, v18.8h, v4.h[0]
	WORD $0x4e728442 // add v2.8h, v2.8h, v18.8h
	WORD $0x6e638673 // sub v19.8h, v19.8h, v3.8h
	WORD $0x4f44d273 // sqrdmulh v19.8h, v19.8h, v4.h[0]
	WORD $0x4e738463 // add v3.8h, v3.8h, v19.8h
	WORD $0x4c812400 // st1 {v0.8h-v3.8h}, [x0], x1
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54fffce1 // b.ne 1c
	WORD $0x1400002e // b 13c
	WORD $0x9345fca6 // asr x6, x5, #5
	WORD $0x531610a7 // ubfiz w7, w5, #10, #5
	WORD $0x8b060446 // add x6, x2, x6, lsl #1
	WORD $0x1e2700e4 // fmov s4, w7
	WORD $0x8b0300a5 // add x5, x5, x3
	WORD $0xad4004c0 // ldp q0, q1, [x6]
	WORD $0x3cc020d0 // ldur q16, [x6, #2]
	WORD $0x3cc120d1 // ldur q17, [x6, #18]
	WORD $0x6e608610 // sub v16.8h, v16.8h, v0.8h
	WORD $0x4f44d210 // sqrdmulh v16.8h, v16.8h, v4.h[0]
	WORD $0x4e708400 // add v0.8h, v0.8h, v16.8h
	WORD $0x6e618631 // sub v17.8h, v17.8h, v1.8h
	WORD $0x4f44d231 // sqrdmulh v17.8h, v17.8h, v4.h[0]
	WORD $0x4e718421 // add v1.8h, v1.8h, v17.8h
	WORD $0x4c81a400 // st1 {v0.8h, v1.8h}, [x0], x1
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54fffe01 // b.ne 88
	WORD $0x1400001c // b 13c
	WORD $0x9345fca6 // asr x6, x5, #5
	WORD $0x531610a7 // ubfiz w7, w5, #10, #5
	WORD $0x8b060446 // add x6, x2, x6, lsl #1
	WORD $0x1e2700e4 // fmov s4, w7
	WORD $0x8b0300a5 // add x5, x5, x3
	WORD $0x3dc000c0 // ldr q0, [x6]
	WORD $0x3cc020d0 // ldur q16, [x6, #2]
	WORD $0x6e608610 // sub v16.8h, v16.8h, v0.8h
	WORD $0x4f44d210 // sqrdmulh v16.8h, v16.8h, v4.h[0]
	WORD $0x4e708400 // add v0.8h, v0.8h, v16.8h
	WORD $0x4c817400 // st1 {v0.8h}, [x0], x1
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54fffe81 // b.ne d0
	WORD $0x1400000e // b 13c
	WORD $0x9345fca6 // asr x6, x5, #5
	WORD $0x531610a7 // ubfiz w7, w5, #10, #5
	WORD $0x8b060446 // add x6, x2, x6, lsl #1
	WORD $0x1e2700e4 // fmov s4, w7
	WORD $0x8b0300a5 // add x5, x5, x3
	WORD $0xfd4000c0 // ldr d0, [x6]
	WORD $0xfc4020d0 // ldur d16, [x6, #2]
	WORD $0x6e608610 // sub v16.8h, v16.8h, v0.8h
	WORD $0x4f44d210 // sqrdmulh v16.8h, v16.8h, v4.h[0]
	WORD $0x4e708400 // add v0.8h, v0.8h, v16.8h
	WORD $0x0c817400 // st1 {v0.4h}, [x0], x1
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54fffe81 // b.ne 108
	RET

// func transposeVector(dst *uint16, stride int, from *uint16, size int)
TEXT ·transposeVector(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD from+16(FP), R2
	MOVD size+24(FP), R3
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xf100107f // cmp x3, #0x4
	WORD $0x540006e0 // b.eq e4
	WORD $0xd37ff864 // lsl x4, x3, #1
	WORD $0xaa0303e5 // mov x5, x3
	WORD $0xaa0203e6 // mov x6, x2
	WORD $0xaa0003e7 // mov x7, x0
	WORD $0xaa0303e8 // mov x8, x3
	WORD $0xaa0703e9 // mov x9, x7
	WORD $0x4cc474c0 // ld1 {v0.8h}, [x6], x4
	WORD $0x4cc474c1 // ld1 {v1.8h}, [x6], x4
	WORD $0x4cc474c2 // ld1 {v2.8h}, [x6], x4
	WORD $0x4cc474c3 // ld1 {v3.8h}, [x6], x4
	WORD $0x4cc474c4 // ld1 {v4.8h}, [x6], x4
	WORD $0x4cc474c5 // ld1 {v5.8h}, [x6], x4
	WORD $0x4cc474c6 // ld1 {v6.8h}, [x6], x4
	WORD $0x4cc474c7 // ld1 {v7.8h}, [x6], x4
	WORD $0x4e443810 // zip1 v16.8h, v0.8h, v4.8h
	WORD $0x4e447811 // zip2 v17.8h, v0.8h, v4.8h
	WORD $0x4e453832 // zip1 v18.8h, v1.8h, v5.8h
	WORD $0x4e457833 // zip2 v19.8h, v1.8h, v5.8h
	WORD $0x4e463854 // zip1 v20.8h, v2.8h, v6.8h
	WORD $0x4e467855 // zip2 v21.8h, v2.8h, v6.8h
	WORD $0x4e473876 // zip1 v22.8h, v3.8h, v7.8h
	WORD $0x4e477877 // zip2 v23.8h, v3.8h, v7.8h
	WORD $0x4e543a00 // zip1 v0.8h, v16.8h, v20.8h
	WORD $0x4e547a01 // zip2 v1.8h, v16.8h, v20.8h
	WORD $0x4e553a22 // zip1 v2.8h, v17.8h, v21.8h
	WORD $0x4e557a23 // zip2 v3.8h, v17.8h, v21.8h
	WORD $0x4e563a44 // zip1 v4.8h, v18.8h, v22.8h
	WORD $0x4e567a45 // zip2 v5.8h, v18.8h, v22.8h
	WORD $0x4e573a66 // zip1 v6.8h, v19.8h, v23.8h
	WORD $0x4e577a67 // zip2 v7.8h, v19.8h, v23.8h
	WORD $0x4e443810 // zip1 v16.8h, v0.8h, v4.8h
	WORD $0x4e447811 // zip2 v17.8h, v0.8h, v4.8h
	WORD $0x4e453832 // zip1 v18.8h, v1.8h, v5.8h
	WORD $0x4e457833 // zip2 v19.8h, v1.8h, v5.8h
	WORD $0x4e463854 // zip1 v20.8h, v2.8h, v6.8h
	WORD $0x4e467855 // zip2 v21.8h, v2.8h, v6.8h
	WORD $0x4e473876 // zip1 v22.8h, v3.8h, v7.8h
	WORD $0x4e477877 // zip2 v23.8h, v3.8h, v7.8h
	WORD $0x4c817530 // st1 {v16.8h}, [x9], x1
	WORD $0x4c817531 // st1 {v17.8h}, [x9], x1
	WORD $0x4c817532 // st1 {v18.8h}, [x9], x1
	WORD $0x4c817533 // st1 {v19.8h}, [x9], x1
	WORD $0x4c817534 // st1 {v20.8h}, [x9], x1
	WORD $0x4c817535 // st1 {v21.8h}, [x9], x1
	WORD $0x4c817536 // st1 {v22.8h}, [x9], x1
	WORD $0x4c007537 // st1 {v23.8h}, [x9]
	WORD $0x910040e7 // add x7, x7, #0x10
	WORD $0xf1002108 // subs x8, x8, #0x8
	WORD $0x54fffaa1 // b.ne 20
	WORD $0x91004042 // add x2, x2, #0x10
	WORD $0x8b010c00 // add x0, x0, x1, lsl #3
	WORD $0xf10020a5 // subs x5, x5, #0x8
	WORD $0x54fff9c1 // b.ne 14
	WORD $0x1400000a // b 108
	WORD $0xad400440 // ldp q0, q1, [x2]
	WORD $0x4e413802 // zip1 v2.8h, v0.8h, v1.8h
	WORD $0x4e417803 // zip2 v3.8h, v0.8h, v1.8h
	WORD $0x4e433840 // zip1 v0.8h, v2.8h, v3.8h
	WORD $0x4e437841 // zip2 v1.8h, v2.8h, v3.8h
	WORD $0x0d818400 // st1 {v0.d}[0], [x0], x1
	WORD $0x4d818400 // st1 {v0.d}[1], [x0], x1
	WORD $0x0d818401 // st1 {v1.d}[0], [x0], x1
	WORD $0x4d008401 // st1 {v1.d}[1], [x0]
	RET

// func smoothVector(to, from *uint16, n int)
TEXT ·smoothVector(SB), NOSPLIT, $0-24
	MOVD to+0(FP), R0
	MOVD from+8(FP), R1
	MOVD n+16(FP), R2
	WORD $0x3cc02022 // ldur q2, [x1, #2]
	WORD $0x3cc12023 // ldur q3, [x1, #18]
	WORD $0x3cc04024 // ldur q4, [x1, #4]
	WORD $0x3cc14025 // ldur q5, [x1, #20]
	WORD $0xacc10420 // ldp q0, q1, [x1], #32
	WORD $0x4e628442 // add v2.8h, v2.8h, v2.8h
	WORD $0x4e638463 // add v3.8h, v3.8h, v3.8h
	WORD $0x4e648400 // add v0.8h, v0.8h, v4.8h
	WORD $0x4e658421 // add v1.8h, v1.8h, v5.8h
	WORD $0x4e628400 // add v0.8h, v0.8h, v2.8h
	WORD $0x4e638421 // add v1.8h, v1.8h, v3.8h
	WORD $0x6f1e2400 // urshr v0.8h, v0.8h, #2
	WORD $0x6f1e2421 // urshr v1.8h, v1.8h, #2
	WORD $0x3c802000 // stur q0, [x0, #2]
	WORD $0x3c812001 // stur q1, [x0, #18]
	WORD $0x91008000 // add x0, x0, #0x20
	WORD $0xf1004042 // subs x2, x2, #0x10
	WORD $0x54fffdec // b.gt 0
	RET

// func fillVector(to *uint16, n int, v uint16)
TEXT ·fillVector(SB), NOSPLIT, $0-18
	MOVD  to+0(FP), R0
	MOVD  n+8(FP), R1
	MOVHU v+16(FP), R2
	WORD $0x4e020c40 // dup v0.8h, w2
	WORD $0xac810000 // stp q0, q0, [x0], #32
	WORD $0xf1004021 // subs x1, x1, #0x10
	WORD $0x54ffffcc // b.gt 4
	RET

// func predictDCVector(dst *uint16, stride int, top, left *uint16, log2 int) int
TEXT ·predictDCVector(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD top+16(FP), R2
	MOVD left+24(FP), R3
	MOVD log2+32(FP), R4
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xd2800025 // mov x5, #0x1                    // #1
	WORD $0x9ac420a5 // lsl x5, x5, x4
	WORD $0x4f000402 // movi v2.4s, #0x0
	WORD $0xf10020bf // cmp x5, #0x8
	WORD $0x5400044b // b.lt 9c
	WORD $0x91000842 // add x2, x2, #0x2
	WORD $0x91000863 // add x3, x3, #0x2
	WORD $0xaa0503e6 // mov x6, x5
	WORD $0x3cc10440 // ldr q0, [x2], #16
	WORD $0x3cc10461 // ldr q1, [x3], #16
	WORD $0x6e606802 // uadalp v2.4s, v0.8h
	WORD $0x6e606822 // uadalp v2.4s, v1.8h
	WORD $0xf10020c6 // subs x6, x6, #0x8
	WORD $0x54ffff61 // b.ne 24
	WORD $0x4eb1b842 // addv s2, v2.4s
	WORD $0x1e260049 // fmov w9, s2
	WORD $0x0b050129 // add w9, w9, w5
	WORD $0x11000486 // add w6, w4, #0x1
	WORD $0x1ac62529 // lsr w9, w9, w6
	WORD $0x4e020d20 // dup v0.8h, w9
	WORD $0x4ea01c01 // mov v1.16b, v0.16b
	WORD $0xf10040bf // cmp x5, #0x10
	WORD $0x5400018b // b.lt 8c
	WORD $0x540000e0 // b.eq 7c
	WORD $0x4ea01c02 // mov v2.16b, v0.16b
	WORD $0x4ea01c03 // mov v3.16b, v0.16b
	WORD $0x4c812400 // st1 {v0.8h-v3.8h}, [x0], x1
	WORD $0xf10004a5 // subs x5, x5, #0x1
	WORD $0x54ffffc1 // b.ne 6c
	WORD $0x14000015 // b cc
	WORD $0x4c81a400 // st1 {v0.8h, v1.8h}, [x0], x1
	WORD $0xf10004a5 // subs x5, x5, #0x1
	WORD $0x54ffffc1 // b.ne 7c
	WORD $0x14000011 // b cc
	WORD $0x4c817400 // st1 {v0.8h}, [x0], x1
	WORD $0xf10004a5 // subs x5, x5, #0x1
	WORD $0x54ffffc1 // b.ne 8c
	WORD $0x1400000d // b cc
	WORD $0xfc402040 // ldur d0, [x2, #2]
	WORD $0xfc402061 // ldur d1, [x3, #2]
	WORD $0x2e610000 // uaddl v0.4s, v0.4h, v1.4h
	WORD $0x4eb1b800 // addv s0, v0.4s
	WORD $0x1e260009 // fmov w9, s0
	WORD $0x11001129 // add w9, w9, #0x4
	WORD $0x53037d29 // lsr w9, w9, #3
	WORD $0x0e020d20 // dup v0.4h, w9
	WORD $0x0c817400 // st1 {v0.4h}, [x0], x1
	WORD $0x0c817400 // st1 {v0.4h}, [x0], x1
	WORD $0x0c817400 // st1 {v0.4h}, [x0], x1
	WORD $0x0c007400 // st1 {v0.4h}, [x0]
	MOVD R9, ret+40(FP)
	RET

// Successive numbers, for 32 columns.
DATA columns<>+0(SB)/8, $0x0003000200010000
DATA columns<>+8(SB)/8, $0x0007000600050004
DATA columns<>+16(SB)/8, $0x000b000a00090008
DATA columns<>+24(SB)/8, $0x000f000e000d000c
DATA columns<>+32(SB)/8, $0x0013001200110010
DATA columns<>+40(SB)/8, $0x0017001600150014
DATA columns<>+48(SB)/8, $0x001b001a00190018
DATA columns<>+56(SB)/8, $0x001f001e001d001c
GLOBL columns<>(SB), RODATA|NOPTR, $64

// func predictPlanarVector(dst *uint16, stride int, top, left *uint16, log2 int)
TEXT ·predictPlanarVector(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD top+16(FP), R2
	MOVD left+24(FP), R3
	MOVD log2+32(FP), R4
	MOVD $columns<>(SB), R6
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xd2800025 // mov x5, #0x1                    // #1
	WORD $0x9ac420a5 // lsl x5, x5, x4
	WORD $0x2a2403e7 // mvn w7, w4
	WORD $0x4e020cff // dup v31.8h, w7
	WORD $0x4e020cbb // dup v27.8h, w5
	WORD $0x510004a7 // sub w7, w5, #0x1
	WORD $0x4e020cf8 // dup v24.8h, w7
	WORD $0x91000842 // add x2, x2, #0x2
	WORD $0x91000863 // add x3, x3, #0x2
	WORD $0x8b050448 // add x8, x2, x5, lsl #1
	WORD $0x4d40c519 // ld1r {v25.8h}, [x8]
	WORD $0x8b050468 // add x8, x3, x5, lsl #1
	WORD $0x4d40c51a // ld1r {v26.8h}, [x8]
	WORD $0x3cc104dc // ldr q28, [x6], #16
	WORD $0x3cc1045d // ldr q29, [x2], #16
	WORD $0x6e7c8702 // sub v2.8h, v24.8h, v28.8h
	WORD $0x4e7b8740 // add v0.8h, v26.8h, v27.8h
	WORD $0x4e798400 // add v0.8h, v0.8h, v25.8h
	WORD $0x4e799780 // mla v0.8h, v28.8h, v25.8h
	WORD $0x4e7897a0 // mla v0.8h, v29.8h, v24.8h
	WORD $0x6e7d8741 // sub v1.8h, v26.8h, v29.8h
	WORD $0xf10020bf // cmp x5, #0x8
	WORD $0x540008eb // b.lt 178
	WORD $0x540007a0 // b.eq 154
	WORD $0x3cc104dc // ldr q28, [x6], #16
	WORD $0x3cc1045d // ldr q29, [x2], #16
	WORD $0x6e7c8705 // sub v5.8h, v24.8h, v28.8h
	WORD $0x4e7b8743 // add v3.8h, v26.8h, v27.8h
	WORD $0x4e798463 // add v3.8h, v3.8h, v25.8h
	WORD $0x4e799783 // mla v3.8h, v28.8h, v25.8h
	WORD $0x4e7897a3 // mla v3.8h, v29.8h, v24.8h
	WORD $0x6e7d8744 // sub v4.8h, v26.8h, v29.8h
	WORD $0xf10040bf // cmp x5, #0x10
	WORD $0x540004c0 // b.eq 120
	WORD $0x3cc104dc // ldr q28, [x6], #16
	WORD $0x3cc1045d // ldr q29, [x2], #16
	WORD $0x6e7c8712 // sub v18.8h, v24.8h, v28.8h
	WORD $0x4e7b8750 // add v16.8h, v26.8h, v27.8h
	WORD $0x4e798610 // add v16.8h, v16.8h, v25.8h
	WORD $0x4e799790 // mla v16.8h, v28.8h, v25.8h
	WORD $0x4e7897b0 // mla v16.8h, v29.8h, v24.8h
	WORD $0x6e7d8751 // sub v17.8h, v26.8h, v29.8h
	WORD $0x3cc104dc // ldr q28, [x6], #16
	WORD $0x3cc1045d // ldr q29, [x2], #16
	WORD $0x6e7c8715 // sub v21.8h, v24.8h, v28.8h
	WORD $0x4e7b8753 // add v19.8h, v26.8h, v27.8h
	WORD $0x4e798673 // add v19.8h, v19.8h, v25.8h
	WORD $0x4e799793 // mla v19.8h, v28.8h, v25.8h
	WORD $0x4e7897b3 // mla v19.8h, v29.8h, v24.8h
	WORD $0x6e7d8754 // sub v20.8h, v26.8h, v29.8h
	WORD $0x4ddfc47e // ld1r {v30.8h}, [x3], #2
	WORD $0x4ea01c18 // mov v24.16b, v0.16b
	WORD $0x4e7e9458 // mla v24.8h, v2.8h, v30.8h
	WORD $0x4e618400 // add v0.8h, v0.8h, v1.8h
	WORD $0x6e7f4718 // ushl v24.8h, v24.8h, v31.8h
	WORD $0x4ea31c79 // mov v25.16b, v3.16b
	WORD $0x4e7e94b9 // mla v25.8h, v5.8h, v30.8h
	WORD $0x4e648463 // add v3.8h, v3.8h, v4.8h
	WORD $0x6e7f4739 // ushl v25.8h, v25.8h, v31.8h
	WORD $0x4eb01e1a // mov v26.16b, v16.16b
	WORD $0x4e7e965a // mla v26.8h, v18.8h, v30.8h
	WORD $0x4e718610 // add v16.8h, v16.8h, v17.8h
	WORD $0x6e7f475a // ushl v26.8h, v26.8h, v31.8h
	WORD $0x4eb31e7b // mov v27.16b, v19.16b
	WORD $0x4e7e96bb // mla v27.8h, v21.8h, v30.8h
	WORD $0x4e748673 // add v19.8h, v19.8h, v20.8h
	WORD $0x6e7f477b // ushl v27.8h, v27.8h, v31.8h
	WORD $0x4c812418 // st1 {v24.8h-v27.8h}, [x0], x1
	WORD $0xf10004a5 // subs x5, x5, #0x1
	WORD $0x54fffda1 // b.ne cc
	WORD $0x1400001f // b 198
	WORD $0x4ddfc47e // ld1r {v30.8h}, [x3], #2
	WORD $0x4ea01c18 // mov v24.16b, v0.16b
	WORD $0x4e7e9458 // mla v24.8h, v2.8h, v30.8h
	WORD $0x4e618400 // add v0.8h, v0.8h, v1.8h
	WORD $0x6e7f4718 // ushl v24.8h, v24.8h, v31.8h
	WORD $0x4ea31c79 // mov v25.16b, v3.16b
	WORD $0x4e7e94b9 // mla v25.8h, v5.8h, v30.8h
	WORD $0x4e648463 // add v3.8h, v3.8h, v4.8h
	WORD $0x6e7f4739 // ushl v25.8h, v25.8h, v31.8h
	WORD $0x4c81a418 // st1 {v24.8h, v25.8h}, [x0], x1
	WORD $0xf10004a5 // subs x5, x5, #0x1
	WORD $0x54fffea1 // b.ne 120
	WORD $0x14000012 // b 198
	WORD $0x4ddfc47e // ld1r {v30.8h}, [x3], #2
	WORD $0x4ea01c18 // mov v24.16b, v0.16b
	WORD $0x4e7e9458 // mla v24.8h, v2.8h, v30.8h
	WORD $0x4e618400 // add v0.8h, v0.8h, v1.8h
	WORD $0x6e7f4718 // ushl v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0xf10004a5 // subs x5, x5, #0x1
	WORD $0x54ffff21 // b.ne 154
	WORD $0x14000009 // b 198
	WORD $0x4ddfc47e // ld1r {v30.8h}, [x3], #2
	WORD $0x4ea01c18 // mov v24.16b, v0.16b
	WORD $0x4e7e9458 // mla v24.8h, v2.8h, v30.8h
	WORD $0x4e618400 // add v0.8h, v0.8h, v1.8h
	WORD $0x6e7f4718 // ushl v24.8h, v24.8h, v31.8h
	WORD $0x0c817418 // st1 {v24.4h}, [x0], x1
	WORD $0xf10004a5 // subs x5, x5, #0x1
	WORD $0x54ffff21 // b.ne 178
	RET
