// Code generated from filter_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

#include "textflag.h"

// func verticalVector(dst []int16, src []uint8, stride int, weights []int16)
TEXT ·verticalVector(SB), NOSPLIT, $0-80
	MOVD dst_base+0(FP), R0
	MOVD dst_len+8(FP), R1
	MOVD src_base+24(FP), R2
	MOVD stride+48(FP), R3
	MOVD weights_base+56(FP), R4
	MOVD weights_len+64(FP), R5
	WORD $0x52801009 // mov w9, #0x80                   // #128
	WORD $0x4e040d3f // dup v31.4s, w9
	WORD $0x8b03006a // add x10, x3, x3
	WORD $0xf1008021 // subs x1, x1, #0x20
	WORD $0x5400072b // b.lt f4
	WORD $0x4ebf1fe0 // mov v0.16b, v31.16b
	WORD $0x4ebf1fe1 // mov v1.16b, v31.16b
	WORD $0x4ebf1fe2 // mov v2.16b, v31.16b
	WORD $0x4ebf1fe3 // mov v3.16b, v31.16b
	WORD $0x4ebf1ff0 // mov v16.16b, v31.16b
	WORD $0x4ebf1ff1 // mov v17.16b, v31.16b
	WORD $0x4ebf1ff2 // mov v18.16b, v31.16b
	WORD $0x4ebf1ff3 // mov v19.16b, v31.16b
	WORD $0xaa0203e6 // mov x6, x2
	WORD $0x8b030047 // add x7, x2, x3
	WORD $0xaa0403e8 // mov x8, x4
	WORD $0xaa0503e9 // mov x9, x5
	WORD $0xbc404504 // ldr s4, [x8], #4
	WORD $0xad4058d4 // ldp q20, q22, [x6]
	WORD $0x6f08a695 // uxtl2 v21.8h, v20.16b
	WORD $0x2f08a694 // uxtl v20.8h, v20.8b
	WORD $0x6f08a6d7 // uxtl2 v23.8h, v22.16b
	WORD $0x2f08a6d6 // uxtl v22.8h, v22.8b
	WORD $0xad4068f8 // ldp q24, q26, [x7]
	WORD $0x6f08a719 // uxtl2 v25.8h, v24.16b
	WORD $0x2f08a718 // uxtl v24.8h, v24.8b
	WORD $0x6f08a75b // uxtl2 v27.8h, v26.16b
	WORD $0x2f08a75a // uxtl v26.8h, v26.8b
	WORD $0x0f442280 // smlal v0.4s, v20.4h, v4.h[0]
	WORD $0x4f442281 // smlal2 v1.4s, v20.8h, v4.h[0]
	WORD $0x0f4422a2 // smlal v2.4s, v21.4h, v4.h[0]
	WORD $0x4f4422a3 // smlal2 v3.4s, v21.8h, v4.h[0]
	WORD $0x0f4422d0 // smlal v16.4s, v22.4h, v4.h[0]
	WORD $0x4f4422d1 // smlal2 v17.4s, v22.8h, v4.h[0]
	WORD $0x0f4422f2 // smlal v18.4s, v23.4h, v4.h[0]
	WORD $0x4f4422f3 // smlal2 v19.4s, v23.8h, v4.h[0]
	WORD $0x8b0a00c6 // add x6, x6, x10
	WORD $0x8b0a00e7 // add x7, x7, x10
	WORD $0x0f542300 // smlal v0.4s, v24.4h, v4.h[1]
	WORD $0x4f542301 // smlal2 v1.4s, v24.8h, v4.h[1]
	WORD $0x0f542322 // smlal v2.4s, v25.4h, v4.h[1]
	WORD $0x4f542323 // smlal2 v3.4s, v25.8h, v4.h[1]
	WORD $0x0f542350 // smlal v16.4s, v26.4h, v4.h[1]
	WORD $0x4f542351 // smlal2 v17.4s, v26.8h, v4.h[1]
	WORD $0x0f542372 // smlal v18.4s, v27.4h, v4.h[1]
	WORD $0x4f542373 // smlal2 v19.4s, v27.8h, v4.h[1]
	WORD $0xf1000929 // subs x9, x9, #0x2
	WORD $0x54fffc41 // b.ne 44
	WORD $0x0f189400 // sqshrn v0.4h, v0.4s, #8
	WORD $0x0f189442 // sqshrn v2.4h, v2.4s, #8
	WORD $0x4f189420 // sqshrn2 v0.8h, v1.4s, #8
	WORD $0x4f189462 // sqshrn2 v2.8h, v3.4s, #8
	WORD $0xac810800 // stp q0, q2, [x0], #32
	WORD $0x0f189610 // sqshrn v16.4h, v16.4s, #8
	WORD $0x0f189652 // sqshrn v18.4h, v18.4s, #8
	WORD $0x4f189630 // sqshrn2 v16.8h, v17.4s, #8
	WORD $0x4f189672 // sqshrn2 v18.8h, v19.4s, #8
	WORD $0xac814810 // stp q16, q18, [x0], #32
	WORD $0x91008042 // add x2, x2, #0x20
	WORD $0xf1008021 // subs x1, x1, #0x20
	WORD $0x54fff92a // b.ge 14
	WORD $0xb1008021 // adds x1, x1, #0x20
	WORD $0x540003c0 // b.eq 170
	WORD $0x4ebf1fe0 // mov v0.16b, v31.16b
	WORD $0x4ebf1fe1 // mov v1.16b, v31.16b
	WORD $0x4ebf1fe2 // mov v2.16b, v31.16b
	WORD $0x4ebf1fe3 // mov v3.16b, v31.16b
	WORD $0x8b030047 // add x7, x2, x3
	WORD $0xbc404484 // ldr s4, [x4], #4
	WORD $0x3dc00054 // ldr q20, [x2]
	WORD $0x6f08a695 // uxtl2 v21.8h, v20.16b
	WORD $0x2f08a694 // uxtl v20.8h, v20.8b
	WORD $0x3dc000f8 // ldr q24, [x7]
	WORD $0x6f08a719 // uxtl2 v25.8h, v24.16b
	WORD $0x2f08a718 // uxtl v24.8h, v24.8b
	WORD $0x0f442280 // smlal v0.4s, v20.4h, v4.h[0]
	WORD $0x4f442281 // smlal2 v1.4s, v20.8h, v4.h[0]
	WORD $0x0f4422a2 // smlal v2.4s, v21.4h, v4.h[0]
	WORD $0x4f4422a3 // smlal2 v3.4s, v21.8h, v4.h[0]
	WORD $0x8b0a0042 // add x2, x2, x10
	WORD $0x8b0a00e7 // add x7, x7, x10
	WORD $0x0f542300 // smlal v0.4s, v24.4h, v4.h[1]
	WORD $0x4f542301 // smlal2 v1.4s, v24.8h, v4.h[1]
	WORD $0x0f542322 // smlal v2.4s, v25.4h, v4.h[1]
	WORD $0x4f542323 // smlal2 v3.4s, v25.8h, v4.h[1]
	WORD $0xf10008a5 // subs x5, x5, #0x2
	WORD $0x54fffdc1 // b.ne 110
	WORD $0x0f189400 // sqshrn v0.4h, v0.4s, #8
	WORD $0x0f189442 // sqshrn v2.4h, v2.4s, #8
	WORD $0x4f189420 // sqshrn2 v0.8h, v1.4s, #8
	WORD $0x4f189462 // sqshrn2 v2.8h, v3.4s, #8
	WORD $0xac810800 // stp q0, q2, [x0], #32
	RET

