// Code generated from inverse_small_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

//go:build !noasm

#include "textflag.h"

// func addConstantVector(pix *uint16, stride, size, value, depth int)
TEXT ·addConstantVector(SB), NOSPLIT, $0-40
	MOVD pix+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD size+16(FP), R2
	MOVD value+24(FP), R3
	MOVD depth+32(FP), R9
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0x5100512a // sub w10, w9, #0x14
	WORD $0x4e040d5e // dup v30.4s, w10
	WORD $0x5280002a // mov w10, #0x1                    // #1
	WORD $0x1ac9214a // lsl w10, w10, w9
	WORD $0x5100054a // sub w10, w10, #0x1
	WORD $0x4e020d5f // dup v31.8h, w10
	WORD $0x4f00841d // movi v29.8h, #0x0
	WORD $0x4e020c7c // dup v28.8h, w3
	WORD $0xf100205f // cmp x2, #0x8
	WORD $0x5400050b // b.lt c8
	WORD $0x540003e0 // b.eq a8
	WORD $0xf100405f // cmp x2, #0x10
	WORD $0x54000240 // b.eq 7c
	WORD $0x4c402400 // ld1 {v0.8h-v3.8h}, [x0]
	WORD $0x4e7c0c00 // sqadd v0.8h, v0.8h, v28.8h
	WORD $0x4e7d6400 // smax v0.8h, v0.8h, v29.8h
	WORD $0x4e7f6c00 // smin v0.8h, v0.8h, v31.8h
	WORD $0x4e7c0c21 // sqadd v1.8h, v1.8h, v28.8h
	WORD $0x4e7d6421 // smax v1.8h, v1.8h, v29.8h
	WORD $0x4e7f6c21 // smin v1.8h, v1.8h, v31.8h
	WORD $0x4e7c0c42 // sqadd v2.8h, v2.8h, v28.8h
	WORD $0x4e7d6442 // smax v2.8h, v2.8h, v29.8h
	WORD $0x4e7f6c42 // smin v2.8h, v2.8h, v31.8h
	WORD $0x4e7c0c63 // sqadd v3.8h, v3.8h, v28.8h
	WORD $0x4e7d6463 // smax v3.8h, v3.8h, v29.8h
	WORD $0x4e7f6c63 // smin v3.8h, v3.8h, v31.8h
	WORD $0x4c812400 // st1 {v0.8h-v3.8h}, [x0], x1
	WORD $0xf1000442 // subs x2, x2, #0x1
	WORD $0x54fffe21 // b.ne 38
	WORD $0x1400001b // b e4
	WORD $0xad400400 // ldp q0, q1, [x0]
	WORD $0x4e7c0c00 // sqadd v0.8h, v0.8h, v28.8h
	WORD $0x4e7d6400 // smax v0.8h, v0.8h, v29.8h
	WORD $0x4e7f6c00 // smin v0.8h, v0.8h, v31.8h
	WORD $0x4e7c0c21 // sqadd v1.8h, v1.8h, v28.8h
	WORD $0x4e7d6421 // smax v1.8h, v1.8h, v29.8h
	WORD $0x4e7f6c21 // smin v1.8h, v1.8h, v31.8h
	WORD $0x4c81a400 // st1 {v0.8h, v1.8h}, [x0], x1
	WORD $0xf1000442 // subs x2, x2, #0x1
	WORD $0x54fffee1 // b.ne 7c
	WORD $0x14000010 // b e4
	WORD $0x3dc00000 // ldr q0, [x0]
	WORD $0x4e7c0c00 // sqadd v0.8h, v0.8h, v28.8h
	WORD $0x4e7d6400 // smax v0.8h, v0.8h, v29.8h
	WORD $0x4e7f6c00 // smin v0.8h, v0.8h, v31.8h
	WORD $0x4c817400 // st1 {v0.8h}, [x0], x1
	WORD $0xf1000442 // subs x2, x2, #0x1
	WORD $0x54ffff41 // b.ne a8
	WORD $0x14000008 // b e4
	WORD $0xfd400000 // ldr d0, [x0]
	WORD $0x4e7c0c00 // sqadd v0.8h, v0.8h, v28.8h
	WORD $0x4e7d6400 // smax v0.8h, v0.8h, v29.8h
	WORD $0x4e7f6c00 // smin v0.8h, v0.8h, v31.8h
	WORD $0x0c817400 // st1 {v0.4h}, [x0], x1
	WORD $0xf1000442 // subs x2, x2, #0x1
	WORD $0x54ffff41 // b.ne c8
	RET