// func deepVerticalVector(dst, src []int16, stride int, weights []int16)
TEXT ·deepVerticalVector(SB), NOSPLIT, $0-80
	MOVD dst_base+0(FP), R0
	MOVD dst_len+8(FP), R1
	MOVD src_base+24(FP), R2
	MOVD stride+48(FP), R3
	MOVD weights_base+56(FP), R4
	MOVD weights_len+64(FP), R5
	WORD $0xd37ff863 // lsl x3, x3, #1
	WORD $0x52840009 // mov w9, #0x2000                 // #8192
	WORD $0x4e040d3f // dup v31.4s, w9
	WORD $0x8b03006a // add x10, x3, x3
	WORD $0xf1008021 // subs x1, x1, #0x20
	WORD $0x5400066b // b.lt e0
	WORD $0x4ebf1fe0 // mov v0.16b, v31.16b
	WORD $0x4ebf1fe1 // mov v1.16b, v31.16b
	WORD $0x4ebf1fe2 // mov v2.16b, v31.16b
	WORD $0x4ebf1fe3 // mov v3.16b, v31.16b
	WORD $0x4ebf1ff0 // mov v16.16b, v31.16b
	WORD $0x4ebf1ff1 // mov v17.16b, v31.16b
	WORD $0x4ebf1ff2 // mov v18.16b, v31.16b
	WORD $0x4ebf1ff3 // mov v19.16b, v31.16b
	WORD $0xaa0203e6 // mov x6, x2
	WORD $0x8b030047 // add x7, x2, x3
	WORD $0xaa0403e8 // mov x8, x4
	WORD $0xaa0503e9 // mov x9, x5
	WORD $0xbc404504 // ldr s4, [x8], #4
	WORD $0xad4054d4 // ldp q20, q21, [x6]
	WORD $0xad415cd6 // ldp q22, q23, [x6, #32]
	WORD $0xad4064f8 // ldp q24, q25, [x7]
	WORD $0xad416cfa // ldp q26, q27, [x7, #32]
	WORD $0x0f442280 // smlal v0.4s, v20.4h, v4.h[0]
	WORD $0x4f442281 // smlal2 v1.4s, v20.8h, v4.h[0]
	WORD $0x0f4422a2 // smlal v2.4s, v21.4h, v4.h[0]
	WORD $0x4f4422a3 // smlal2 v3.4s, v21.8h, v4.h[0]
	WORD $0x0f4422d0 // smlal v16.4s, v22.4h, v4.h[0]
	WORD $0x4f4422d1 // smlal2 v17.4s, v22.8h, v4.h[0]
	WORD $0x0f4422f2 // smlal v18.4s, v23.4h, v4.h[0]
	WORD $0x4f4422f3 // smlal2 v19.4s, v23.8h, v4.h[0]
	WORD $0x8b0a00c6 // add x6, x6, x10
	WORD $0x8b0a00e7 // add x7, x7, x10
	WORD $0x0f542300 // smlal v0.4s, v24.4h, v4.h[1]
	WORD $0x4f542301 // smlal2 v1.4s, v24.8h, v4.h[1]
	WORD $0x0f542322 // smlal v2.4s, v25.4h, v4.h[1]
	WORD $0x4f542323 // smlal2 v3.4s, v25.8h, v4.h[1]
	WORD $0x0f542350 // smlal v16.4s, v26.4h, v4.h[1]
	WORD $0x4f542351 // smlal2 v17.4s, v26.8h, v4.h[1]
	WORD $0x0f542372 // smlal v18.4s, v27.4h, v4.h[1]
	WORD $0x4f542373 // smlal2 v19.4s, v27.8h, v4.h[1]
	WORD $0xf1000929 // subs x9, x9, #0x2
	WORD $0x54fffd01 // b.ne 48
	WORD $0x0f129400 // sqshrn v0.4h, v0.4s, #14
	WORD $0x0f129442 // sqshrn v2.4h, v2.4s, #14
	WORD $0x4f129420 // sqshrn2 v0.8h, v1.4s, #14
	WORD $0x4f129462 // sqshrn2 v2.8h, v3.4s, #14
	WORD $0xac810800 // stp q0, q2, [x0], #32
	WORD $0x0f129610 // sqshrn v16.4h, v16.4s, #14
	WORD $0x0f129652 // sqshrn v18.4h, v18.4s, #14
	WORD $0x4f129630 // sqshrn2 v16.8h, v17.4s, #14
	WORD $0x4f129672 // sqshrn2 v18.8h, v19.4s, #14
	WORD $0xac814810 // stp q16, q18, [x0], #32
	WORD $0x91010042 // add x2, x2, #0x40
	WORD $0xf1008021 // subs x1, x1, #0x20
	WORD $0x54fff9ea // b.ge 18
	WORD $0xb1008021 // adds x1, x1, #0x20
	WORD $0x54000340 // b.eq 14c
	WORD $0x4ebf1fe0 // mov v0.16b, v31.16b
	WORD $0x4ebf1fe1 // mov v1.16b, v31.16b
	WORD $0x4ebf1fe2 // mov v2.16b, v31.16b
	WORD $0x4ebf1fe3 // mov v3.16b, v31.16b
	WORD $0x8b030047 // add x7, x2, x3
	WORD $0xbc404484 // ldr s4, [x4], #4
	WORD $0xad405454 // ldp q20, q21, [x2]
	WORD $0xad4064f8 // ldp q24, q25, [x7]
	WORD $0x0f442280 // smlal v0.4s, v20.4h, v4.h[0]
	WORD $0x4f442281 // smlal2 v1.4s, v20.8h, v4.h[0]
	WORD $0x0f4422a2 // smlal v2.4s, v21.4h, v4.h[0]
	WORD $0x4f4422a3 // smlal2 v3.4s, v21.8h, v4.h[0]
	WORD $0x8b0a0042 // add x2, x2, x10
	WORD $0x8b0a00e7 // add x7, x7, x10
	WORD $0x0f542300 // smlal v0.4s, v24.4h, v4.h[1]
	WORD $0x4f542301 // smlal2 v1.4s, v24.8h, v4.h[1]
	WORD $0x0f542322 // smlal v2.4s, v25.4h, v4.h[1]
	WORD $0x4f542323 // smlal2 v3.4s, v25.8h, v4.h[1]
	WORD $0xf10008a5 // subs x5, x5, #0x2
	WORD $0x54fffe41 // b.ne fc
	WORD $0x0f129400 // sqshrn v0.4h, v0.4s, #14
	WORD $0x0f129442 // sqshrn v2.4h, v2.4s, #14
	WORD $0x4f129420 // sqshrn2 v0.8h, v1.4s, #14
	WORD $0x4f129462 // sqshrn2 v2.8h, v3.4s, #14
	WORD $0xac810800 // stp q0, q2, [x0], #32
	RET

// func horizontalVector(dst []uint8, src []int16, starts []int32, weights []int16, taps int)
TEXT ·horizontalVector(SB), NOSPLIT, $0-104
	MOVD dst_base+0(FP), R0
	MOVD dst_len+8(FP), R1
	MOVD src_base+24(FP), R2
	MOVD starts_base+48(FP), R3
	MOVD weights_base+72(FP), R4
	MOVD taps+96(FP), R5
	WORD $0x52a00109 // mov w9, #0x80000                // #524288
	WORD $0x4e040d3f // dup v31.4s, w9
	WORD $0xd37ff8aa // lsl x10, x5, #1
	WORD $0x68c1306b // ldpsw x11, x12, [x3], #8
	WORD $0x68c1386d // ldpsw x13, x14, [x3], #8
	WORD $0x8b0a0086 // add x6, x4, x10
	WORD $0x8b0a00c7 // add x7, x6, x10
	WORD $0x8b0a00e8 // add x8, x7, x10
	WORD $0x8b0b044b // add x11, x2, x11, lsl #1
	WORD $0x8b0c044c // add x12, x2, x12, lsl #1
	WORD $0x8b0d044d // add x13, x2, x13, lsl #1
	WORD $0x8b0e044e // add x14, x2, x14, lsl #1
	WORD $0x4f000400 // movi v0.4s, #0x0
	WORD $0x4f000401 // movi v1.4s, #0x0
	WORD $0x4f000402 // movi v2.4s, #0x0
	WORD $0x4f000403 // movi v3.4s, #0x0
	WORD $0xaa0503e9 // mov x9, x5
	WORD $0x3cc10564 // ldr q4, [x11], #16
	WORD $0x3cc10585 // ldr q5, [x12], #16
	WORD $0x3cc105a6 // ldr q6, [x13], #16
	WORD $0x3cc105c7 // ldr q7, [x14], #16
	WORD $0x3cc10490 // ldr q16, [x4], #16
	WORD $0x3cc104d1 // ldr q17, [x6], #16
	WORD $0x3cc104f2 // ldr q18, [x7], #16
	WORD $0x3cc10513 // ldr q19, [x8], #16
	WORD $0x0e708080 // smlal v0.4s, v4.4h, v16.4h
	WORD $0x0e7180a1 // smlal v1.4s, v5.4h, v17.4h
	WORD $0x0e7280c2 // smlal v2.4s, v6.4h, v18.4h
	WORD $0x0e7380e3 // smlal v3.4s, v7.4h, v19.4h
	WORD $0x4e708080 // smlal2 v0.4s, v4.8h, v16.8h
	WORD $0x4e7180a1 // smlal2 v1.4s, v5.8h, v17.8h
	WORD $0x4e7280c2 // smlal2 v2.4s, v6.8h, v18.8h
	WORD $0x4e7380e3 // smlal2 v3.4s, v7.8h, v19.8h
	WORD $0xf1002129 // subs x9, x9, #0x8
	WORD $0x54fffde1 // b.ne 44
	WORD $0x4ea1bc00 // addp v0.4s, v0.4s, v1.4s
	WORD $0x4ea3bc42 // addp v2.4s, v2.4s, v3.4s
	WORD $0x4ea2bc00 // addp v0.4s, v0.4s, v2.4s
	WORD $0x4ebf8400 // add v0.4s, v0.4s, v31.4s
	WORD $0xaa0803e4 // mov x4, x8
	WORD $0x4f2c0400 // sshr v0.4s, v0.4s, #20
	WORD $0x0e614800 // sqxtn v0.4h, v0.4s
	WORD $0x2e212800 // sqxtun v0.8b, v0.8h
	WORD $0xbc004400 // str s0, [x0], #4
	WORD $0xf1001021 // subs x1, x1, #0x4
	WORD $0x54fffac1 // b.ne c
	RET