// func addInverse4Vector(pix *uint16, stride int, coeffs, weights *int16, depth int)
TEXT ·addInverse4Vector(SB), NOSPLIT, $0-40
	MOVD pix+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD coeffs+16(FP), R2
	MOVD weights+24(FP), R3
	MOVD depth+32(FP), R9
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0x5100512a // sub w10, w9, #0x14
	WORD $0x4e040d5e // dup v30.4s, w10
	WORD $0x5280002a // mov w10, #0x1                    // #1
	WORD $0x1ac9214a // lsl w10, w10, w9
	WORD $0x5100054a // sub w10, w10, #0x1
	WORD $0x4e020d5f // dup v31.8h, w10
	WORD $0x4f00841d // movi v29.8h, #0x0
	WORD $0xad401464 // ldp q4, q5, [x3]
	WORD $0xad404450 // ldp q16, q17, [x2]
	WORD $0xad00745d // stp q29, q29, [x2]
	WORD $0x0f44a212 // smull v18.4s, v16.4h, v4.h[0]
	WORD $0x4f442a12 // smlal2 v18.4s, v16.8h, v4.h[4]
	WORD $0x0f452232 // smlal v18.4s, v17.4h, v5.h[0]
	WORD $0x4f452a32 // smlal2 v18.4s, v17.8h, v5.h[4]
	WORD $0x0f54a213 // smull v19.4s, v16.4h, v4.h[1]
	WORD $0x4f542a13 // smlal2 v19.4s, v16.8h, v4.h[5]
	WORD $0x0f552233 // smlal v19.4s, v17.4h, v5.h[1]
	WORD $0x4f552a33 // smlal2 v19.4s, v17.8h, v5.h[5]
	WORD $0x0f64a214 // smull v20.4s, v16.4h, v4.h[2]
	WORD $0x4f642a14 // smlal2 v20.4s, v16.8h, v4.h[6]
	WORD $0x0f652234 // smlal v20.4s, v17.4h, v5.h[2]
	WORD $0x4f652a34 // smlal2 v20.4s, v17.8h, v5.h[6]
	WORD $0x0f74a215 // smull v21.4s, v16.4h, v4.h[3]
	WORD $0x4f742a15 // smlal2 v21.4s, v16.8h, v4.h[7]
	WORD $0x0f752235 // smlal v21.4s, v17.4h, v5.h[3]
	WORD $0x4f752a35 // smlal2 v21.4s, v17.8h, v5.h[7]
	WORD $0x0f199e46 // sqrshrn v6.4h, v18.4s, #7
	WORD $0x4f199e66 // sqrshrn2 v6.8h, v19.4s, #7
	WORD $0x0f199e87 // sqrshrn v7.4h, v20.4s, #7
	WORD $0x4f199ea7 // sqrshrn2 v7.8h, v21.4s, #7
	WORD $0x0f46a092 // smull v18.4s, v4.4h, v6.h[0]
	WORD $0x4f562092 // smlal2 v18.4s, v4.8h, v6.h[1]
	WORD $0x0f6620b2 // smlal v18.4s, v5.4h, v6.h[2]
	WORD $0x4f7620b2 // smlal2 v18.4s, v5.8h, v6.h[3]
	WORD $0x4ebe5652 // srshl v18.4s, v18.4s, v30.4s
	WORD $0x0f46a893 // smull v19.4s, v4.4h, v6.h[4]
	WORD $0x4f562893 // smlal2 v19.4s, v4.8h, v6.h[5]
	WORD $0x0f6628b3 // smlal v19.4s, v5.4h, v6.h[6]
	WORD $0x4f7628b3 // smlal2 v19.4s, v5.8h, v6.h[7]
	WORD $0x4ebe5673 // srshl v19.4s, v19.4s, v30.4s
	WORD $0x0f47a094 // smull v20.4s, v4.4h, v7.h[0]
	WORD $0x4f572094 // smlal2 v20.4s, v4.8h, v7.h[1]
	WORD $0x0f6720b4 // smlal v20.4s, v5.4h, v7.h[2]
	WORD $0x4f7720b4 // smlal2 v20.4s, v5.8h, v7.h[3]
	WORD $0x4ebe5694 // srshl v20.4s, v20.4s, v30.4s
	WORD $0x0f47a895 // smull v21.4s, v4.4h, v7.h[4]
	WORD $0x4f572895 // smlal2 v21.4s, v4.8h, v7.h[5]
	WORD $0x0f6728b5 // smlal v21.4s, v5.4h, v7.h[6]
	WORD $0x4f7728b5 // smlal2 v21.4s, v5.8h, v7.h[7]
	WORD $0x4ebe56b5 // srshl v21.4s, v21.4s, v30.4s
	WORD $0x0e614a52 // sqxtn v18.4h, v18.4s
	WORD $0x4e614a72 // sqxtn2 v18.8h, v19.4s
	WORD $0x0e614a94 // sqxtn v20.4h, v20.4s
	WORD $0x4e614ab4 // sqxtn2 v20.8h, v21.4s
	WORD $0xaa0003e4 // mov x4, x0
	WORD $0x0dc18480 // ld1 {v0.d}[0], [x4], x1
	WORD $0x4dc18480 // ld1 {v0.d}[1], [x4], x1
	WORD $0x0dc18481 // ld1 {v1.d}[0], [x4], x1
	WORD $0x4d408481 // ld1 {v1.d}[1], [x4]
	WORD $0x4e720c00 // sqadd v0.8h, v0.8h, v18.8h
	WORD $0x4e7d6400 // smax v0.8h, v0.8h, v29.8h
	WORD $0x4e7f6c00 // smin v0.8h, v0.8h, v31.8h
	WORD $0x4e740c21 // sqadd v1.8h, v1.8h, v20.8h
	WORD $0x4e7d6421 // smax v1.8h, v1.8h, v29.8h
	WORD $0x4e7f6c21 // smin v1.8h, v1.8h, v31.8h
	WORD $0x0d818400 // st1 {v0.d}[0], [x0], x1
	WORD $0x4d818400 // st1 {v0.d}[1], [x0], x1
	WORD $0x0d818401 // st1 {v1.d}[0], [x0], x1
	WORD $0x4d008401 // st1 {v1.d}[1], [x0]
	RET