// func deepHorizontalVector(dst, src []int16, starts []int32, weights []int16, taps int)
TEXT ·deepHorizontalVector(SB), NOSPLIT, $0-104
	MOVD dst_base+0(FP), R0
	MOVD dst_len+8(FP), R1
	MOVD src_base+24(FP), R2
	MOVD starts_base+48(FP), R3
	MOVD weights_base+72(FP), R4
	MOVD taps+96(FP), R5
	WORD $0x52840009 // mov w9, #0x2000                 // #8192
	WORD $0x4e040d3f // dup v31.4s, w9
	WORD $0xd37ff8aa // lsl x10, x5, #1
	WORD $0x68c1306b // ldpsw x11, x12, [x3], #8
	WORD $0x68c1386d // ldpsw x13, x14, [x3], #8
	WORD $0x8b0a0086 // add x6, x4, x10
	WORD $0x8b0a00c7 // add x7, x6, x10
	WORD $0x8b0a00e8 // add x8, x7, x10
	WORD $0x8b0b044b // add x11, x2, x11, lsl #1
	WORD $0x8b0c044c // add x12, x2, x12, lsl #1
	WORD $0x8b0d044d // add x13, x2, x13, lsl #1
	WORD $0x8b0e044e // add x14, x2, x14, lsl #1
	WORD $0x4f000400 // movi v0.4s, #0x0
	WORD $0x4f000401 // movi v1.4s, #0x0
	WORD $0x4f000402 // movi v2.4s, #0x0
	WORD $0x4f000403 // movi v3.4s, #0x0
	WORD $0xaa0503e9 // mov x9, x5
	WORD $0x3cc10564 // ldr q4, [x11], #16
	WORD $0x3cc10585 // ldr q5, [x12], #16
	WORD $0x3cc105a6 // ldr q6, [x13], #16
	WORD $0x3cc105c7 // ldr q7, [x14], #16
	WORD $0x3cc10490 // ldr q16, [x4], #16
	WORD $0x3cc104d1 // ldr q17, [x6], #16
	WORD $0x3cc104f2 // ldr q18, [x7], #16
	WORD $0x3cc10513 // ldr q19, [x8], #16
	WORD $0x0e708080 // smlal v0.4s, v4.4h, v16.4h
	WORD $0x0e7180a1 // smlal v1.4s, v5.4h, v17.4h
	WORD $0x0e7280c2 // smlal v2.4s, v6.4h, v18.4h
	WORD $0x0e7380e3 // smlal v3.4s, v7.4h, v19.4h
	WORD $0x4e708080 // smlal2 v0.4s, v4.8h, v16.8h
	WORD $0x4e7180a1 // smlal2 v1.4s, v5.8h, v17.8h
	WORD $0x4e7280c2 // smlal2 v2.4s, v6.8h, v18.8h
	WORD $0x4e7380e3 // smlal2 v3.4s, v7.8h, v19.8h
	WORD $0xf1002129 // subs x9, x9, #0x8
	WORD $0x54fffde1 // b.ne 44
	WORD $0x4ea1bc00 // addp v0.4s, v0.4s, v1.4s
	WORD $0x4ea3bc42 // addp v2.4s, v2.4s, v3.4s
	WORD $0x4ea2bc00 // addp v0.4s, v0.4s, v2.4s
	WORD $0x4ebf8400 // add v0.4s, v0.4s, v31.4s
	WORD $0xaa0803e4 // mov x4, x8
	WORD $0x0f129400 // sqshrn v0.4h, v0.4s, #14
	WORD $0xfc008400 // str d0, [x0], #8
	WORD $0xf1001021 // subs x1, x1, #0x4
	WORD $0x54fffb01 // b.ne c
	RET