// reverseHigh holds the bytes of the four low words in order and of the four high words in reverse.
DATA reverseHigh<>+0(SB)/8, $0x0706050403020100
DATA reverseHigh<>+8(SB)/8, $0x09080b0a0d0c0f0e
GLOBL reverseHigh<>(SB), RODATA|NOPTR, $16

// func addInverse8Vector(pix *uint16, stride int, coeffs, weights *int16, columns, depth int)
TEXT ·addInverse8Vector(SB), NOSPLIT, $0-48
	MOVD pix+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD coeffs+16(FP), R2
	MOVD weights+24(FP), R3
	MOVD columns+32(FP), R4
	MOVD depth+40(FP), R9
	MOVD $reverseHigh<>(SB), R5
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0x5100512a // sub w10, w9, #0x14
	WORD $0x4e040d5e // dup v30.4s, w10
	WORD $0x5280002a // mov w10, #0x1                    // #1
	WORD $0x1ac9214a // lsl w10, w10, w9
	WORD $0x5100054a // sub w10, w10, #0x1
	WORD $0x4e020d5f // dup v31.8h, w10
	WORD $0x4f00841d // movi v29.8h, #0x0
	WORD $0x3dc000bc // ldr q28, [x5]
	WORD $0xad400460 // ldp q0, q1, [x3]
	WORD $0xad410c62 // ldp q2, q3, [x3, #32]
	WORD $0xad404450 // ldp q16, q17, [x2]
	WORD $0xad414c52 // ldp q18, q19, [x2, #32]
	WORD $0xad425454 // ldp q20, q21, [x2, #64]
	WORD $0xad435c56 // ldp q22, q23, [x2, #96]
	WORD $0xad00745d // stp q29, q29, [x2]
	WORD $0xad01745d // stp q29, q29, [x2, #32]
	WORD $0xad02745d // stp q29, q29, [x2, #64]
	WORD $0xad03745d // stp q29, q29, [x2, #96]
	WORD $0xf100109f // cmp x4, #0x4
	WORD $0x5400164c // b.gt 318
	WORD $0x0f40a218 // smull v24.4s, v16.4h, v0.h[0]
	WORD $0x0f40aa39 // smull v25.4s, v17.4h, v0.h[4]
	WORD $0x0f412258 // smlal v24.4s, v18.4h, v1.h[0]
	WORD $0x0f412a79 // smlal v25.4s, v19.4h, v1.h[4]
	WORD $0x0f422298 // smlal v24.4s, v20.4h, v2.h[0]
	WORD $0x0f422ab9 // smlal v25.4s, v21.4h, v2.h[4]
	WORD $0x0f4322d8 // smlal v24.4s, v22.4h, v3.h[0]
	WORD $0x0f432af9 // smlal v25.4s, v23.4h, v3.h[4]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f48 // sqrshrn v8.4h, v26.4s, #7
	WORD $0x0f199f6f // sqrshrn v15.4h, v27.4s, #7
	WORD $0x0f50a218 // smull v24.4s, v16.4h, v0.h[1]
	WORD $0x0f50aa39 // smull v25.4s, v17.4h, v0.h[5]
	WORD $0x0f512258 // smlal v24.4s, v18.4h, v1.h[1]
	WORD $0x0f512a79 // smlal v25.4s, v19.4h, v1.h[5]
	WORD $0x0f522298 // smlal v24.4s, v20.4h, v2.h[1]
	WORD $0x0f522ab9 // smlal v25.4s, v21.4h, v2.h[5]
	WORD $0x0f5322d8 // smlal v24.4s, v22.4h, v3.h[1]
	WORD $0x0f532af9 // smlal v25.4s, v23.4h, v3.h[5]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f49 // sqrshrn v9.4h, v26.4s, #7
	WORD $0x0f199f6e // sqrshrn v14.4h, v27.4s, #7
	WORD $0x0f60a218 // smull v24.4s, v16.4h, v0.h[2]
	WORD $0x0f60aa39 // smull v25.4s, v17.4h, v0.h[6]
	WORD $0x0f612258 // smlal v24.4s, v18.4h, v1.h[2]
	WORD $0x0f612a79 // smlal v25.4s, v19.4h, v1.h[6]
	WORD $0x0f622298 // smlal v24.4s, v20.4h, v2.h[2]
	WORD $0x0f622ab9 // smlal v25.4s, v21.4h, v2.h[6]
	WORD $0x0f6322d8 // smlal v24.4s, v22.4h, v3.h[2]
	WORD $0x0f632af9 // smlal v25.4s, v23.4h, v3.h[6]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f4a // sqrshrn v10.4h, v26.4s, #7
	WORD $0x0f199f6d // sqrshrn v13.4h, v27.4s, #7
	WORD $0x0f70a218 // smull v24.4s, v16.4h, v0.h[3]
	WORD $0x0f70aa39 // smull v25.4s, v17.4h, v0.h[7]
	WORD $0x0f712258 // smlal v24.4s, v18.4h, v1.h[3]
	WORD $0x0f712a79 // smlal v25.4s, v19.4h, v1.h[7]
	WORD $0x0f722298 // smlal v24.4s, v20.4h, v2.h[3]
	WORD $0x0f722ab9 // smlal v25.4s, v21.4h, v2.h[7]
	WORD $0x0f7322d8 // smlal v24.4s, v22.4h, v3.h[3]
	WORD $0x0f732af9 // smlal v25.4s, v23.4h, v3.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f4b // sqrshrn v11.4h, v26.4s, #7
	WORD $0x0f199f6c // sqrshrn v12.4h, v27.4s, #7
	WORD $0x0f48a018 // smull v24.4s, v0.4h, v8.h[0]
	WORD $0x4f58a019 // smull2 v25.4s, v0.8h, v8.h[1]
	WORD $0x0f682038 // smlal v24.4s, v1.4h, v8.h[2]
	WORD $0x4f782039 // smlal2 v25.4s, v1.8h, v8.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f49a018 // smull v24.4s, v0.4h, v9.h[0]
	WORD $0x4f59a019 // smull2 v25.4s, v0.8h, v9.h[1]
	WORD $0x0f692038 // smlal v24.4s, v1.4h, v9.h[2]
	WORD $0x4f792039 // smlal2 v25.4s, v1.8h, v9.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4aa018 // smull v24.4s, v0.4h, v10.h[0]
	WORD $0x4f5aa019 // smull2 v25.4s, v0.8h, v10.h[1]
	WORD $0x0f6a2038 // smlal v24.4s, v1.4h, v10.h[2]
	WORD $0x4f7a2039 // smlal2 v25.4s, v1.8h, v10.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4ba018 // smull v24.4s, v0.4h, v11.h[0]
	WORD $0x4f5ba019 // smull2 v25.4s, v0.8h, v11.h[1]
	WORD $0x0f6b2038 // smlal v24.4s, v1.4h, v11.h[2]
	WORD $0x4f7b2039 // smlal2 v25.4s, v1.8h, v11.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4ca018 // smull v24.4s, v0.4h, v12.h[0]
	WORD $0x4f5ca019 // smull2 v25.4s, v0.8h, v12.h[1]
	WORD $0x0f6c2038 // smlal v24.4s, v1.4h, v12.h[2]
	WORD $0x4f7c2039 // smlal2 v25.4s, v1.8h, v12.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4da018 // smull v24.4s, v0.4h, v13.h[0]
	WORD $0x4f5da019 // smull2 v25.4s, v0.8h, v13.h[1]
	WORD $0x0f6d2038 // smlal v24.4s, v1.4h, v13.h[2]
	WORD $0x4f7d2039 // smlal2 v25.4s, v1.8h, v13.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4ea018 // smull v24.4s, v0.4h, v14.h[0]
	WORD $0x4f5ea019 // smull2 v25.4s, v0.8h, v14.h[1]
	WORD $0x0f6e2038 // smlal v24.4s, v1.4h, v14.h[2]
	WORD $0x4f7e2039 // smlal2 v25.4s, v1.8h, v14.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4fa018 // smull v24.4s, v0.4h, v15.h[0]
	WORD $0x4f5fa019 // smull2 v25.4s, v0.8h, v15.h[1]
	WORD $0x0f6f2038 // smlal v24.4s, v1.4h, v15.h[2]
	WORD $0x4f7f2039 // smlal2 v25.4s, v1.8h, v15.h[3]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x14000101 // b 718
	WORD $0x0f40a218 // smull v24.4s, v16.4h, v0.h[0]
	WORD $0x0f40aa39 // smull v25.4s, v17.4h, v0.h[4]
	WORD $0x0f412258 // smlal v24.4s, v18.4h, v1.h[0]
	WORD $0x0f412a79 // smlal v25.4s, v19.4h, v1.h[4]
	WORD $0x0f422298 // smlal v24.4s, v20.4h, v2.h[0]
	WORD $0x0f422ab9 // smlal v25.4s, v21.4h, v2.h[4]
	WORD $0x0f4322d8 // smlal v24.4s, v22.4h, v3.h[0]
	WORD $0x0f432af9 // smlal v25.4s, v23.4h, v3.h[4]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f48 // sqrshrn v8.4h, v26.4s, #7
	WORD $0x0f199f6f // sqrshrn v15.4h, v27.4s, #7
	WORD $0x4f40a218 // smull2 v24.4s, v16.8h, v0.h[0]
	WORD $0x4f40aa39 // smull2 v25.4s, v17.8h, v0.h[4]
	WORD $0x4f412258 // smlal2 v24.4s, v18.8h, v1.h[0]
	WORD $0x4f412a79 // smlal2 v25.4s, v19.8h, v1.h[4]
	WORD $0x4f422298 // smlal2 v24.4s, v20.8h, v2.h[0]
	WORD $0x4f422ab9 // smlal2 v25.4s, v21.8h, v2.h[4]
	WORD $0x4f4322d8 // smlal2 v24.4s, v22.8h, v3.h[0]
	WORD $0x4f432af9 // smlal2 v25.4s, v23.8h, v3.h[4]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4f199f48 // sqrshrn2 v8.8h, v26.4s, #7
	WORD $0x4f199f6f // sqrshrn2 v15.8h, v27.4s, #7
	WORD $0x0f50a218 // smull v24.4s, v16.4h, v0.h[1]
	WORD $0x0f50aa39 // smull v25.4s, v17.4h, v0.h[5]
	WORD $0x0f512258 // smlal v24.4s, v18.4h, v1.h[1]
	WORD $0x0f512a79 // smlal v25.4s, v19.4h, v1.h[5]
	WORD $0x0f522298 // smlal v24.4s, v20.4h, v2.h[1]
	WORD $0x0f522ab9 // smlal v25.4s, v21.4h, v2.h[5]
	WORD $0x0f5322d8 // smlal v24.4s, v22.4h, v3.h[1]
	WORD $0x0f532af9 // smlal v25.4s, v23.4h, v3.h[5]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f49 // sqrshrn v9.4h, v26.4s, #7
	WORD $0x0f199f6e // sqrshrn v14.4h, v27.4s, #7
	WORD $0x4f50a218 // smull2 v24.4s, v16.8h, v0.h[1]
	WORD $0x4f50aa39 // smull2 v25.4s, v17.8h, v0.h[5]
	WORD $0x4f512258 // smlal2 v24.4s, v18.8h, v1.h[1]
	WORD $0x4f512a79 // smlal2 v25.4s, v19.8h, v1.h[5]
	WORD $0x4f522298 // smlal2 v24.4s, v20.8h, v2.h[1]
	WORD $0x4f522ab9 // smlal2 v25.4s, v21.8h, v2.h[5]
	WORD $0x4f5322d8 // smlal2 v24.4s, v22.8h, v3.h[1]
	WORD $0x4f532af9 // smlal2 v25.4s, v23.8h, v3.h[5]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4f199f49 // sqrshrn2 v9.8h, v26.4s, #7
	WORD $0x4f199f6e // sqrshrn2 v14.8h, v27.4s, #7
	WORD $0x0f60a218 // smull v24.4s, v16.4h, v0.h[2]
	WORD $0x0f60aa39 // smull v25.4s, v17.4h, v0.h[6]
	WORD $0x0f612258 // smlal v24.4s, v18.4h, v1.h[2]
	WORD $0x0f612a79 // smlal v25.4s, v19.4h, v1.h[6]
	WORD $0x0f622298 // smlal v24.4s, v20.4h, v2.h[2]
	WORD $0x0f622ab9 // smlal v25.4s, v21.4h, v2.h[6]
	WORD $0x0f6322d8 // smlal v24.4s, v22.4h, v3.h[2]
	WORD $0x0f632af9 // smlal v25.4s, v23.4h, v3.h[6]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f4a // sqrshrn v10.4h, v26.4s, #7
	WORD $0x0f199f6d // sqrshrn v13.4h, v27.4s, #7
	WORD $0x4f60a218 // smull2 v24.4s, v16.8h, v0.h[2]
	WORD $0x4f60aa39 // smull2 v25.4s, v17.8h, v0.h[6]
	WORD $0x4f612258 // smlal2 v24.4s, v18.8h, v1.h[2]
	WORD $0x4f612a79 // smlal2 v25.4s, v19.8h, v1.h[6]
	WORD $0x4f622298 // smlal2 v24.4s, v20.8h, v2.h[2]
	WORD $0x4f622ab9 // smlal2 v25.4s, v21.8h, v2.h[6]
	WORD $0x4f6322d8 // smlal2 v24.4s, v22.8h, v3.h[2]
	WORD $0x4f632af9 // smlal2 v25.4s, v23.8h, v3.h[6]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4f199f4a // sqrshrn2 v10.8h, v26.4s, #7
	WORD $0x4f199f6d // sqrshrn2 v13.8h, v27.4s, #7
	WORD $0x0f70a218 // smull v24.4s, v16.4h, v0.h[3]
	WORD $0x0f70aa39 // smull v25.4s, v17.4h, v0.h[7]
	WORD $0x0f712258 // smlal v24.4s, v18.4h, v1.h[3]
	WORD $0x0f712a79 // smlal v25.4s, v19.4h, v1.h[7]
	WORD $0x0f722298 // smlal v24.4s, v20.4h, v2.h[3]
	WORD $0x0f722ab9 // smlal v25.4s, v21.4h, v2.h[7]
	WORD $0x0f7322d8 // smlal v24.4s, v22.4h, v3.h[3]
	WORD $0x0f732af9 // smlal v25.4s, v23.4h, v3.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x0f199f4b // sqrshrn v11.4h, v26.4s, #7
	WORD $0x0f199f6c // sqrshrn v12.4h, v27.4s, #7
	WORD $0x4f70a218 // smull2 v24.4s, v16.8h, v0.h[3]
	WORD $0x4f70aa39 // smull2 v25.4s, v17.8h, v0.h[7]
	WORD $0x4f712258 // smlal2 v24.4s, v18.8h, v1.h[3]
	WORD $0x4f712a79 // smlal2 v25.4s, v19.8h, v1.h[7]
	WORD $0x4f722298 // smlal2 v24.4s, v20.8h, v2.h[3]
	WORD $0x4f722ab9 // smlal2 v25.4s, v21.8h, v2.h[7]
	WORD $0x4f7322d8 // smlal2 v24.4s, v22.8h, v3.h[3]
	WORD $0x4f732af9 // smlal2 v25.4s, v23.8h, v3.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4f199f4b // sqrshrn2 v11.8h, v26.4s, #7
	WORD $0x4f199f6c // sqrshrn2 v12.8h, v27.4s, #7
	WORD $0x0f48a018 // smull v24.4s, v0.4h, v8.h[0]
	WORD $0x4f58a019 // smull2 v25.4s, v0.8h, v8.h[1]
	WORD $0x0f682038 // smlal v24.4s, v1.4h, v8.h[2]
	WORD $0x4f782039 // smlal2 v25.4s, v1.8h, v8.h[3]
	WORD $0x0f482858 // smlal v24.4s, v2.4h, v8.h[4]
	WORD $0x4f582859 // smlal2 v25.4s, v2.8h, v8.h[5]
	WORD $0x0f682878 // smlal v24.4s, v3.4h, v8.h[6]
	WORD $0x4f782879 // smlal2 v25.4s, v3.8h, v8.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f49a018 // smull v24.4s, v0.4h, v9.h[0]
	WORD $0x4f59a019 // smull2 v25.4s, v0.8h, v9.h[1]
	WORD $0x0f692038 // smlal v24.4s, v1.4h, v9.h[2]
	WORD $0x4f792039 // smlal2 v25.4s, v1.8h, v9.h[3]
	WORD $0x0f492858 // smlal v24.4s, v2.4h, v9.h[4]
	WORD $0x4f592859 // smlal2 v25.4s, v2.8h, v9.h[5]
	WORD $0x0f692878 // smlal v24.4s, v3.4h, v9.h[6]
	WORD $0x4f792879 // smlal2 v25.4s, v3.8h, v9.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4aa018 // smull v24.4s, v0.4h, v10.h[0]
	WORD $0x4f5aa019 // smull2 v25.4s, v0.8h, v10.h[1]
	WORD $0x0f6a2038 // smlal v24.4s, v1.4h, v10.h[2]
	WORD $0x4f7a2039 // smlal2 v25.4s, v1.8h, v10.h[3]
	WORD $0x0f4a2858 // smlal v24.4s, v2.4h, v10.h[4]
	WORD $0x4f5a2859 // smlal2 v25.4s, v2.8h, v10.h[5]
	WORD $0x0f6a2878 // smlal v24.4s, v3.4h, v10.h[6]
	WORD $0x4f7a2879 // smlal2 v25.4s, v3.8h, v10.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4ba018 // smull v24.4s, v0.4h, v11.h[0]
	WORD $0x4f5ba019 // smull2 v25.4s, v0.8h, v11.h[1]
	WORD $0x0f6b2038 // smlal v24.4s, v1.4h, v11.h[2]
	WORD $0x4f7b2039 // smlal2 v25.4s, v1.8h, v11.h[3]
	WORD $0x0f4b2858 // smlal v24.4s, v2.4h, v11.h[4]
	WORD $0x4f5b2859 // smlal2 v25.4s, v2.8h, v11.h[5]
	WORD $0x0f6b2878 // smlal v24.4s, v3.4h, v11.h[6]
	WORD $0x4f7b2879 // smlal2 v25.4s, v3.8h, v11.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4ca018 // smull v24.4s, v0.4h, v12.h[0]
	WORD $0x4f5ca019 // smull2 v25.4s, v0.8h, v12.h[1]
	WORD $0x0f6c2038 // smlal v24.4s, v1.4h, v12.h[2]
	WORD $0x4f7c2039 // smlal2 v25.4s, v1.8h, v12.h[3]
	WORD $0x0f4c2858 // smlal v24.4s, v2.4h, v12.h[4]
	WORD $0x4f5c2859 // smlal2 v25.4s, v2.8h, v12.h[5]
	WORD $0x0f6c2878 // smlal v24.4s, v3.4h, v12.h[6]
	WORD $0x4f7c2879 // smlal2 v25.4s, v3.8h, v12.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4da018 // smull v24.4s, v0.4h, v13.h[0]
	WORD $0x4f5da019 // smull2 v25.4s, v0.8h, v13.h[1]
	WORD $0x0f6d2038 // smlal v24.4s, v1.4h, v13.h[2]
	WORD $0x4f7d2039 // smlal2 v25.4s, v1.8h, v13.h[3]
	WORD $0x0f4d2858 // smlal v24.4s, v2.4h, v13.h[4]
	WORD $0x4f5d2859 // smlal2 v25.4s, v2.8h, v13.h[5]
	WORD $0x0f6d2878 // smlal v24.4s, v3.4h, v13.h[6]
	WORD $0x4f7d2879 // smlal2 v25.4s, v3.8h, v13.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4ea018 // smull v24.4s, v0.4h, v14.h[0]
	WORD $0x4f5ea019 // smull2 v25.4s, v0.8h, v14.h[1]
	WORD $0x0f6e2038 // smlal v24.4s, v1.4h, v14.h[2]
	WORD $0x4f7e2039 // smlal2 v25.4s, v1.8h, v14.h[3]
	WORD $0x0f4e2858 // smlal v24.4s, v2.4h, v14.h[4]
	WORD $0x4f5e2859 // smlal2 v25.4s, v2.8h, v14.h[5]
	WORD $0x0f6e2878 // smlal v24.4s, v3.4h, v14.h[6]
	WORD $0x4f7e2879 // smlal2 v25.4s, v3.8h, v14.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	WORD $0x0f4fa018 // smull v24.4s, v0.4h, v15.h[0]
	WORD $0x4f5fa019 // smull2 v25.4s, v0.8h, v15.h[1]
	WORD $0x0f6f2038 // smlal v24.4s, v1.4h, v15.h[2]
	WORD $0x4f7f2039 // smlal2 v25.4s, v1.8h, v15.h[3]
	WORD $0x0f4f2858 // smlal v24.4s, v2.4h, v15.h[4]
	WORD $0x4f5f2859 // smlal2 v25.4s, v2.8h, v15.h[5]
	WORD $0x0f6f2878 // smlal v24.4s, v3.4h, v15.h[6]
	WORD $0x4f7f2879 // smlal2 v25.4s, v3.8h, v15.h[7]
	WORD $0x4eb9871a // add v26.4s, v24.4s, v25.4s
	WORD $0x6eb9871b // sub v27.4s, v24.4s, v25.4s
	WORD $0x4ebe575a // srshl v26.4s, v26.4s, v30.4s
	WORD $0x4ebe577b // srshl v27.4s, v27.4s, v30.4s
	WORD $0x0e614b5a // sqxtn v26.4h, v26.4s
	WORD $0x4e614b7a // sqxtn2 v26.8h, v27.4s
	WORD $0x3dc00018 // ldr q24, [x0]
	WORD $0x4e1c035a // tbl v26.16b, {v26.16b}, v28.16b
	WORD $0x4e7a0f18 // sqadd v24.8h, v24.8h, v26.8h
	WORD $0x4e7d6718 // smax v24.8h, v24.8h, v29.8h
	WORD $0x4e7f6f18 // smin v24.8h, v24.8h, v31.8h
	WORD $0x4c817418 // st1 {v24.8h}, [x0], x1
	RET
